// Objects and originals on their way out of the archive.
#pragma once

#include "cli/context.hh"
#include "core/archive/archive.hh"
#include "core/base/result.hh"
#include "core/model/digest.hh"

namespace kwit::cli {

/// The bytes of the object, and nothing else, to standard output. They are hashed before, so that
/// nothing comes out of an object that is missing or damaged (`corrupt`). `misuse` when the output
/// is a terminal, which foreign bytes could do anything to.
Result<void> print_object(Context& context, const Archive& archive, const Digest& digest);

/// The same for the original of a receipt, which is an object or is made of some.
Result<void> print_original(Context& context, const Archive& archive, const Digest& original);

} // namespace kwit::cli
