#include "core/inspect/channel.hh"

#include "core/inspect/wire.hh"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace kwit::inspect {

namespace {

constexpr std::size_t control_space = CMSG_SPACE(max_descriptors * sizeof(int));

/// Room for what travels beside the bytes.
struct Control {
    alignas(cmsghdr) std::array<char, control_space> space{};
};

template <typename Call>
ssize_t again_if_interrupted(Call call) {
    for (;;) {
        const ssize_t result = call();
        if (result != -1 || errno != EINTR) return result;
    }
}

void put_descriptors(msghdr& header, Control& control, std::span<const int> descriptors) {
    if (descriptors.empty()) return;
    const std::size_t size = descriptors.size_bytes();
    header.msg_control = control.space.data();
    header.msg_controllen = CMSG_SPACE(size);
    cmsghdr* const first = CMSG_FIRSTHDR(&header);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(first), descriptors.data(), size);
}

std::vector<Fd> take_descriptors(msghdr& header) {
    std::vector<Fd> taken;
    for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
        std::array<int, max_descriptors> numbers{};
        const std::size_t size = std::min(one->cmsg_len - CMSG_LEN(0), sizeof numbers);
        std::memcpy(numbers.data(), CMSG_DATA(one), size);
        for (std::size_t i = 0; i < size / sizeof(int); ++i)
            taken.emplace_back(numbers.at(i));
    }
    return taken;
}

Error too_long(std::size_t size) {
    return {
        Kind::corrupt, fmt::format("a message has {} bytes, the limit is {}", size, max_message)};
}

} // namespace

Result<Ends> make_ends() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail(system_error("make a socket", errno));
    return Ends{Fd(ends[0]), Fd(ends[1])};
}

namespace {

Result<void>
send_with(int socket, std::string_view bytes, std::span<const int> descriptors, int flags) {
    if (bytes.size() > max_message) return fail(too_long(bytes.size()));
    std::string writable(bytes); // sendmsg() takes no const
    iovec piece{writable.data(), writable.size()};
    Control control;
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    put_descriptors(header, control, descriptors);
    const ssize_t sent =
        again_if_interrupted([&] { return ::sendmsg(socket, &header, flags | MSG_NOSIGNAL); });
    if (sent < 0) return fail(system_error("send a message", errno));
    return {};
}

} // namespace

Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> descriptors) {
    return send_with(socket, bytes, descriptors, MSG_DONTWAIT);
}

Result<void> send_packet_waiting(int socket, std::string_view bytes) {
    return send_with(socket, bytes, {}, 0);
}

Result<std::optional<Packet>> receive_packet(int socket) {
    Packet packet;
    // Not filled with zeros first: most packets are small, and each page of it costs a zygote a
    // copy.
    const auto space = std::make_unique_for_overwrite<std::array<char, max_message>>();
    iovec piece{space->data(), space->size()};
    Control control;
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.space.data();
    header.msg_controllen = CMSG_LEN(max_descriptors * sizeof(int)); // without the padding behind
    // With MSG_TRUNC the length is that of the whole packet.
    const ssize_t got = again_if_interrupted([&] {
        return ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_TRUNC);
    });
    if (got < 0) return fail(system_error("receive a message", errno));
    packet.descriptors = take_descriptors(header);
    if (got == 0) return std::optional<Packet>();
    if (static_cast<std::size_t>(got) > max_message)
        return fail(too_long(static_cast<std::size_t>(got)));
    if ((header.msg_flags & MSG_CTRUNC) != 0)
        return fail(Kind::corrupt, "a message brings more descriptors than can be");
    packet.bytes.assign(space->data(), static_cast<std::size_t>(got));
    return std::optional(std::move(packet));
}

Result<bool> wait_for_packet(int socket, Clock::time_point until) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        const auto wait = std::clamp<std::int64_t>(left.count(), 0, 60'000);
        pollfd waited{socket, POLLIN, 0};
        const int ready = ::poll(&waited, 1, static_cast<int>(wait));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return fail(system_error("wait for a message", errno));
        if (Clock::now() >= until) return false;
    }
}

bool is_closed(int socket, std::chrono::milliseconds wait) {
    pollfd looked{socket, POLLRDHUP, 0};
    return ::poll(&looked, 1, static_cast<int>(wait.count())) > 0 &&
           (looked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

} // namespace kwit::inspect
