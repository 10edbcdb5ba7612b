// Packets with descriptors over a unix socket that keeps their borders (SOCK_SEQPACKET). Shared by
// kwit and kwit-inspector; what the packets say is in wire.hh.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::inspect {

struct Ends {
    Fd ours;
    Fd theirs;
};

/// Both are closed on exec.
Result<Ends> make_ends();

struct Packet {
    std::string bytes{};
    std::vector<Fd> descriptors{}; ///< closed on exec
};

inline constexpr std::size_t max_descriptors = 3;

/// Never waits: a peer that does not read is an error. At most max_message bytes.
Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> descriptors = {});

/// The same without descriptors, for who has more to say than a socket holds: waits for the peer.
Result<void> send_packet_waiting(int socket, std::string_view bytes);

/// The next packet, which must be there or be waited for; nothing at the end of file. An empty
/// packet looks the same, which nobody of ours sends. `corrupt` when it is longer than max_message
/// or brings more than max_descriptors.
Result<std::optional<Packet>> receive_packet(int socket);

using Clock = std::chrono::steady_clock;

/// Whether something can be received, or the end, before that time.
Result<bool> wait_for_packet(int socket, Clock::time_point until);

/// Whether the peer is gone, or goes until then; by itself it does not wait.
bool is_closed(int socket, std::chrono::milliseconds wait = {});

} // namespace kwit::inspect
