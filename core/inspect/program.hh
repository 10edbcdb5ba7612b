// Where kwit-inspector is.
#pragma once

#include "core/base/result.hh"

#include <cstdint>
#include <filesystem>

namespace kwit::inspect {

/// configured when it is not empty, else $KWIT_INSPECTOR, else beside the running program or in its
/// build tree, else where it is installed. `temporary` when it is in none of these places.
Result<std::filesystem::path> find_program(const std::filesystem::path& configured);

/// A program as it was installed at one time: another file under the same name is another one.
struct Installed {
    std::filesystem::path path{};
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t changed = 0; ///< nanoseconds; all three are 0 when it cannot be looked at

    friend bool operator==(const Installed&, const Installed&) = default;
};

Installed installed_at(const std::filesystem::path& path);

} // namespace kwit::inspect
