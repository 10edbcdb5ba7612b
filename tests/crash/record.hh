// The record of what a program did to its files: a file of events in the order in which they
// happened, appended with plain system calls, so that it outlives the SIGKILL of the one who wrote
// it. Files and directories are named by their inode.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::crash {

struct Event {
    enum class What : std::uint32_t {
        file,   ///< inode is a new, empty file
        folder, ///< inode is a new, empty directory
        entry,  ///< directory `inode` has got a name for inode `other`
        remove, ///< directory `inode` has lost a name
        move,   ///< a name of directory `inode` is text of directory `other` now; offset: what it
                ///< names
        write,  ///< bytes at offset of inode
        sync,   ///< fsync or fdatasync of inode; text: of what
        cut,    ///< inode has the size `offset`
        call,   ///< a counted call begins; text: which; offset: its number
        note,
    };

    What what{};
    std::uint64_t inode = 0;
    std::uint64_t other = 0;
    std::uint64_t offset = 0;
    bool durable = false; ///< of a write: through a descriptor with O_DSYNC
    std::string name{};   ///< of entry, remove and move
    std::string text{};   ///< of sync, call, note and a durable write: what a person calls it; of
                          ///< move: the new name
    std::string bytes{};  ///< of write
};

/// Appends it to the descriptor in one write.
void append(int fd, const Event& event);

/// All of them; a last one that was cut off is left out.
std::vector<Event> read_record(const std::filesystem::path& path);

} // namespace kwit::crash
