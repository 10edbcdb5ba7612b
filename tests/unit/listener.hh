// A unix socket that answers every caller with the same bytes, for tests of who calls.
#pragma once

#include "core/base/file.hh"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kwit::test {

class Listener {
public:
    /// An empty answer: it listens and says nothing.
    Listener(const std::filesystem::path& path, std::string answer)
        : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(fd_.get(), 8) != 0)
            throw std::runtime_error("cannot listen on " + path.string());
        thread_ = std::jthread([this, answer = std::move(answer)](const std::stop_token& stop) {
            while (!stop.stop_requested())
                serve(answer);
        });
    }

    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() = default;

private:
    void serve(const std::string& answer) {
        pollfd wanted{.fd = fd_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&wanted, 1, 20) <= 0) return;
        Fd caller(::accept(fd_.get(), nullptr, nullptr));
        std::array<char, 64> words{};
        if (::recv(caller.get(), words.data(), words.size(), 0) > 0 && !answer.empty())
            (void)::send(caller.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        callers_.push_back(std::move(caller)); // open until the end
    }

    Fd fd_;
    std::vector<Fd> callers_;
    std::jthread thread_;
};

/// What a milter says to the first words of an MTA: SMFIC_OPTNEG, version 6, nothing wanted.
inline std::string milter_hello() {
    return {"\0\0\0\x0dO\0\0\0\x06\0\0\0\0\0\0\0\0", 17};
}

} // namespace kwit::test
