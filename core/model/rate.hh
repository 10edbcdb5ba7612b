// How much may come in a time: limits on use, [limits.address], [limits.sender] and
// [limits.client].
#pragma once

#include <cstdint>

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

/// What is counted together.
enum class UsedBy : std::uint8_t { address, sender, client };

} // namespace kwit
