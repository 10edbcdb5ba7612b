// As in calls.cc.
#undef _FILE_OFFSET_BITS

#include "tests/crash/watching.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace kwit::crash {

constinit Watching* watching = nullptr;
constinit Look* looking = nullptr;
constinit std::atomic<bool> skipping = false;
constinit thread_local bool is_committing = false;

namespace {

/// "objects/sha256/ab/cd/<64 digits>" without what differs from one run to the next.
std::string folded(const std::string& path) {
    std::string out;
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        std::string part = path.substr(begin, end - begin);
        const bool digits = part.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (digits && part.size() == 2) part = "xx";
        if (digits && part.size() == 64) part = "DIGEST";
        out += (begin == 0 ? "" : "/") + part;
        begin = end + 1;
    }
    return out;
}

void look(const std::string& call, const std::string& target, Side side) {
    if (looking != nullptr) (*looking)(call, target, side);
}

} // namespace

std::optional<std::uint64_t> inode_of(int dir, const char* path, int flags) {
    struct stat status {};

    if (::syscall(SYS_newfstatat, dir, path, &status, flags) != 0) return std::nullopt;
    return status.st_ino;
}

std::optional<std::uint64_t> inode_of(int fd) {
    return inode_of(fd, "", AT_EMPTY_PATH);
}

Place place_of(int dir, std::string path) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    const std::size_t slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "."
                               : slash == 0               ? "/"
                                                          : path.substr(0, slash);
    return {
        inode_of(dir, parent.c_str(), 0).value_or(0),
        slash == std::string::npos ? path : path.substr(slash + 1)};
}

bool knows(std::uint64_t inode) {
    return watching->known.contains(inode);
}

std::string called(std::uint64_t inode) {
    const auto found = watching->known.find(inode);
    return found == watching->known.end() ? std::string() : folded(found->second);
}

std::string called(const Place& place) {
    const auto found = watching->known.find(place.directory);
    if (found == watching->known.end()) return {};
    return folded(found->second.empty() ? place.name : found->second + "/" + place.name);
}

void enter(std::uint64_t inode, const Place& place) {
    const std::string& above = watching->known[place.directory];
    watching->known[inode] = above.empty() ? place.name : above + "/" + place.name;
}

std::string with_place(const char* call) {
    return is_committing ? std::string("commit: ") + call : std::string(call);
}

std::size_t begins(const std::string& call, const std::string& target) {
    look(call, target, Side::before);
    if (watching == nullptr) return 0;
    const std::size_t number = ++watching->calls;
    append(
        watching->record, {.what = Event::What::call, .offset = number, .text = call + " " + target}
    );
    if (watching->stop && watching->stop->call == number && watching->stop->side == Side::before)
        die();
    return number;
}

void is_at(std::size_t number, Side side) {
    if (watching != nullptr && watching->stop && watching->stop->call == number &&
        watching->stop->side == side)
        die();
}

void ends(std::size_t number, const std::string& call, const std::string& target) {
    is_at(number, Side::after);
    look(call, target, Side::after);
}

void watch(const Watch& order) {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): for as long as the process lives
    auto* const made = new Watching;
    made->stop = order.stop;
    made->record = static_cast<int>(::syscall(
        SYS_openat, AT_FDCWD, order.record.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600
    ));
    if (made->record < 0) throw std::runtime_error("cannot write " + order.record.string());
    const auto add = [&](const std::filesystem::path& path) {
        const auto inode = inode_of(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW);
        const std::string name = path.lexically_relative(order.root).string();
        made->known[inode.value()] = name == "." ? std::string() : name;
    };
    add(order.root);
    for (const auto& file : std::filesystem::recursive_directory_iterator(order.root))
        add(file.path());
    watching = made;
}

std::size_t counted() {
    const std::lock_guard lock(watching->mutex);
    return watching->calls;
}

void note(std::string_view text) {
    if (watching == nullptr) return;
    const std::lock_guard lock(watching->mutex);
    append(watching->record, {.what = Event::What::note, .text = std::string(text)});
}

void skip_syncs() {
    skipping = true;
}

void on_call(Look look) {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): for as long as the process lives
    looking = look ? new Look(std::move(look)) : nullptr;
}

void die() {
    ::syscall(SYS_kill, ::syscall(SYS_getpid), SIGKILL);
    for (;;)
        ::syscall(SYS_pause);
}

} // namespace kwit::crash
