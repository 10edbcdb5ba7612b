#include "core/archive/object_tree.hh"

#include "core/archive/objects.hh"
#include "core/base/file.hh"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace kwit {

namespace {

Time time_of(const timespec& moment) {
    const auto since =
        std::chrono::seconds(moment.tv_sec) + std::chrono::nanoseconds(moment.tv_nsec);
    return Time(std::chrono::floor<Milliseconds>(since));
}

/// The file without its digest; nothing when it is gone by now.
Result<std::optional<ObjectFile>> look_at(const std::filesystem::path& path, bool& is_regular) {
    struct stat status {};

    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return std::optional<ObjectFile>();
        return fail(system_error("look at " + path.string(), errno));
    }
    is_regular = S_ISREG(status.st_mode);
    return std::optional(ObjectFile{
        .path = path,
        .size = static_cast<std::uint64_t>(status.st_size),
        .changed = time_of(status.st_mtim)});
}

/// With its digest when it is a file in the place that its name belongs to.
Result<std::optional<ObjectFile>>
known(const std::filesystem::path& archive, const std::filesystem::path& path) {
    bool is_regular = false;
    auto file = TRY(look_at(path, is_regular));
    const auto digest = Digest::parse(path.filename().string());
    if (file && is_regular && digest && object_path(archive, *digest) == path)
        file->digest = *digest;
    return file;
}

} // namespace

Result<std::optional<ObjectFile>>
look_at_object(const std::filesystem::path& archive, const Digest& digest) {
    bool is_regular = false;
    auto file = TRY(look_at(object_path(archive, digest), is_regular));
    if (file && is_regular) file->digest = digest;
    return file;
}

Result<void> each_object_file(
    const std::filesystem::path& archive, const std::function<Result<void>(const ObjectFile&)>& step
) {
    const std::filesystem::path objects = objects_path(archive);
    std::error_code problem;
    std::filesystem::recursive_directory_iterator files(objects, problem);
    for (; !problem && files != std::filesystem::end(files); files.increment(problem)) {
        std::error_code gone; // it will not be found by look_at() either
        if (files->symlink_status(gone).type() == std::filesystem::file_type::directory) continue;
        const auto file = TRY(known(archive, files->path()));
        if (file) TRY(step(*file));
    }
    if (problem) return fail(system_error("list " + objects.string(), problem.value()));
    return {};
}

} // namespace kwit
