// backup: a second archive in another directory, made beside a running milter and brought up to
// date by each further backup.
//
//   <backup>/kwit-backup      what says that it is one; also its lock
//   <backup>/index/data.mdb   the index of one moment
//   <backup>/objects/         what it names, and what earlier ones named
//   <backup>/new/             of a backup that is being made, or was interrupted
//
// Order is safety. A copy of the index is made and synced aside; the objects that it names are
// linked or copied and synced; only then it takes the place of the one before. Interrupted at any
// point, the backup is the one before, whole. An object that a sweep takes away in between is named
// by no newer index: the copy of the index is made again.
//
// A hard link shares its bytes with the archive: it outlives what removes a file, and not what
// damages its bytes. Objects are copied where links are impossible, or wanted not to be.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/journal.hh"
#include "core/archive/verify.hh"
#include "core/base/file.hh"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace kwit {

struct BackupOptions {
    bool copy = false;  ///< never link; what was linked before is copied now
    bool prune = false; ///< takes away what this backup's index does not name
};

struct BackupReport {
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
    std::uint64_t linked = 0;
    std::uint64_t copied = 0;
    std::uint64_t present = 0; ///< of the objects: there from an earlier backup
    std::uint64_t pruned = 0;
    std::uint64_t pruned_bytes = 0;
    JournalHead head{};          ///< of the index that was copied
    std::vector<Fault> faults{}; ///< objects that the archive has no more, or not as they were: the
                                 ///< backup has all but these
};

/// Brings the backup up to date, or makes a first one in a directory that is missing or empty.
/// `refused` for a directory that is something else, that lies in the archive, or that holds a
/// backup whose journal the archive does not continue: one of another archive.
Result<BackupReport> make_backup(
    const Archive& archive,
    const std::filesystem::path& directory,
    const BackupOptions& options,
    const Progress& progress = {}
);

/// Kept from being written to for as long as it is held; nothing for what was copied by other
/// means.
Result<Fd> hold_backup(const std::filesystem::path& directory);

} // namespace kwit
