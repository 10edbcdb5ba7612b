#include "core/archive/transfer.hh"

#include "core/archive/objects.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace kwit {

namespace {

/// Each holds a descriptor.
constexpr std::size_t most_copied = 32;

bool is_there(const std::filesystem::path& path) {
    struct stat status {};

    return ::stat(path.c_str(), &status) == 0;
}

/// Reasons for which a second name is not to be had, and a copy is.
bool cannot_be_linked(int errnum) {
    return errnum == EXDEV || errnum == EPERM || errnum == EMLINK || errnum == EOPNOTSUPP ||
           errnum == ENOSYS || errnum == EACCES;
}

} // namespace

Result<bool> has_digest(const std::filesystem::path& path, const Digest& digest) {
    const File file = TRY(File::open(path));
    const Digest found = TRY(read_object(file));
    return found == digest;
}

Result<std::optional<std::uint64_t>> ObjectTarget::size_of(const Digest& digest) const {
    const std::filesystem::path path = object_path(root_, digest);

    struct stat status {};

    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return std::optional<std::uint64_t>();
        return fail(system_error("look at " + path.string(), errno));
    }
    if (!S_ISREG(status.st_mode)) return std::optional<std::uint64_t>();
    return std::optional(static_cast<std::uint64_t>(status.st_size));
}

Result<void> ObjectTarget::make_directory(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), object_directory_mode) == 0 || errno == EEXIST) return {};
    return fail(system_error("make directory " + path.string(), errno));
}

void ObjectTarget::keep(const Digest& digest) {
    // Also of directories that were there: see publish_object().
    const std::filesystem::path shard = object_path(root_, digest).parent_path();
    if (!changed_.insert(shard).second) return;
    changed_.insert(shard.parent_path());
    changed_.insert(shard.parent_path().parent_path());
}

Result<std::filesystem::path> ObjectTarget::place_for(const Digest& digest) {
    std::filesystem::path path = object_path(root_, digest);
    const std::filesystem::path shard = path.parent_path();
    if (!changed_.contains(shard)) {
        TRY(make_directory(shard.parent_path()));
        TRY(make_directory(shard));
    }
    keep(digest);
    return path;
}

Result<Source>
ObjectTarget::copy(const std::filesystem::path& from, const Digest& digest, std::uint64_t size) {
    const auto file = File::open(from);
    if (!file) return is_there(from) ? Source::damaged : Source::missing;
    if (file->size() != size) return Source::damaged;
    const std::filesystem::path path = TRY(place_for(digest));
    StagedFile staged = TRY(StagedFile::create(staging_ / digest.hex()));
    std::optional<Error> unwritten;
    const auto found = read_object(*file, [&](Bytes bytes) -> Result<void> {
        auto written = staged.write(bytes);
        if (!written) unwritten = written.error();
        return written;
    });
    if (unwritten) return fail(*unwritten);
    if (!found || *found != digest) return Source::damaged;
    TRY(add_copy(std::move(staged), path));
    return Source::good;
}

Result<void> ObjectTarget::add_copy(StagedFile staged, const std::filesystem::path& path) {
    // Advice: replace() waits for it all the same.
    ::sync_file_range(staged.descriptor(), 0, 0, SYNC_FILE_RANGE_WRITE);
    copied_.push_back({std::move(staged), path});
    return copied_.size() < most_copied ? Result<void>() : name_copies();
}

Result<void> ObjectTarget::name_copies() {
    for (Copied& copied : copied_)
        TRY(std::move(copied.file).replace(copied.path, object_mode));
    copied_.clear();
    return {};
}

Result<ObjectTarget::Linked>
ObjectTarget::link(const std::filesystem::path& from, const Digest& digest) {
    const std::filesystem::path path = TRY(place_for(digest));
    const std::filesystem::path staged = staging_ / digest.hex();
    if (::link(from.c_str(), staged.c_str()) != 0) {
        if (errno == ENOENT && !is_there(from)) return Linked::source_missing;
        if (cannot_be_linked(errno)) return Linked::impossible;
        return fail(system_error("link " + staged.string(), errno));
    }
    if (::rename(staged.c_str(), path.c_str()) == 0) {
        // Two names of one file: rename() does nothing then, and the staged one stays.
        ::unlink(staged.c_str());
        return Linked::yes;
    }
    const int errnum = errno;
    ::unlink(staged.c_str());
    return fail(system_error("put " + path.string() + " into its place", errnum));
}

Result<void> ObjectTarget::sync() {
    TRY(name_copies());
    changed_.insert(objects_path(root_));
    changed_.insert(root_);
    for (const std::filesystem::path& directory : changed_)
        TRY(sync_directory(directory));
    changed_.clear();
    return {};
}

} // namespace kwit
