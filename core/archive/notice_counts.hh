// How many notices each recipient was owed on a UTC day, so that what is beyond a number is told
// together. The days before are let go.
#pragma once

#include "core/archive/archive.hh"

#include <cstdint>
#include <string_view>

namespace kwit {

/// One more for that address; how many there are now.
Result<std::uint64_t>
count_notice(const Archive& archive, lmdb::WriteTxn& txn, std::string_view to, Time time);

} // namespace kwit
