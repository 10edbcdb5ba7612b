#include "milter/service.hh"

#include "core/base/file.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace kwit::milter {

namespace {

/// A service manager's ear; gone, and out of the environment, with its scope.
class Manager {
public:
    Manager() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        const std::string path = (dir_.path() / "notify").string();
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot listen on " + path);
        setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }

    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    ~Manager() {
        unsetenv("NOTIFY_SOCKET");
        unsetenv("WATCHDOG_USEC");
        unsetenv("WATCHDOG_PID");
    }

    /// The next thing it was told; empty: nothing.
    std::string heard() {
        std::array<char, 4096> buffer{};
        const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        return size <= 0 ? std::string() : std::string(buffer.data(), static_cast<size_t>(size));
    }

private:
    test::TempDir dir_;
    Fd fd_;
};

} // namespace

TEST_SUITE("milter/service") {
    TEST_CASE("the service manager hears each change, in its words") {
        Manager manager;
        service::ready("listens on unix:/x");
        CHECK(manager.heard() == "READY=1\nSTATUS=listens on unix:/x");
        service::reloading();
        CHECK(manager.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
        service::alive();
        CHECK(manager.heard() == "WATCHDOG=1");
        service::stopping();
        CHECK(manager.heard() == "STOPPING=1\nSTATUS=finishing what is being committed");
    }

    TEST_CASE("a status cannot bring in a line of its own") {
        Manager manager;
        service::ready("a\nSTOPPING=1");
        CHECK(manager.heard().find("\nSTOPPING") == std::string::npos);
    }

    TEST_CASE("the watchdog's time is the manager's, if it is meant for this process") {
        Manager manager;
        CHECK(service::watchdog_time() == std::nullopt);
        setenv("WATCHDOG_USEC", "1500000", 1);
        CHECK(service::watchdog_time() == std::chrono::milliseconds(1500));
        setenv("WATCHDOG_PID", "1", 1);
        CHECK(service::watchdog_time() == std::nullopt);
        setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
        CHECK(service::watchdog_time() == std::chrono::milliseconds(1500));
    }

    TEST_CASE("without a service manager nothing happens") {
        service::ready("nobody hears this");
        service::alive();
        CHECK(service::watchdog_time() == std::nullopt);
    }
}

} // namespace kwit::milter
