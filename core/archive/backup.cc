#include "core/archive/backup.hh"

#include "core/archive/keys.hh"
#include "core/archive/object_rows.hh"
#include "core/archive/object_tree.hh"
#include "core/archive/objects.hh"
#include "core/archive/transfer.hh"
#include "core/base/file.hh"
#include "core/base/identity.hh"
#include "core/base/sha256.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace kwit {

namespace {

constexpr mode_t backup_mode = 0700;
constexpr mode_t index_file_mode = 0600;
constexpr std::string_view marker_text = "This directory is a backup of a kwit archive, see: kwit "
                                         "restore --help\n";

std::filesystem::path marker_of(const std::filesystem::path& directory) {
    return directory / "kwit-backup";
}

std::filesystem::path index_file_of(const std::filesystem::path& directory) {
    return directory / "index" / "data.mdb";
}

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

/// Whether the path is the directory or lies below it, symbolic links resolved.
bool is_inside(const std::filesystem::path& path, const std::filesystem::path& directory) {
    std::error_code ignored;
    const auto inner = std::filesystem::weakly_canonical(path, ignored);
    const auto outer = std::filesystem::weakly_canonical(directory, ignored);
    const auto differ = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
    return differ.first == outer.end();
}

/// Root becomes the archive's owner first, who may not write where root may.
Error trouble_with(const std::filesystem::path& directory, const std::string& doing, int errnum) {
    Error error = system_error(doing, errnum);
    if (errnum == EACCES || errnum == EPERM)
        error.remedy = fmt::format(
            "give the archive's owner a directory of its own: install -d -m 0700 -o {} {}",
            current_user().name,
            directory.string()
        );
    return error;
}

/// A disk of its own has lost+found from the beginning.
Result<bool> is_unused(const std::filesystem::path& directory) {
    std::error_code trouble;
    for (std::filesystem::directory_iterator at(directory, trouble), end; !trouble && at != end;
         at.increment(trouble))
        if (at->path().filename() != "lost+found") return false;
    if (trouble)
        return fail(trouble_with(directory, "look into " + directory.string(), trouble.value()));
    return true;
}

Result<void> make_private(const std::filesystem::path& directory) {
    const int errnum = ::mkdir(directory.c_str(), backup_mode) == 0 ? 0 : errno;
    if (errnum != 0 && errnum != EEXIST)
        return fail(trouble_with(directory, "make directory " + directory.string(), errnum));
    // Also when it was there: it may have been made by a backup that was interrupted.
    sync_parents(directory);
    return {};
}

/// An empty directory that is to become a backup: nobody else may look into it.
Result<void> close_to_others(const std::filesystem::path& directory) {
    constexpr mode_t others = 0077;
    ::chmod(directory.c_str(), backup_mode); // where it cannot be changed it may be right as it is

    struct stat status {};

    if (::stat(directory.c_str(), &status) != 0)
        return fail(system_error("look at " + directory.string(), errno));
    if ((status.st_mode & others) == 0) return {};
    return fail(
        Kind::refused,
        fmt::format(
            "others may look into {}, and a backup holds all documents", directory.string()
        ),
        fmt::format("chmod 0700 {}", directory.string())
    );
}

Result<Fd> lock(const std::filesystem::path& directory, int flags, int how) {
    const std::filesystem::path marker = marker_of(directory);
    Fd fd(::open(marker.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, index_file_mode));
    const int errnum = errno;
    if (!fd) return fail(trouble_with(directory, "open " + marker.string(), errnum));
    // Where a file system has no locks nothing can be held; two backups at a time are rare.
    if (::flock(fd.get(), how | LOCK_NB) == 0 || errno != EWOULDBLOCK) return fd;
    return fail(
        Kind::refused,
        fmt::format("another kwit is at work on the backup {}", directory.string()),
        "wait until it is done"
    );
}

// ── one backup ───────────────────────────────────────────────────────────────────────────────────

class Backup {
public:
    Backup(
        const Archive& archive,
        std::filesystem::path directory,
        const BackupOptions& options,
        const Progress& progress
    )
        : archive_(archive), directory_(std::move(directory)), options_(options),
          progress_(progress), target_(directory_, staging()) {}

    Backup(const Backup&) = delete;
    Backup& operator=(const Backup&) = delete;
    Backup(Backup&&) = delete;
    Backup& operator=(Backup&&) = delete;

    ~Backup() { clear_staging(); }

    Result<BackupReport> run() {
        TRY(begin());
        TRY(bring_all());
        TRY(put_index_into_place());
        if (options_.prune && report_.faults.empty()) TRY(prune());
        return std::move(report_);
    }

private:
    [[nodiscard]] std::filesystem::path staging() const { return directory_ / "new"; }

