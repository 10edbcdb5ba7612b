// restore: an archive made anew from a backup, where there is none. The index comes last: until
// then a milter that runs beside it finds no archive, and answers 451.
//
//   <archive>/restoring/   an archive without objects, whose index is moved to its place at the end
//
// Interrupted it is begun again: what is there already is hashed and stays.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/verify.hh"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace kwit {

/// The backup, or any directory laid out as an archive that nobody writes to. `misuse` when it is
/// none.
Result<std::unique_ptr<Archive>>
open_backup(const std::filesystem::path& directory, const ArchiveSettings& settings);

struct RestoreOptions {
    bool force = false; ///< also when the backup is not whole: what it has
};

struct RestoreReport {
    bool restored = false; ///< false: faults, and no force
    /// Counts of the backup; its faults. Objects that it has and does not name are not looked for.
    VerifyReport backup{};
    std::uint64_t copied = 0;
    std::uint64_t present = 0; ///< of the objects: from a restore that was interrupted
};

/// Copies the backup to settings.path, which has to be missing or empty, with the rights that an
/// archive has; the journal's last entry says so. Every object is hashed on its way. `refused` when
/// there is something else.
Result<RestoreReport> restore_backup(
    const Archive& backup,
    const ArchiveSettings& settings,
    const RestoreOptions& options,
    const By& by,
    const Progress& progress = {}
);

} // namespace kwit
