#include "core/intake/client.hh"

#include "core/config/syntax.hh"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace kwit {

namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t head_size = 5; // of every packet: length in four bytes, then the command

/// SMFIC_OPTNEG, version 6, with all actions and steps that Postfix offers.
constexpr std::string_view hello("\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff", 17);

/// SMFIC_QUIT
constexpr std::string_view farewell("\0\0\0\x01Q", 5);

Result<Fd> connected(int family, const sockaddr* address, socklen_t size, const std::string& name) {
    Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // A full backlog must not make us wait for minutes.
    constexpr timeval patience{.tv_sec = 2, .tv_usec = 0};
    if (fd && ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        ::connect(fd.get(), address, size) == 0)
        return fd;
    return fail(system_error("connect to " + name, errno));
}

Result<Fd> connect_unix(const std::string& path, const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are addressed
    const auto* const any = reinterpret_cast<const sockaddr*>(&address);
    // A full backlog must not make us wait: whoever asks wants to know now.
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd && ::connect(fd.get(), any, sizeof address) == 0) return fd;
    return fail(system_error("connect to " + name, errno));
}

Result<Fd> connect_inet(const syntax::Socket& place, const std::string& name) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(place.port);
    const std::string host = place.host == "localhost" ? "127.0.0.1" : place.host;
    if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
        return fail(Kind::temporary, fmt::format("cannot connect to {}: no IPv4 address", name));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are addressed
    const auto* const any = reinterpret_cast<const sockaddr*>(&address);
    return connected(AF_INET, any, sizeof address, name);
}

/// How long an answer is waited for.
struct Patience {
    std::chrono::steady_clock::time_point deadline;
    const std::stop_token& stop;
};

/// Waits until there is something to read.
Result<void> await(const Fd& fd, const Patience& patience) {
    constexpr Milliseconds step(100); // between two looks whether to stop
    while (!patience.stop.stop_requested()) {
        const auto left = std::chrono::duration_cast<Milliseconds>(
            patience.deadline - std::chrono::steady_clock::now()
        );
        if (left.count() <= 0) break;
        pollfd wanted{.fd = fd.get(), .events = POLLIN, .revents = 0};
        const int ready = ::poll(&wanted, 1, static_cast<int>(std::min(left, step).count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return fail(Kind::temporary, std::strerror(errno));
    }
    return fail(Kind::temporary, "no answer in time");
}

/// The next byte that comes in time.
Result<char> next_byte(const Fd& fd, const Patience& patience) {
    TRY(await(fd, patience));
    char byte = 0;
    const ssize_t got = ::recv(fd.get(), &byte, 1, MSG_DONTWAIT);
    if (got == 1) return byte;
    return fail(Kind::temporary, got == 0 ? "it closed the connection" : std::strerror(errno));
}

Result<void> negotiate(const Fd& fd, const Patience& patience) {
    if (::send(fd.get(), hello.data(), hello.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(hello.size()))
        return fail(Kind::temporary, std::strerror(errno));
    std::array<char, head_size> head{};
    for (char& byte : head)
        byte = TRY(next_byte(fd, patience));
    if (head.back() != 'O') return fail(Kind::temporary, "it does not speak the milter protocol");
    // Without this the other side would take the end for an accident.
    (void)::send(fd.get(), farewell.data(), farewell.size(), MSG_NOSIGNAL);
    return {};
}

} // namespace

Result<Fd> connect_to(const std::string& socket) {
    const auto place = syntax::socket(socket);
    if (!place) return fail(Kind::misuse, fmt::format("\"{}\" is no socket", socket));
    return place->host.empty() ? connect_unix(place->path, socket) : connect_inet(*place, socket);
}

Result<void> greet(const std::string& socket, Milliseconds patience, const std::stop_token& stop) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const Fd fd = TRY(connect_to(socket));
    return negotiate(fd, {deadline, stop}).map_error([&](Error&& error) {
        return std::move(error).in(fmt::format("{} is open, but nobody answers", socket));
    });
}

} // namespace kwit
