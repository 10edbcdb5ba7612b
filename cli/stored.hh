// Objects on their way out of the archive.
#pragma once

#include "cli/context.hh"
#include "core/archive/archive.hh"
#include "core/base/result.hh"
#include "core/model/digest.hh"

namespace kwit::cli {

/// The bytes of the object, and nothing else, to standard output; hashed on the way, so that what
/// is damaged is `corrupt` at the end. `misuse` when the output is a terminal, which foreign bytes
/// could do anything to.
Result<void> print_object(Context& context, const Archive& archive, const Digest& digest);

} // namespace kwit::cli
