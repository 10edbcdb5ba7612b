// Objects: files named by the SHA-256 of their bytes, <archive>/objects/sha256/ab/cd/<64 digits>,
// mode 0440. An object is complete and durable before it has a name; it is never changed.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/file.hh"
#include "core/model/digest.hh"

namespace kwit {

std::filesystem::path object_path(const Archive& archive, const Digest& digest);

/// An unnamed file in the objects' file system, ready for publish_object().
Result<TempFile> temp_file(const Archive& archive);

/// Makes the file the object of that digest, which the caller has computed while writing it; all of
/// it is on disk when this returns. An object that is there already is kept and synced again.
Result<void> publish_object(const Archive& archive, TempFile&& file, const Digest& digest);

/// Whether the object is there with that size.
Result<bool> has_object(const Archive& archive, const Digest& digest, std::uint64_t size);

/// The size of the object's file; nothing when there is none.
Result<std::optional<std::uint64_t>> object_size(const Archive& archive, const Digest& digest);

Result<File> open_object(const Archive& archive, const Digest& digest);

/// `temporary` with Cause::storage_full when less than min_free bytes are free beside those that are
/// promised.
Result<void>
check_space(const Archive& archive, std::uint64_t min_free, std::uint64_t promised = 0);

} // namespace kwit