    [[nodiscard]] std::filesystem::path staged_index() const { return index_file_of(staging()); }

    Result<void> begin() {
        TRY(adopt());
        TRY(check_continues());
        return make_staging();
    }

    void clear_staging() const {
        if (!lock_) return; // it may be another's
        std::error_code ignored;
        std::filesystem::remove_all(staging(), ignored);
    }

    // the directory

    Result<void> adopt() {
        if (is_inside(directory_, archive_.path()))
            return fail(
                Kind::refused,
                fmt::format("the backup {} would lie in the archive", directory_.string()),
                "give a directory elsewhere, best on another disk"
            );
        TRY(make_private(directory_));
        const bool is_ours = is_there(marker_of(directory_));
        if (!is_ours) {
            const bool empty = TRY(is_unused(directory_));
            if (!empty)
                return fail(
                    Kind::refused,
                    fmt::format("{} is not empty, and no backup of kwit", directory_.string()),
                    "give an empty directory, or one that is yet to be made"
                );
            TRY(close_to_others(directory_));
        }
        lock_ = TRY(lock(directory_, O_RDWR | O_CREAT, LOCK_EX));
        if (is_ours) return {};
        return write_marker();
    }

    Result<void> write_marker() {
        if (::write(lock_.get(), marker_text.data(), marker_text.size()) < 0 ||
            ::fsync(lock_.get()) != 0)
            return fail(system_error("write " + marker_of(directory_).string(), errno));
        return sync_directory(directory_);
    }

    /// The journal of the backup before has to be the beginning of the archive's: else they are two
    /// archives, or somebody has written the journal anew.
    Result<void> check_continues() const {
        if (!is_there(index_file_of(directory_))) return {};
        const auto before = TRY(open_copy(directory_));
        const JournalHead head = TRY(journal_head(*before));
        if (head.n == 0) return {};
        const lmdb::ReadTxn txn = TRY(archive_.read());
        const auto entry = TRY(txn.get(archive_.tables().journal, keys::number(head.n)));
        if (entry && Digest(sha256(*entry)).hex() == head.sha256) return {};
        return fail(
            Kind::refused,
            fmt::format(
                "{} is a backup of another archive, or of a later state: its journal ends with "
                "entry {}, which {} does not have",
                directory_.string(),
                head.n,
                archive_.path().string()
            ),
            "make this backup in another directory, and keep that one until you know why"
        );
    }

    [[nodiscard]] Result<std::unique_ptr<Archive>> open_copy(const std::filesystem::path& path
    ) const {
        ArchiveSettings settings = archive_.settings();
        settings.path = path;
        return Archive::open(settings, Access::at_rest, Reading::in_order);
    }

    Result<void> make_staging() {
        clear_staging(); // of a backup that was interrupted
        TRY(make_directories(staging() / "index", backup_mode));
        return make_directories(objects_path(directory_) / "sha256", object_directory_mode);
    }

    // the index

    Result<void> copy_index() {
        std::error_code ignored;
        std::filesystem::remove(staged_index(), ignored);
        const std::filesystem::path aside = staging() / "index.part";
        StagedFile file = TRY(StagedFile::create(aside));
        TRY(archive_.copy_index(file.descriptor()));
        return std::move(file).replace(staged_index(), index_file_mode);
    }

    Result<void> put_index_into_place() {
        TRY(make_directories(directory_ / "index", backup_mode));
        const std::filesystem::path place = index_file_of(directory_);
        if (::rename(staged_index().c_str(), place.c_str()) != 0)
            return fail(system_error("put " + place.string() + " into its place", errno));
        TRY(sync_directory(place.parent_path()));
        return sync_directory(directory_);
    }

    // the objects

    Result<void> bring_all() {
        // A sweep removes in short pieces: it is over, or slower than we are, after few of these.
        constexpr int attempts = 10;
        for (int attempt = 1; attempt <= attempts; ++attempt) {
            TRY(copy_index());
            const auto copy = TRY(open_copy(staging()));
            const bool complete = TRY(bring_objects_of(*copy));
            if (complete) return {};
        }
        return fail(
            Kind::temporary,
            "objects are being removed faster than they can be brought into the backup",
            "make the backup again when the sweep is over"
        );
    }

    /// false: a sweep has taken some of them, so that a newer copy of the index is needed.
    Result<bool> bring_objects_of(const Archive& copy) {
        report_ = {};
        missing_.clear();
        report_.head = TRY(journal_head(copy));
        const lmdb::ReadTxn txn = TRY(copy.read());
        const std::uint64_t total = TRY(size_of_objects(copy, txn));
        const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
            TRY(bring(entry));
            if (progress_) progress_(report_.bytes, total);
            return lmdb::Walk::on;
        };
        TRY(txn.scan(copy.tables().objects, {}, look));
        TRY(target_.sync());
        return none_was_swept();
    }

