// Files without a name that mails were spooled into and that became no object: the next mails take
// them. To make a file and let it vanish again costs a file system more than to empty it (ext4
// looks past every place that was given back in the last seconds).
//
// Safe to share between threads. Nobody may read a file any more that is given here.
#pragma once

#include "core/base/file.hh"

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace kwit {

class SpareFiles {
public:
    /// More would only hold descriptors.
    static constexpr std::size_t most = 16;

    /// An empty file; nothing when there is none.
    std::optional<TempFile> take();

    /// Empties it; one that cannot be emptied, or is one too many, vanishes.
    void give(TempFile file);

private:
    std::mutex mutex_;
    std::vector<TempFile> files_;
};

} // namespace kwit
