/* Makes system calls of a program fail, wait, or tell another time, as a test says while it runs:
 *
 *     LD_PRELOAD=…/libinject.so KWIT_INJECT=FILE program
 *
 * FILE is a `struct control`, which both map (tests/postfix/faulty.py writes it). Calls of the kinds
 * in `kinds`, on files below `path`, are counted; from the one after `skip` on, `count` of them are
 * struck: they wait, and then fail with `error` instead of being done, or are done when it is 0.
 *
 * All is done by syscall(2), as a function of libc that we stand for must not be called. */
#undef _FILE_OFFSET_BITS /* it would make one name of open and open64 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind {
    kind_write = 1, /* bytes to a file */
    kind_sync = 2,  /* fsync, fdatasync, and a write to a file opened with O_DSYNC */
    kind_make = 4,  /* a file, a name or a directory */
    kind_open = 8,  /* any file */
    kind_meta = 16, /* only the write to a file opened with O_DSYNC: LMDB's last step */
};

struct control {
    int64_t kinds;
    int64_t skip;
    int64_t count;
    int64_t error;
    int64_t wait_ms;
    int64_t seen;   /* calls that fit, since they were armed */
    int64_t struck; /* of them */
    int64_t realtime_ms;  /* added to the clock on the wall */
    int64_t monotonic_ms; /* added to the one that never goes back */
    char path[4096 - 9 * sizeof(int64_t)];
};

static struct control* control;

__attribute__((constructor)) static void begin(void) {
    const char* const name = getenv("KWIT_INJECT");
    if (name == NULL) return;
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) return;
    void* const mapped =
        (void*)syscall(SYS_mmap, NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (mapped != MAP_FAILED) control = mapped;
}

static int64_t load(const int64_t* place) {
    return __atomic_load_n(place, __ATOMIC_SEQ_CST);
}

static int wanted(int kinds) {
    return control != NULL && (load(&control->kinds) & kinds) != 0;
}

static int is_below(const char* name) {
    const size_t size = strlen(control->path);
    return strncmp(name, control->path, size) == 0;
}

static int fd_is_below(int fd) {
    char link[64];
    char name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const long size = syscall(SYS_readlinkat, AT_FDCWD, link, name, sizeof name - 1);
    if (size < 0) return 0;
    name[size] = '\0';
    return is_below(name);
}

/* Whether a call that fits fails, with errno set. */
static int strikes(void) {
    const int64_t number = __atomic_fetch_add(&control->seen, 1, __ATOMIC_SEQ_CST);
    const int64_t first = load(&control->skip);
    const int64_t count = load(&control->count);
    if (number < first || (count >= 0 && number >= first + count)) return 0;
    __atomic_fetch_add(&control->struck, 1, __ATOMIC_SEQ_CST);
    const int64_t wait = load(&control->wait_ms);
    if (wait > 0) {
        struct timespec time = {wait / 1000, wait % 1000 * 1000000};
        syscall(SYS_nanosleep, &time, NULL);
    }
    const int error = (int)load(&control->error);
    if (error == 0) return 0;
    errno = error;
    return 1;
}

static int write_strikes(int fd) {
    if (!wanted(kind_write | kind_sync | kind_meta) || !fd_is_below(fd)) return 0;
    const int synced = (syscall(SYS_fcntl, fd, F_GETFL) & O_DSYNC) != 0;
    const int kinds = kind_write | (synced ? kind_sync | kind_meta : 0);
    return wanted(kinds) && strikes();
}

static int sync_strikes(int fd) {
    return wanted(kind_sync) && fd_is_below(fd) && strikes();
}

static int make_strikes(const char* name) {
    return wanted(kind_make) && is_below(name) && strikes();
}

static int makes_a_file(int flags) {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

static int open_strikes(const char* name, int flags) {
    const int kinds = kind_open | (makes_a_file(flags) ? kind_make : 0);
    return wanted(kinds) && is_below(name) && strikes();
}

ssize_t write(int fd, const void* bytes, size_t size) {
    return write_strikes(fd) ? -1 : syscall(SYS_write, fd, bytes, size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
    return write_strikes(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
    return write_strikes(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec* pieces, int count) {
    return write_strikes(fd) ? -1 : syscall(SYS_writev, fd, pieces, count);
}

int fsync(int fd) {
    return sync_strikes(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    return sync_strikes(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

static int opened(const char* name, int flags, mode_t mode) {
    return open_strikes(name, flags) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
}

static mode_t mode_in(int flags, va_list arguments) {
    return makes_a_file(flags) ? va_arg(arguments, mode_t) : 0;
}

int open(const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_in(flags, arguments);
    va_end(arguments);
    return opened(name, flags, mode);
}

int open64(const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_in(flags, arguments);
    va_end(arguments);
    return opened(name, flags, mode);
}

int mkdir(const char* name, mode_t mode) {
    return make_strikes(name) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
}

int linkat(int from, const char* old_name, int to, const char* new_name, int flags) {
    if (make_strikes(new_name)) return -1;
    return (int)syscall(SYS_linkat, from, old_name, to, new_name, flags);
}

static int64_t offset_of(clockid_t clock) {
    if (control == NULL) return 0;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) return load(&control->realtime_ms);
    if (clock == CLOCK_MONOTONIC) return load(&control->monotonic_ms);
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
    if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
    const int64_t offset = offset_of(clock);
    if (offset == 0) return 0;
    const int64_t ns = time->tv_nsec + offset % 1000 * 1000000;
    time->tv_sec += offset / 1000 + (ns >= 1000000000) - (ns < 0);
    time->tv_nsec = (ns + 1000000000) % 1000000000;
    return 0;
}

int gettimeofday(struct timeval* time, void* zone) {
    (void)zone;
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    time->tv_sec = precise.tv_sec;
    time->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* place) {
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    if (place != NULL) *place = precise.tv_sec;
    return precise.tv_sec;
}
