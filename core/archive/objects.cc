#include "core/archive/objects.hh"

#include "core/base/sha256.hh"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace kwit {

namespace {

/// The entries of the object's directory and of the one above it. Also when these were there:
/// whoever made them may not have synced their parents yet. Each sync makes the disk write what it
/// holds, so it is done once.
Result<void>
make_durable(const std::filesystem::path& shard, const Digest& digest, Shards& shards) {
    const std::filesystem::path above = shard.parent_path();
    TRY(sync_directory(above));
    if (!shards.is_above_durable(digest)) TRY(sync_directory(above.parent_path()));
    shards.note_durable(digest);
    return {};
}

} // namespace

std::filesystem::path objects_path(const std::filesystem::path& archive) {
    return archive / "objects";
}

std::filesystem::path object_path(const std::filesystem::path& archive, const Digest& digest) {
    const std::string hex = digest.hex();
    return objects_path(archive) / "sha256" / hex.substr(0, 2) / hex.substr(2, 2) / hex;
}

std::filesystem::path object_path(const Archive& archive, const Digest& digest) {
    return object_path(archive.path(), digest);
}

Result<TempFile> temp_file(const Archive& archive) {
    return TempFile::create(objects_path(archive.path()));
}

Result<TempFile> spare_file(const Archive& archive) {
    auto spare = archive.spare_files()->take();
    return spare ? Result<TempFile>(*std::move(spare)) : temp_file(archive);
}

Result<void> publish_object(const Archive& archive, TempFile&& file, const Digest& digest) {
    const std::filesystem::path path = object_path(archive, digest);
    Shards& shards = archive.shards();
    const bool known = shards.is_durable(digest);
    if (!known) TRY(make_directories(path.parent_path(), object_directory_mode, Durable::later));
    const auto published = std::move(file).publish(path, object_mode);
    if (!published) {
        shards.forget(digest); // somebody may have taken its directory away
        return fail(published.error());
    }
    return known ? Result<void>() : make_durable(path.parent_path(), digest, shards);
}

Result<std::optional<std::uint64_t>> object_size(const Archive& archive, const Digest& digest) {
    const std::filesystem::path path = object_path(archive, digest);

    struct stat status {};

    if (::stat(path.c_str(), &status) == 0)
        return std::optional(static_cast<std::uint64_t>(status.st_size));
    if (errno == ENOENT) return std::optional<std::uint64_t>();
    return fail(system_error("look at " + path.string(), errno));
}

Result<bool> has_object(const Archive& archive, const Digest& digest, std::uint64_t size) {
    const auto found = TRY(object_size(archive, digest));
    return found == size;
}

Result<File> open_object(const Archive& archive, const Digest& digest) {
    return File::open(object_path(archive, digest));
}

Result<Digest> read_object(const File& file, const std::function<Result<void>(Bytes)>& step) {
    // Large, as each read is a call: as fast as sha256sum.
    constexpr std::size_t read_size = std::size_t{256} * 1024;
    file.will_be_read();
    Sha256 hash;
    std::vector<std::byte> buffer(std::clamp<std::uint64_t>(file.size(), 1, read_size));
    for (std::uint64_t at = 0;;) {
        const std::size_t size = TRY(file.read_at(at, buffer));
        if (size == 0) return Digest(std::move(hash).finish());
        const Bytes bytes = Bytes(buffer).first(size);
        hash.update(bytes);
        if (step) TRY(step(bytes));
        at += size;
    }
}

Result<void> check_space(const Archive& archive, std::uint64_t min_free, std::uint64_t promised) {
    const std::uint64_t free = TRY(free_bytes(archive.path()));
    if (free >= min_free && free - min_free >= promised) return {};
    const std::string taken =
        promised == 0 ? "" : fmt::format(", {} of them promised to mails under way", promised);
    return fail(
        {Kind::temporary,
         fmt::format(
             "{} bytes are free for archive {}{}; {} are the minimum",
             free,
             archive.path().string(),
             taken,
             min_free
         ),
         "free some space, or lower min_free in the [archive] section of the configuration",
         Cause::storage_full}
    );
}

} // namespace kwit
