// How many descriptors this process may have open.
#pragma once

#include "core/base/result.hh"

namespace kwit {

/// As many as the system lets us have: each mail in hand holds a descriptor for each document in
/// it, and one for itself. The limit that shells give (1024) is for programs with select(2), which
/// we have not.
Result<void> raise_descriptor_limit();

} // namespace kwit
