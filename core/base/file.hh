// Files: descriptors that close themselves and know their name, temporary files without a name, and
// the one way in which a file becomes part of the archive.
//
// A TempFile is made in the file system where it may end (O_TMPFILE): leaving the scope, or a
// crash, takes it away. publish() syncs it, links it to its name without replacing anything, and
// syncs the directory, so that a name is never seen with bytes that are not on disk.
#pragma once

#include "core/base/bytes.hh"
#include "core/base/result.hh"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace kwit {

/// An open file descriptor; closes itself.
class Fd {
public:
    Fd() = default;

    explicit Fd(int fd) : fd_(fd) {}

    Fd(Fd&& other) noexcept : fd_(other.release()) {}

    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd();

    [[nodiscard]] int get() const { return fd_; }

    explicit operator bool() const { return fd_ >= 0; }

    int release();

private:
    int fd_ = -1;
};

/// "cannot sync /x: No space left on device"; temporary, with a remedy for the usual causes.
Error system_error(const std::string& doing, int errnum);

/// A file that is read at any place; safe to share between threads.
class File {
public:
    static Result<File> open(const std::filesystem::path& path);

    /// Fills the buffer as far as the file goes from offset; the number of bytes read (0 at the
    /// end).
    [[nodiscard]] Result<std::size_t>
    read_at(std::uint64_t offset, std::span<std::byte> buffer) const;

    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// Tells the system that all of it will be read from its beginning on.
    void will_be_read() const;

    /// For libraries that read descriptors themselves; stays ours.
    [[nodiscard]] int descriptor() const { return fd_.get(); }

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    friend class TempFile;

    File(Fd fd, std::string name, std::uint64_t size)
        : fd_(std::move(fd)), name_(std::move(name)), size_(size) {}

    Fd fd_;
    std::string name_; // for messages
    std::uint64_t size_;
};

/// What publishing did: an object that was there already is synced again, not rewritten.
enum class Published { linked, present };

class TempFile {
public:
    /// An empty file without a name in the file system of the directory.
    static Result<TempFile> create(const std::filesystem::path& directory);

    Result<void> write(Bytes bytes);

    /// For another process that writes instead of us; stays ours.
    [[nodiscard]] int descriptor() const { return fd_.get(); }

    /// Counts what another process wrote.
    Result<void> measure();

    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// Throws away what was written. Nobody may have a reader() of it any more.
    Result<void> clear();

    /// A second descriptor on what was written so far, for reading.
    [[nodiscard]] Result<File> reader() const;

    /// sync, chmod, link to path without replacing, sync the directory (it must exist; see
    /// make_directories()). A file of that name is left as it is and synced again, file and
    /// directory: whoever linked it may not have synced it yet. Its time becomes now, so that it
    /// counts as young. Its size must be ours, or the error is `corrupt`.
    Result<Published> publish(const std::filesystem::path& path, mode_t mode) &&;

private:
    TempFile(Fd fd, std::filesystem::path directory)
        : fd_(std::move(fd)), directory_(std::move(directory)) {}

    Fd fd_;
    std::filesystem::path directory_; // for messages
    std::uint64_t size_ = 0;
};

/// A file with a name of its own until it is complete, for file systems that know none without one
/// (NFS, CIFS) and for what replaces a file. Leaving the scope takes it away; a crash does not.
class StagedFile {
public:
    /// An empty file (0600); the name must be free.
    static Result<StagedFile> create(const std::filesystem::path& path);

    StagedFile(StagedFile&& other) noexcept
        : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, {})) {}

    StagedFile& operator=(StagedFile&&) = delete;
    StagedFile(const StagedFile&) = delete;
    StagedFile& operator=(const StagedFile&) = delete;
    ~StagedFile();

    Result<void> write(Bytes bytes);

    /// For libraries that write themselves; stays ours.
    [[nodiscard]] int descriptor() const { return fd_.get(); }

    /// sync, chmod, rename to path, in whose place it is then; the caller syncs the directory.
    Result<void> replace(const std::filesystem::path& path, mode_t mode) &&;

private:
    StagedFile(Fd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}

    Fd fd_;
    std::filesystem::path path_; // empty: nothing is to be taken away
};

/// Whether a directory that is made is made durable at once; else the caller syncs its parent.
enum class Durable { now, later };

/// Makes a directory and its missing parents with the mode; with Durable::now the parent of each
/// one made is synced.
Result<void>
make_directories(const std::filesystem::path& path, mode_t mode, Durable durable = Durable::now);

Result<void> sync_directory(const std::filesystem::path& path);

/// Syncs the directories above the path, up to one that we may not read: that one was not made by
/// us. For who finds a directory that he did not make: whoever made it may have been killed before
/// he synced its parent.
void sync_parents(const std::filesystem::path& path);

/// Bytes free for us in the file system that holds the path.
Result<std::uint64_t> free_bytes(const std::filesystem::path& path);

/// A whole small file; `refused` when it is longer than max.
Result<std::string> read_whole(const std::filesystem::path& path, std::size_t max);

} // namespace kwit
