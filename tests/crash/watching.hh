// What the calls of calls.cc share: which files are watched and what they are called, and what
// comes before and after a call that is counted. For calls.cc and watching.cc alone.
#pragma once

#include "tests/crash/calls.hh"
#include "tests/crash/record.hh"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace kwit::crash {

/// The inodes below the root and what they are called.
struct Watching {
    std::mutex mutex{};
    int record = -1;
    std::optional<Stop> stop{};
    std::size_t calls = 0;
    std::map<std::uint64_t, std::string> known{};
};

// Used from before main() on, so nothing here has a constructor.
extern constinit Watching* watching;
extern constinit Look* looking;
extern constinit std::atomic<bool> skipping;
extern constinit thread_local bool is_committing;

/// A call that fails must leave its errno.
class KeepErrno {
public:
    KeepErrno() = default;
    KeepErrno(const KeepErrno&) = delete;
    KeepErrno& operator=(const KeepErrno&) = delete;

    ~KeepErrno() { errno = errno_; }

private:
    int errno_ = errno;
};

std::optional<std::uint64_t> inode_of(int dir, const char* path, int flags);
std::optional<std::uint64_t> inode_of(int fd);

/// Where a path leads: the directory's inode and the name in it.
struct Place {
    std::uint64_t directory = 0;
    std::string name{};
};

Place place_of(int dir, std::string path);

bool knows(std::uint64_t inode);

/// What people read: "archive/objects/sha256/xx/xx/DIGEST"; empty for what is not watched.
std::string called(std::uint64_t inode);
std::string called(const Place& place);

/// From now on the inode is called by that place.
void enter(std::uint64_t inode, const Place& place);

/// What LMDB does inside of a commit is told from what others do to the same file.
std::string with_place(const char* call);

/// Where a counted call begins; its number.
std::size_t begins(const std::string& call, const std::string& target);
void is_at(std::size_t number, Side side);
void ends(std::size_t number, const std::string& call, const std::string& target);

} // namespace kwit::crash
