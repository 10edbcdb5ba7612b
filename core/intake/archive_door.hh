// The archive as the milter sees it: it may be away (disk not mounted, directory moved, rights
// taken) and come back, and ordinary mail must pass meanwhile. Whoever needs it asks at each step
// and holds what he got until his step is done.
//
// An index that broke in a failed write is closed and opened again as soon as nobody uses it, which
// is the end of the steps that run; until then the answer is `temporary`.
//
// It never makes an archive: an empty directory where the archive's disk should be mounted must
// answer "try again", not "address unknown". Archives are made by the first `kwit` command that
// writes.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/result.hh"
#include "core/model/settings.hh"

#include <chrono>
#include <memory>
#include <mutex>

namespace kwit {

class ArchiveDoor {
public:
    struct Pauses {
        std::chrono::milliseconds between_tries = std::chrono::milliseconds(500);
        std::chrono::milliseconds between_house_keeping = std::chrono::minutes(1);
    };

    explicit ArchiveDoor(ArchiveSettings settings, Access access = Access::read_write)
        : ArchiveDoor(std::move(settings), access, Pauses()) {}

    ArchiveDoor(ArchiveSettings settings, Access access, Pauses pauses)
        : settings_(std::move(settings)), access_(access), pauses_(pauses) {}

    /// The archive, opened again if it was away; `temporary` while it is.
    Result<std::shared_ptr<Archive>> get();

    /// From now on the index may grow to this size: it is closed and opened again if it has
    /// another.
    void set_map_size(std::uint64_t size);

    /// Whether an archive is there and can be opened, without keeping it open (`--check`).
    static Result<void> probe(const ArchiveSettings& settings);

private:
    Result<std::shared_ptr<Archive>> open();
    void close();
    void close_if_broken();
    void tell(const Error& error);
    void keep_house();

    /// Which file the index is: a path may lead to another one later.
    struct FileId {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        friend bool operator==(const FileId&, const FileId&) = default;
    };

    static Result<FileId> index_id(const ArchiveSettings& settings);

    ArchiveSettings settings_;
    Access access_;
    Pauses pauses_;
    std::mutex mutex_;
    std::shared_ptr<Archive> archive_;
    FileId opened_{};
    std::weak_ptr<Archive> leaving_; // LMDB must not open an index twice in one process
    std::optional<Error> last_error_;
    bool told_ = false; // of last_error_, by the log
    std::chrono::steady_clock::time_point next_try_{};
    std::chrono::steady_clock::time_point next_house_keeping_{};
};

} // namespace kwit
