#include "core/base/file.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace kwit {

namespace {

constexpr std::string_view remedy_for(int errnum) {
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return "free some space or enlarge the file system";
    case EACCES:
    case EPERM:
        return "give the user that runs kwit the rights to it";
    case ENOENT:
        return "create it, or correct the path";
    case EROFS:
        return "mount the file system for writing";
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files (LimitNOFILE= of the service)";
    case ENOMEM:
        return "free some memory, or give the service more (MemoryMax=)";
    case EIO:
        return "look at the disk: the kernel reported an input/output error";
    default:
        return "";
    }
}

constexpr Cause cause_of(int errnum) {
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return Cause::storage_full;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return Cause::overloaded;
    default:
        return Cause::other;
    }
}

template <typename Call>
auto again_if_interrupted(Call call) {
    for (;;) {
        const auto result = call();
        if (result != -1 || errno != EINTR) return result;
    }
}

Result<void> sync_fd(int fd, const std::string& name) {
    // After a failed fsync the kernel may have dropped the pages: trying again would prove nothing.
    if (::fsync(fd) != 0) return fail(system_error("sync " + name, errno));
    return {};
}

std::string path_of_fd(int fd) {
    return fmt::format("/proc/self/fd/{}", fd);
}

Result<void> write_all(int fd, Bytes bytes, const std::string& doing) {
    while (!bytes.empty()) {
        const ssize_t wrote =
            again_if_interrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
        if (wrote < 0) return fail(system_error(doing, errno));
        bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return {};
}

enum class Present { yes, removed };

/// Syncs a file that has our name already. Its time becomes now, so that a sweep leaves it alone;
/// `removed` when a sweep was quicker.
Result<Present> sync_present(const std::filesystem::path& path, std::uint64_t expected) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) return Present::removed;
    if (!fd) return fail(system_error("open " + path.string(), errno));
    if (::futimens(fd.get(), nullptr) != 0)
        return fail(system_error("set the time of " + path.string(), errno));

    struct stat status {};

    if (::fstat(fd.get(), &status) != 0)
        return fail(system_error("look at " + path.string(), errno));
    if (static_cast<std::uint64_t>(status.st_size) != expected)
        return fail(
            Kind::corrupt,
            fmt::format(
                "{} has {} bytes, {} are expected", path.string(), status.st_size, expected
            ),
            "run kwit verify and restore the damaged file from a backup"
        );
    TRY(sync_fd(fd.get(), path.string()));

    struct stat named {};

    // Not by its number of names: a backup may have given it one more.
    const bool there = ::lstat(path.c_str(), &named) == 0 && named.st_ino == status.st_ino &&
                       named.st_dev == status.st_dev;
    return there ? Present::yes : Present::removed;
}

/// Gives the file behind the descriptor its name, unless a file has it.
Result<Published> link_or_find(int fd, const std::filesystem::path& path, std::uint64_t size) {
    // A sweep may take a file away that is there but that nobody names, again and again.
    constexpr int attempts = 8;
    const std::string source = path_of_fd(fd);
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0)
            return Published::linked;
        if (errno != EEXIST) return fail(system_error("link " + path.string(), errno));
        const Present present = TRY(sync_present(path, size));
        if (present == Present::yes) return Published::present;
    }
    return fail(Kind::temporary, "cannot link " + path.string() + ": it comes and goes");
}

} // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = other.release();
    }
    return *this;
}

Fd::~Fd() {
    if (fd_ >= 0) ::close(fd_);
}

int Fd::release() {
    return std::exchange(fd_, -1);
}

Error system_error(const std::string& doing, int errnum) {
    return {
        Kind::temporary,
        fmt::format("cannot {}: {}", doing, std::generic_category().message(errnum)),
        std::string(remedy_for(errnum)),
        cause_of(errnum)};
}

Result<File> File::open(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail(system_error("open " + path.string(), errno));

    struct stat status {};

    if (::fstat(fd.get(), &status) != 0)
        return fail(system_error("look at " + path.string(), errno));
    if (!S_ISREG(status.st_mode))
        return fail(Kind::refused, "cannot read " + path.string() + ": not a regular file");
    return File(std::move(fd), path.string(), static_cast<std::uint64_t>(status.st_size));
}

