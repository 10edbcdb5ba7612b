// Proves on this machine that the sandbox holds: a child tries what it may not, and has to be
// killed for it. Part of the program, so that what is tested is what runs.
#pragma once

#include "inspector/sandbox.hh"

#include <string_view>

namespace kwit::inspector {

/// Tries the one way out of that name, or all for an empty name; prints a line for each. True when
/// each try was killed; false also for a name that there is not.
bool self_test(const Sandbox& sandbox, std::string_view name);

} // namespace kwit::inspector
