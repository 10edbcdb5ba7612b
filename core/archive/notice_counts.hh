// How many notices each recipient was sent one by one on a UTC day, so that what is beyond the caps
// is told together. The days before are let go.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/rate.hh"

#include <cstdint>
#include <string_view>

namespace kwit {

struct NoticeCounts {
    std::uint64_t notices = 0;
    std::uint64_t forwards = 0;      ///< of them: with the original
    std::uint64_t forward_bytes = 0; ///< of the originals

    friend bool operator==(const NoticeCounts&, const NoticeCounts&) = default;
};

/// Counts so many more for that address when they stay within the caps; whether they do. What is
/// held counts for nothing: a small forward may still go after a large one that did not.
Result<bool> count_notice(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    std::string_view to,
    Time time,
    const NoticeCounts& more,
    const NoticeCaps& caps
);

/// `corrupt` for the value of a row that is none.
Result<NoticeCounts> decode_notice_counts(std::string_view bytes);

} // namespace kwit
