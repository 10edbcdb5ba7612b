// Objects: files named by the SHA-256 of their bytes, <archive>/objects/sha256/ab/cd/<64 digits>,
// mode 0440. An object is complete and durable before it has a name; it is never changed.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/file.hh"
#include "core/model/digest.hh"

#include <functional>

namespace kwit {

std::filesystem::path object_path(const Archive& archive, const Digest& digest);

/// The same below any directory that is laid out as an archive.
std::filesystem::path object_path(const std::filesystem::path& archive, const Digest& digest);

/// Where the objects are below such a directory.
std::filesystem::path objects_path(const std::filesystem::path& archive);

constexpr mode_t object_mode = 0440;
constexpr mode_t object_directory_mode = 0750;

/// An unnamed file in the objects' file system, ready for publish_object().
Result<TempFile> temp_file(const Archive& archive);

/// The same, perhaps one that was used before (see spare_files.hh).
Result<TempFile> spare_file(const Archive& archive);

/// Makes the file the object of that digest, which the caller has computed while writing it; all of
/// it is on disk when this returns. An object that is there already is kept, synced again, and as
/// young as a new one. A sweep may still take it away until a row names it: so the transaction that
/// names it looks whether it is there (see sweep.hh).
Result<void> publish_object(const Archive& archive, TempFile&& file, const Digest& digest);

/// Whether the object is there with that size.
Result<bool> has_object(const Archive& archive, const Digest& digest, std::uint64_t size);

/// The size of the object's file; nothing when there is none.
Result<std::optional<std::uint64_t>> object_size(const Archive& archive, const Digest& digest);

Result<File> open_object(const Archive& archive, const Digest& digest);

/// `temporary` with Cause::storage_full when less than min_free bytes are free beside those that
/// are promised.
Result<void>
check_space(const Archive& archive, std::uint64_t min_free, std::uint64_t promised = 0);

/// Calls step for the file's bytes from its beginning on; their digest.
Result<Digest> read_object(const File& file, const std::function<Result<void>(Bytes)>& step = {});

} // namespace kwit
