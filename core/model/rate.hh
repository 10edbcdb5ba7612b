// How much may come in, and go out to one recipient, in a time: limits on use ([limits.address],
// [limits.sender], [limits.client]) and the caps of [outbox].
#pragma once

#include <cstdint>
#include <limits>

namespace kwit {

/// 0: no limit. The hour is one of the clock, the day is it and the 23 before it.
struct RateLimit {
    std::uint32_t mails_per_hour = 0;
    std::uint32_t mails_per_day = 0;
    std::uint64_t bytes_per_hour = 0;
    std::uint64_t bytes_per_day = 0;

    friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct RateSettings {
    /// Everybody may know an open address.
    RateLimit address{.mails_per_day = 500, .bytes_per_day = 2ULL << 30};
    RateLimit sender{}; ///< who proved to be the author of the mail
    RateLimit client{}; ///< all of a client's addresses together
};

/// What one recipient is sent in a UTC day. Beyond it notices are told together.
struct NoticeCaps {
    std::uint64_t notices = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t forwards = std::numeric_limits<std::uint64_t>::max();      ///< with the original
    std::uint64_t forward_bytes = std::numeric_limits<std::uint64_t>::max(); ///< of the originals

    friend bool operator==(const NoticeCaps&, const NoticeCaps&) = default;
};

/// What is counted together.
enum class UsedBy : std::uint8_t { address, sender, client };

} // namespace kwit
