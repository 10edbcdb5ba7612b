// The calls by which a program changes files, seen one by one: written down for disk.hh, counted,
// and ended by SIGKILL before, in the middle of or after the one that is asked for.
//
// calls.cc defines open(), write(), fsync(), linkat() and so on itself, and mdb_txn_commit(): the
// dynamic linker then takes these for the program, for liblmdb and for libstdc++ alike, so there is
// no list of callers that could miss one. Nothing is asked of LD_PRELOAD, so this works with
// AddressSanitizer and ThreadSanitizer too. (The same source is built as a module for LD_PRELOAD,
// which kills the real kwit-milter: see preload.cc.)
//
// Where watch() was not called the calls do what they always do, but for the syncs, which a test's
// own files do not need: see skip_syncs().
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kwit::crash {

/// When the process ends: around a call. half: an O_DSYNC write is in the page cache, where others
/// see it, but not on disk.
enum class Side { before, half, after };

struct Stop {
    std::size_t call = 0; ///< the first one is 1
    Side side = Side::before;
};

struct Watch {
    std::filesystem::path root;   ///< what is below is written down
    std::filesystem::path record; ///< the file it is appended to; see record.hh
    std::optional<Stop> stop{};
};

/// From now on, in all threads. Once in a process.
void watch(const Watch& order);

/// Calls counted so far: syncs, links, renames, removals, new directories, durable writes, commits,
/// and what is said to a server and heard from it.
std::size_t counted();

/// Writes a remark into the record: "250 <1@kunde.example>". What was recorded before it happened
/// before it.
void note(std::string_view text);

/// Syncs return at once, without having synced: a test's files need to outlive no power cut.
void skip_syncs();

/// Called at every call that is counted, whether watched or not: for the preloaded module.
using Look = std::function<void(std::string_view call, std::string_view target, Side side)>;
void on_call(Look look);

[[noreturn]] void die();

} // namespace kwit::crash