void File::will_be_read() const {
    // Advice: whether it is taken makes a difference in speed alone.
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

Result<std::size_t> File::read_at(std::uint64_t offset, std::span<std::byte> buffer) const {
    std::size_t have = 0;
    while (have < buffer.size()) {
        const ssize_t got = again_if_interrupted([&] {
            return ::pread(
                fd_.get(),
                buffer.data() + have,
                buffer.size() - have,
                static_cast<off_t>(offset + have)
            );
        });
        if (got < 0) return fail(system_error("read " + name_, errno));
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

Result<TempFile> TempFile::create(const std::filesystem::path& directory) {
    Fd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd) return fail(system_error("make a temporary file in " + directory.string(), errno));
    return TempFile(std::move(fd), directory);
}

Result<void> TempFile::write(Bytes bytes) {
    TRY(write_all(fd_.get(), bytes, "write a temporary file in " + directory_.string()));
    size_ += bytes.size();
    return {};
}

Result<void> TempFile::measure() {
    struct stat status {};

    if (::fstat(fd_.get(), &status) != 0)
        return fail(system_error("look at a temporary file in " + directory_.string(), errno));
    size_ = static_cast<std::uint64_t>(status.st_size);
    return {};
}

Result<void> TempFile::clear() {
    if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0)
        return fail(system_error("empty a temporary file in " + directory_.string(), errno));
    size_ = 0;
    return {};
}

Result<File> TempFile::reader() const {
    // Reopened, not duplicated: a duplicate would share the place where we write.
    Fd fd(::open(path_of_fd(fd_.get()).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail(system_error("reopen a temporary file in " + directory_.string(), errno));
    return File(std::move(fd), "a temporary file in " + directory_.string(), size_);
}

Result<Published> TempFile::publish(const std::filesystem::path& path, mode_t mode) && {
    const Fd fd = std::move(fd_);
    const std::string name = path.string();
    if (::fchmod(fd.get(), mode) != 0) return fail(system_error("set the mode of " + name, errno));
    TRY(sync_fd(fd.get(), name));
    const Published published = TRY(link_or_find(fd.get(), path, size_));
    TRY(sync_directory(path.parent_path()));
    return published;
}

Result<StagedFile> StagedFile::create(const std::filesystem::path& path) {
    constexpr mode_t mode = 0600;
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd) return fail(system_error("make " + path.string(), errno));
    return StagedFile(std::move(fd), path);
}

StagedFile::~StagedFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> StagedFile::write(Bytes bytes) {
    return write_all(fd_.get(), bytes, "write " + path_.string());
}

Result<void> StagedFile::replace(const std::filesystem::path& path, mode_t mode) && {
    const std::string name = path.string();
    if (::fchmod(fd_.get(), mode) != 0) return fail(system_error("set the mode of " + name, errno));
    TRY(sync_fd(fd_.get(), name));
    if (::rename(path_.c_str(), path.c_str()) != 0)
        return fail(system_error("put " + name + " into its place", errno));
    path_.clear();
    return {};
}

Result<void> make_directories(const std::filesystem::path& path, mode_t mode, Durable durable) {
    struct stat status {};

    if (::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return {};
        return fail(Kind::misuse, path.string() + " is in the way: a directory is expected there");
    }
    const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
    if (parent != path) TRY(make_directories(parent, mode, durable));
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        return fail(system_error("make directory " + path.string(), errno));
    if (durable == Durable::later) return {};
    // Also when another thread made it first: it may not have synced the parent yet.
    return sync_directory(parent);
}

Result<void> sync_directory(const std::filesystem::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail(system_error("open directory " + path.string(), errno));
    return sync_fd(fd.get(), "directory " + path.string());
}

void sync_parents(const std::filesystem::path& path) {
    for (auto above = std::filesystem::absolute(path); above.has_relative_path();) {
        above = above.parent_path();
        if (!sync_directory(above)) return;
    }
}

Result<std::uint64_t> free_bytes(const std::filesystem::path& path) {
    struct statvfs status {};

    if (::statvfs(path.c_str(), &status) != 0)
        return fail(system_error("look at the file system of " + path.string(), errno));
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<std::string> read_whole(const std::filesystem::path& path, std::size_t max) {
    const File file = TRY(File::open(path));
    if (file.size() > max)
        return fail(
            Kind::refused,
            fmt::format("{} has {} bytes, the limit is {}", path.string(), file.size(), max)
        );
    std::string text(file.size(), '\0');
    text.resize(TRY(file.read_at(0, std::as_writable_bytes(std::span(text)))));
    return text;
}

} // namespace kwit
