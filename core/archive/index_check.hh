// The first half of verify(): every row of the index is read and compared with the rows that refer
// to it, all of one moment; the journal's chain is followed.
#pragma once

#include "core/archive/object_rows.hh"
#include "core/archive/verify.hh"
#include "core/model/digest.hh"

#include <map>

namespace kwit {

/// What the index says of each object.
using ObjectMap = std::map<Digest, ObjectRow>;

/// Adds to the report's counts and faults; the objects whose files are to be looked at.
Result<ObjectMap> check_index(const Archive& archive, VerifyReport& report);

Result<void> check_journal(const Archive& archive, VerifyReport& report);

} // namespace kwit