    Result<void> bring(const lmdb::Entry& entry) {
        const Digest digest = TRY(Digest::from_bytes(as_bytes(entry.key)));
        const ObjectRow row = TRY(decode_object(entry.value, digest.hex()));
        ++report_.objects;
        report_.bytes += row.size;
        return bring(digest, row.size);
    }

    static Result<std::uint64_t> size_of_objects(const Archive& copy, const lmdb::Txn& txn) {
        std::uint64_t total = 0;
        const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
            const ObjectRow row = TRY(decode_object(entry.value, "of the backup"));
            total += row.size;
            return lmdb::Walk::on;
        };
        TRY(txn.scan(copy.tables().objects, {}, look));
        return total;
    }

    Result<void> bring(const Digest& digest, std::uint64_t size) {
        const std::filesystem::path source = object_path(archive_, digest);
        const auto present = TRY(target_.size_of(digest));
        if (present == size && !(options_.copy && is_linked(source, digest))) {
            ++report_.present;
            target_.keep(digest);
            return {};
        }
        const auto file = TRY(look_at_object(archive_.path(), digest));
        if (!file) return miss(digest);
        if (!file->digest || file->size != size) return damaged(digest);
        return options_.copy ? copy(source, digest, size) : link(source, digest, size);
    }

    Result<void>
    link(const std::filesystem::path& source, const Digest& digest, std::uint64_t size) {
        const ObjectTarget::Linked linked = TRY(target_.link(source, digest));
        switch (linked) {
        case ObjectTarget::Linked::yes:
            ++report_.linked;
            return {};
        case ObjectTarget::Linked::source_missing:
            return miss(digest);
        case ObjectTarget::Linked::impossible:
            break;
        }
        return copy(source, digest, size);
    }

    Result<void>
    copy(const std::filesystem::path& source, const Digest& digest, std::uint64_t size) {
        const Source found = TRY(target_.copy(source, digest, size));
        if (found == Source::missing) return miss(digest);
        if (found == Source::damaged) return damaged(digest);
        ++report_.copied;
        return {};
    }

    Result<void> miss(const Digest& digest) {
        missing_.push_back(digest);
        return {};
    }

    Result<void> damaged(const Digest& digest) {
        report_.faults.push_back(
            {"object-damaged", digest.hex(), "the archive's file is not what it was"}
        );
        return {};
    }

    /// Whether both are one file.
    [[nodiscard]] bool is_linked(const std::filesystem::path& source, const Digest& digest) const {
        std::error_code ignored;
        return std::filesystem::equivalent(source, object_path(directory_, digest), ignored);
    }

    /// Of what is missing: it is a loss only when the archive still names it.
    Result<bool> none_was_swept() {
        for (const Digest& digest : missing_) {
            const lmdb::ReadTxn txn = TRY(archive_.read());
            const auto row = TRY(load_object(archive_, txn, digest));
            const auto file = TRY(look_at_object(archive_.path(), digest));
            if (!row || file) return false; // it is gone for good, or came back
            report_.faults.push_back({"object-missing", digest.hex(), "the archive has lost it"});
        }
        return true;
    }

    // what is too much

    Result<void> prune() {
        const auto now = TRY(open_copy(directory_));
        const lmdb::ReadTxn txn = TRY(now->read());
        return each_object_file(directory_, [&](const ObjectFile& file) -> Result<void> {
            if (!file.digest) return {};
            const auto row = TRY(load_object(*now, txn, *file.digest));
            if (row) return {};
            if (::unlink(file.path.c_str()) != 0 && errno != ENOENT)
                return fail(system_error("remove " + file.path.string(), errno));
            ++report_.pruned;
            report_.pruned_bytes += file.size;
            return {};
        });
    }

    const Archive& archive_;
    std::filesystem::path directory_;
    const BackupOptions& options_;
    const Progress& progress_;
    ObjectTarget target_;
    Fd lock_{};
    BackupReport report_{};
    std::vector<Digest> missing_{};
};

} // namespace

Result<BackupReport> make_backup(
    const Archive& archive,
    const std::filesystem::path& directory,
    const BackupOptions& options,
    const Progress& progress
) {
    Backup backup(archive, directory, options, progress);
    return backup.run();
}

Result<Fd> hold_backup(const std::filesystem::path& directory) {
    if (!is_there(marker_of(directory))) return Fd();
    return lock(directory, O_RDONLY, LOCK_SH);
}

} // namespace kwit
