// The archive as the milter sees it: it may be away (disk not mounted, directory moved, rights
// taken) and come back, and ordinary mail must pass meanwhile. Whoever needs it asks at each step
// and holds what he got until his step is done.
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
    explicit ArchiveDoor(ArchiveSettings settings, Access access = Access::read_write)
        : settings_(std::move(settings)), access_(access) {}

    /// The archive, opened again if it was away; `temporary` while it is.
    Result<std::shared_ptr<Archive>> get();

    /// Whether an archive is there and can be opened, without keeping it open (`--check`).
    static Result<void> probe(const ArchiveSettings& settings);

private:
    Result<std::shared_ptr<Archive>> open();
    void close();
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
    std::mutex mutex_;
    std::shared_ptr<Archive> archive_;
    FileId opened_{};
    std::weak_ptr<Archive> leaving_; // LMDB must not open an index twice in one process
    std::optional<Error> last_error_;
    std::chrono::steady_clock::time_point next_try_{};
    std::chrono::steady_clock::time_point next_house_keeping_{};
};

} // namespace kwit
