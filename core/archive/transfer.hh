// Objects on their way into another tree: into a backup, or out of one into an archive. No file has
// an object's name there before it is complete and on disk.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace kwit {

/// What the source has of an object.
enum class Source {
    good,
    missing,
    damaged, ///< of another size, or (when its bytes were read) another digest
};

class ObjectTarget {
public:
    /// root: laid out as an archive. staging: a directory in the same file system for files that
    /// are not complete; its owner takes away what a crash leaves there.
    ObjectTarget(std::filesystem::path root, std::filesystem::path staging)
        : root_(std::move(root)), staging_(std::move(staging)) {}

    /// The size of what has the object's name; nothing when nothing has, or it is no file.
    [[nodiscard]] Result<std::optional<std::uint64_t>> size_of(const Digest& digest) const;

    /// Reads all of the file and copies it, in the place of whatever is there; it has its name
    /// after sync() at the latest. An error is one of the target.
    Result<Source>
    copy(const std::filesystem::path& from, const Digest& digest, std::uint64_t size);

    enum class Linked { yes, impossible, source_missing };

    /// Gives the file a second name, in the place of whatever is there. impossible: these file
    /// systems or this file cannot; copy it.
    Result<Linked> link(const std::filesystem::path& from, const Digest& digest);

    /// The object is there and stays as it is. Whoever brought it may have been interrupted before
    /// its name was on disk.
    void keep(const Digest& digest);

    /// After it everything is on disk that copy() and link() did or that was kept.
    Result<void> sync();

private:
    /// Copies that are complete and on their way to the disk, without their names: so that the disk
    /// is not waited for after each.
    struct Copied {
        StagedFile file;
        std::filesystem::path path;
    };

    /// One that is complete; it gets its name when there are enough of them.
    Result<void> add_copy(StagedFile staged, const std::filesystem::path& path);

    /// Gives all copies their names.
    Result<void> name_copies();

    /// The path for the object, whose directory is there.
    Result<std::filesystem::path> place_for(const Digest& digest);
    Result<void> make_directory(const std::filesystem::path& path);

    std::filesystem::path root_;
    std::filesystem::path staging_;
    std::set<std::filesystem::path> changed_{}; ///< directories that are to be synced
    std::vector<Copied> copied_{};
};

/// Whether the file has that digest; an error when it cannot be read.
Result<bool> has_digest(const std::filesystem::path& path, const Digest& digest);

} // namespace kwit
