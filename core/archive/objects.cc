#include "core/archive/objects.hh"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

namespace kwit {

namespace {

constexpr mode_t directory_mode = 0750;
constexpr mode_t object_mode = 0440;

std::filesystem::path objects_path(const Archive& archive) {
    return archive.path() / "objects";
}

} // namespace

std::filesystem::path object_path(const Archive& archive, const Digest& digest) {
    const std::string hex = digest.hex();
    return objects_path(archive) / "sha256" / hex.substr(0, 2) / hex.substr(2, 2) / hex;
}

Result<TempFile> temp_file(const Archive& archive) {
    return TempFile::create(objects_path(archive));
}

Result<void> publish_object(const Archive& archive, TempFile&& file, const Digest& digest) {
    const std::filesystem::path path = object_path(archive, digest);
    const std::filesystem::path shard = path.parent_path();
    TRY(make_directories(shard, directory_mode, Durable::later));
    TRY(std::move(file).publish(path, object_mode));
    // Also when the directories were there: whoever made them may not have synced their parents
    // yet. Syncing one that did not change costs next to nothing.
    TRY(sync_directory(shard.parent_path()));
    return sync_directory(shard.parent_path().parent_path());
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

Result<void> check_space(const Archive& archive, std::uint64_t min_free) {
    const std::uint64_t free = TRY(free_bytes(archive.path()));
    if (free >= min_free) return {};
    return fail(
        {Kind::temporary,
         fmt::format(
             "{} bytes are free for archive {}, {} are the minimum",
             free,
             archive.path().string(),
             min_free
         ),
         "free some space, or lower min_free in the [archive] section of the configuration",
         Cause::storage_full}
    );
}

} // namespace kwit
