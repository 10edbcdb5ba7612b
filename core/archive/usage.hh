// How much came in for each import address, sender and client in the last day, hour by hour: what
// limits on use are held against (core/intake/rates). Counted in the transaction that files the
// mail, so it survives a restart and counts nothing that was not taken; see docs/format.md.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/time.hh"
#include "core/model/rate.hh"

#include <cstdint>
#include <string>
#include <string_view>

namespace kwit {

std::string_view name_of(UsedBy by);

/// Hours of a day, the one that is running among them. What is older is let go.
constexpr std::chrono::hours usage_window{24};

struct Usage {
    std::uint64_t mails = 0;
    std::uint64_t bytes = 0; ///< of the mails as they came

    friend bool operator==(const Usage&, const Usage&) = default;
};

struct RecentUsage {
    Usage hour{}; ///< the one of the clock that is running
    Usage day{};  ///< it and the 23 before it
};

/// One mail more. Takes away what left the window, a little at a time.
Result<void> count_usage(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    UsedBy by,
    std::string_view name,
    Time at,
    std::uint64_t bytes
);

/// `corrupt` for an entry that is none.
Result<RecentUsage> load_usage(const Archive& archive, UsedBy by, std::string_view name, Time now);

/// `corrupt` for an entry of the table that is none.
Result<Usage> decode_usage(const lmdb::Entry& entry);

} // namespace kwit
