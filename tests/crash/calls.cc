// Each call has two names here, open() and open64(): with this they would be one and the same.
#undef _FILE_OFFSET_BITS

#include "tests/crash/calls.hh"

#include "tests/crash/watching.hh"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <stdexcept>

struct MDB_txn;

namespace kwit::crash {

namespace {

constexpr std::size_t max_descriptors = 4096;

// As in watching.hh: no constructor.
constinit std::array<std::atomic<bool>, max_descriptors> is_durable{};

/// A call of the system that is counted where the target is ours. write_down: what it did.
template <typename Call, typename WriteDown>
long counted_call(
    const char* call_name, const std::string& target, Call call, WriteDown write_down
) {
    const std::string name = with_place(call_name);
    const std::size_t number = begins(name, target);
    const long result = call();
    const KeepErrno keep;
    if (result >= 0 && watching != nullptr) write_down();
    ends(number, name, target);
    return result;
}

std::string path_of(int fd) {
    std::array<char, 4096> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const long size = ::syscall(SYS_readlink, link.c_str(), path.data(), path.size());
    return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

/// What was made or linked has this name now.
void named(std::uint64_t inode, const Place& place) {
    enter(inode, place);
    append(
        watching->record,
        {.what = Event::What::entry, .inode = place.directory, .other = inode, .name = place.name}
    );
}

// ── opening ──────────────────────────────────────────────────────────────────────────────────────

void opened(int fd, int dir, const char* path, int flags, bool existed) {
    const KeepErrno keep;
    const auto inode = inode_of(fd);
    if (!inode) return;
    if ((flags & O_TMPFILE) == O_TMPFILE) {
        const auto above = inode_of(dir, path, 0);
        if (!above || !knows(*above)) return;
        watching->known[*inode] = watching->known[*above] + "/(new)";
        append(watching->record, {.what = Event::What::file, .inode = *inode});
        return;
    }
    const Place place = place_of(dir, path);
    if (!existed && knows(place.directory)) {
        append(watching->record, {.what = Event::What::file, .inode = *inode});
        named(*inode, place);
    } else if ((flags & O_TRUNC) != 0 && knows(*inode)) {
        append(watching->record, {.what = Event::What::cut, .inode = *inode, .offset = 0});
    }
}

bool makes_file(int flags) {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

mode_t mode_in(va_list rest, int flags) {
    return makes_file(flags) ? va_arg(rest, mode_t) : 0;
}

int open_at(int dir, const char* path, int flags, mode_t mode) {
    if (watching == nullptr) return static_cast<int>(::syscall(SYS_openat, dir, path, flags, mode));
    const std::lock_guard lock(watching->mutex);
    const bool existed = inode_of(dir, path, 0).has_value();
    // Nothing waits for the disk here: what is durable is written down, not done.
    const int fd = static_cast<int>(::syscall(SYS_openat, dir, path, flags & ~O_DSYNC, mode));
    if (fd < 0) return fd;
    if (static_cast<std::size_t>(fd) < max_descriptors)
        is_durable[static_cast<std::size_t>(fd)] = (flags & O_DSYNC) != 0;
    if (makes_file(flags) || (flags & O_TRUNC) != 0) opened(fd, dir, path, flags, existed);
    return fd;
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────

/// Where the next byte goes.
std::uint64_t offset_of(int fd) {
    const long flags = ::syscall(SYS_fcntl, fd, F_GETFL, 0);
    return static_cast<std::uint64_t>(
        ::syscall(SYS_lseek, fd, 0, (flags & O_APPEND) != 0 ? SEEK_END : SEEK_CUR)
    );
}

std::string bytes_of(const iovec* parts, int count, std::size_t size) {
    std::string bytes;
    for (int i = 0; i < count && bytes.size() < size; ++i)
        bytes.append(
            static_cast<const char*>(parts[i].iov_base),
            std::min(parts[i].iov_len, size - bytes.size())
        );
    return bytes;
}

/// A write at a place, or at the descriptor's own.
ssize_t write_at(int fd, const iovec* parts, int count, std::optional<off_t> where) {
    const auto act = [&] {
        return where ? ::syscall(SYS_pwritev, fd, parts, count, *where, 0)
                     : ::syscall(SYS_writev, fd, parts, count);
    };
    if (watching == nullptr) return act();
    const auto inode = inode_of(fd);
    const std::lock_guard lock(watching->mutex);
    if (!inode || !knows(*inode)) return act();
    const bool durable =
        static_cast<std::size_t>(fd) < max_descriptors && is_durable[static_cast<std::size_t>(fd)];
    const std::string target = called(*inode);
    const std::string name = with_place("dsync-write");
    const std::size_t number = durable ? begins(name, target) : 0;
    Event event{
        .what = Event::What::write,
        .inode = *inode,
        .offset = where ? static_cast<std::uint64_t>(*where) : offset_of(fd),
        .durable = durable,
        .text = durable ? name + " " + target : std::string()};
    const ssize_t wrote = act();
    const KeepErrno keep;
    if (wrote > 0) {
        event.bytes = bytes_of(parts, count, static_cast<std::size_t>(wrote));
        if (durable && watching->stop && watching->stop->call == number &&
            watching->stop->side == Side::half)
            event.durable = false;
        append(watching->record, event);
    }
    if (durable) {
        is_at(number, Side::half);
        ends(number, name, target);
    }
    return wrote;
}

/// What a call wrote from one file to another.
template <typename Call>
ssize_t copied(int to, off_t* where, Call call) {
    if (watching == nullptr) return call();
    const std::lock_guard lock(watching->mutex);
    const auto inode = inode_of(to);
    const std::uint64_t at = where != nullptr ? static_cast<std::uint64_t>(*where) : offset_of(to);
    const ssize_t size = call();
    const KeepErrno keep;
    if (size <= 0 || !inode || !knows(*inode)) return size;
    Event event{.what = Event::What::write, .inode = *inode, .offset = at};
    event.bytes.resize(static_cast<std::size_t>(size));
    const std::string path = "/proc/self/fd/" + std::to_string(to);
    const long reader = ::syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC, 0);
    ::syscall(SYS_pread64, reader, event.bytes.data(), event.bytes.size(), at);
    ::syscall(SYS_close, reader);
    append(watching->record, event);
    return size;
}

int truncated(std::uint64_t inode, off_t size, long result) {
    const KeepErrno keep;
    if (result == 0 && watching != nullptr && knows(inode))
        append(
            watching->record,
            {.what = Event::What::cut, .inode = inode, .offset = static_cast<std::uint64_t>(size)}
        );
    return static_cast<int>(result);
}

// ── syncing and naming ───────────────────────────────────────────────────────────────────────────

int sync(const char* name, long number, int fd) {
    const auto act = [&] { return skipping ? 0L : ::syscall(number, fd); };
    if (watching == nullptr) {
        if (looking == nullptr) return static_cast<int>(act());
        return static_cast<int>(counted_call(name, path_of(fd), act, [] {}));
    }
    const auto inode = inode_of(fd);
    const std::lock_guard lock(watching->mutex);
    if (!inode || !knows(*inode)) return static_cast<int>(act());
    const std::string target = called(*inode);
    return static_cast<int>(counted_call(name, target, act, [&] {
        append(
            watching->record,
            {.what = Event::What::sync, .inode = *inode, .text = with_place(name) + " " + target}
        );
    }));
}

/// A call that changes names. change: writes down what it did.
template <typename Call, typename Change>
int names(const char* name, int dir, const char* path, Call act, Change change) {
    if (watching == nullptr) {
        if (looking == nullptr) return static_cast<int>(act());
        return static_cast<int>(counted_call(name, path, act, [] {}));
    }
    const std::lock_guard lock(watching->mutex);
    const Place place = place_of(dir, path);
    if (!knows(place.directory)) return static_cast<int>(act());
    return static_cast<int>(counted_call(name, called(place), act, [&] { change(place); }));
}

int link_at(int from, const char* old, int to, const char* path, int flags) {
    return names(
        "link",
        to,
        path,
        [&] { return ::syscall(SYS_linkat, from, old, to, path, flags); },
        [&](const Place& place) {
            const auto inode = inode_of(to, path, AT_SYMLINK_NOFOLLOW);
            if (!inode) return;
            if (!knows(*inode)) throw std::logic_error("a link to a file that was not seen made");
            named(*inode, place);
        }
    );
}

int mkdir_at(int dir, const char* path, mode_t mode) {
    return names(
        "mkdir",
        dir,
        path,
        [&] { return ::syscall(SYS_mkdirat, dir, path, mode); },
        [&](const Place& place) {
            const auto inode = inode_of(dir, path, AT_SYMLINK_NOFOLLOW);
            if (!inode) return;
            append(watching->record, {.what = Event::What::folder, .inode = *inode});
            named(*inode, place);
        }
    );
}

int unlink_at(int dir, const char* path, int flags) {
    return names(
        (flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink",
        dir,
        path,
        [&] { return ::syscall(SYS_unlinkat, dir, path, flags); },
        [&](const Place& place) {
            append(
                watching->record,
                {.what = Event::What::remove, .inode = place.directory, .name = place.name}
            );
        }
    );
}

int rename_at(int from, const char* old, int to, const char* path, unsigned flags) {
    const std::optional<Place> before =
        watching == nullptr ? std::nullopt : std::optional(place_of(from, old));
    return names(
        "rename",
        to,
        path,
        [&] { return ::syscall(SYS_renameat2, from, old, to, path, flags); },
        [&](const Place& place) {
            if (!before || !knows(before->directory))
                throw std::logic_error("a file was moved in that was not seen made");
            const auto inode = inode_of(to, path, AT_SYMLINK_NOFOLLOW);
            if (!inode) return;
            const std::string was = watching->known[*inode];
            enter(*inode, place);
            const std::string is = watching->known[*inode];
            for (auto& [other, name] : watching->known)
                if (name.starts_with(was + "/")) name = is + name.substr(was.size());
            append(
                watching->record,
                {.what = Event::What::move,
                 .inode = before->directory,
                 .other = place.directory,
                 .offset = *inode,
                 .name = before->name,
                 .text = place.name}
            );
        }
    );
}

/// What is said and heard: outside of the lock, as it may wait.
template <typename Call>
ssize_t talk(const char* name, const char* heard, Call call) {
    if (watching == nullptr) return call();
    std::size_t number = 0;
    {
        const std::lock_guard lock(watching->mutex);
        number = begins(name, "server");
    }
    const ssize_t size = call();
    const KeepErrno keep;
    const std::lock_guard lock(watching->mutex);
    if (size > 0 && heard != nullptr)
        append(
            watching->record,
            {.what = Event::What::note,
             .text = "heard " + std::string(heard, static_cast<std::size_t>(size))}
        );
    ends(number, name, "server");
    return size;
}

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

} // namespace

} // namespace kwit::crash

// ── the calls ────────────────────────────────────────────────────────────────────────────────────

using namespace kwit::crash;

// glibc declares some of them with attributes that a definition here need not repeat.
#pragma GCC diagnostic ignored "-Wmissing-declarations"

extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const int fd = open_at(AT_FDCWD, path, flags, mode_in(rest, flags));
    va_end(rest);
    return fd;
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const int fd = open_at(AT_FDCWD, path, flags, mode_in(rest, flags));
    va_end(rest);
    return fd;
}

int openat(int dir, const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const int fd = open_at(dir, path, flags, mode_in(rest, flags));
    va_end(rest);
    return fd;
}

int openat64(int dir, const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const int fd = open_at(dir, path, flags, mode_in(rest, flags));
    va_end(rest);
    return fd;
}

ssize_t write(int fd, const void* bytes, size_t size) {
    const iovec part{const_cast<void*>(bytes), size};
    return write_at(fd, &part, 1, std::nullopt);
}

ssize_t writev(int fd, const iovec* parts, int count) {
    return write_at(fd, parts, count, std::nullopt);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t where) {
    const iovec part{const_cast<void*>(bytes), size};
    return write_at(fd, &part, 1, where);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t where) {
    const iovec part{const_cast<void*>(bytes), size};
    return write_at(fd, &part, 1, where);
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t where) {
    return write_at(fd, parts, count, where);
}

ssize_t pwritev64(int fd, const iovec* parts, int count, off64_t where) {
    return write_at(fd, parts, count, where);
}

ssize_t sendfile(int to, int from, off_t* where, size_t size) {
    return copied(to, nullptr, [&] { return ::syscall(SYS_sendfile, to, from, where, size); });
}

ssize_t sendfile64(int to, int from, off64_t* where, size_t size) {
    return copied(to, nullptr, [&] { return ::syscall(SYS_sendfile, to, from, where, size); });
}

ssize_t copy_file_range(
    int from, off64_t* from_where, int to, off64_t* where, size_t size, unsigned flags
) {
    return copied(to, where, [&] {
        return ::syscall(SYS_copy_file_range, from, from_where, to, where, size, flags);
    });
}

int ftruncate(int fd, off_t size) {
    return truncated(inode_of(fd).value_or(0), size, ::syscall(SYS_ftruncate, fd, size));
}

int ftruncate64(int fd, off64_t size) {
    return truncated(inode_of(fd).value_or(0), size, ::syscall(SYS_ftruncate, fd, size));
}

int truncate(const char* path, off_t size) {
    const auto inode = inode_of(AT_FDCWD, path, 0).value_or(0);
    return truncated(inode, size, ::syscall(SYS_truncate, path, size));
}

int fsync(int fd) {
    return sync("fsync", SYS_fsync, fd);
}

int fdatasync(int fd) {
    return sync("fdatasync", SYS_fdatasync, fd);
}

int link(const char* old, const char* path) {
    return link_at(AT_FDCWD, old, AT_FDCWD, path, 0);
}

int linkat(int from, const char* old, int to, const char* path, int flags) {
    return link_at(from, old, to, path, flags);
}

int mkdir(const char* path, mode_t mode) {
    return mkdir_at(AT_FDCWD, path, mode);
}

int mkdirat(int dir, const char* path, mode_t mode) {
    return mkdir_at(dir, path, mode);
}

int unlink(const char* path) {
    return unlink_at(AT_FDCWD, path, 0);
}

int unlinkat(int dir, const char* path, int flags) {
    return unlink_at(dir, path, flags);
}

int rmdir(const char* path) {
    return unlink_at(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char* path) {
    const int result = unlink_at(AT_FDCWD, path, 0);
    return result != 0 && errno == EISDIR ? unlink_at(AT_FDCWD, path, AT_REMOVEDIR) : result;
}

int rename(const char* old, const char* path) {
    return rename_at(AT_FDCWD, old, AT_FDCWD, path, 0);
}

int renameat(int from, const char* old, int to, const char* path) {
    return rename_at(from, old, to, path, 0);
}

int renameat2(int from, const char* old, int to, const char* path, unsigned flags) {
    return rename_at(from, old, to, path, flags);
}

ssize_t send(int socket, const void* bytes, size_t size, int flags) {
    return talk("send", nullptr, [&] {
        return ::syscall(SYS_sendto, socket, bytes, size, flags, nullptr, 0);
    });
}

ssize_t recv(int socket, void* bytes, size_t size, int flags) {
    return talk("recv", static_cast<const char*>(bytes), [&] {
        return ::syscall(SYS_recvfrom, socket, bytes, size, flags, nullptr, nullptr);
    });
}

int mdb_txn_commit(MDB_txn* txn) {
    static const auto commit = next<int (*)(MDB_txn*)>("mdb_txn_commit");
    if (watching == nullptr && looking == nullptr) return commit(txn);
    std::size_t number = 0;
    {
        const std::unique_lock lock = watching == nullptr ? std::unique_lock<std::mutex>()
                                                          : std::unique_lock(watching->mutex);
        number = begins("commit", "index");
    }
    is_committing = true;
    const int code = commit(txn);
    is_committing = false;
    const std::unique_lock lock =
        watching == nullptr ? std::unique_lock<std::mutex>() : std::unique_lock(watching->mutex);
    ends(number, "commit", "index");
    return code;
}
}
