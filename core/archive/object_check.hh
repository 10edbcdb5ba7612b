// The second half of verify(): the files of objects hashed again, and the originals that are made
// from them, by several threads.
#pragma once

#include "core/archive/verify.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <vector>

namespace kwit {

struct ExpectedObject {
    enum class Form { file, recipe };

    Digest digest;
    std::uint64_t size = 0;
    Form form = Form::file; ///< recipe: an original that is made
};

/// Adds to the report's counts and faults, the faults in the order of their digests.
Result<void> check_objects(
    const Archive& archive,
    const std::vector<ExpectedObject>& objects,
    unsigned jobs,
    VerifyReport& report,
    const Progress& progress
);

} // namespace kwit
