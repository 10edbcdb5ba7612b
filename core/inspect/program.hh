// Where kwit-inspector is.
#pragma once

#include "core/base/result.hh"

#include <filesystem>

namespace kwit::inspect {

/// configured when it is not empty, else $KWIT_INSPECTOR, else beside the running program or in its
/// build tree, else where it is installed. `temporary` when it is in none of these places.
Result<std::filesystem::path> find_program(const std::filesystem::path& configured);

} // namespace kwit::inspect
