#include "core/archive/restore.hh"

#include "core/archive/index_check.hh"
#include "core/archive/journal.hh"
#include "core/archive/objects.hh"
#include "core/archive/transfer.hh"
#include "core/base/file.hh"
#include "core/base/json.hh"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>
#include <system_error>

namespace kwit {

namespace {

constexpr mode_t archive_mode = 0750;
constexpr mode_t staging_mode = 0700;
constexpr mode_t index_file_mode = 0600;

std::filesystem::path index_file_of(const std::filesystem::path& directory) {
    return directory / "index" / "data.mdb";
}

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

Result<std::set<std::string>> names_in(const std::filesystem::path& directory) {
    std::set<std::string> names;
    std::error_code trouble;
    std::filesystem::directory_iterator at(directory, trouble);
    for (; !trouble && at != std::filesystem::end(at); at.increment(trouble))
        names.insert(at->path().filename().string());
    if (trouble) return fail(system_error("look into " + directory.string(), trouble.value()));
    return names;
}

/// A restore on its way into a new archive.
class Restore {
public:
    Restore(
        const Archive& backup,
        const ArchiveSettings& settings,
        const RestoreOptions& options,
        const By& by,
        const Progress& progress
    )
        : backup_(backup), settings_(settings), options_(options), by_(by), progress_(progress),
          target_(settings.path, staging()) {}

    Result<RestoreReport> run() {
        TRY(check_target());
        const ObjectMap objects = TRY(check_backup());
        if (!may_go_on()) return std::move(report_);
        TRY(bring_all(objects));
        TRY(target_.sync()); // also when it ends here: the next try need not bring them again
        if (!may_go_on()) return std::move(report_);
        TRY(make_index());
        TRY(put_index_into_place());
        report_.restored = true;
        return std::move(report_);
    }

private:
    [[nodiscard]] std::filesystem::path staging() const { return settings_.path / "restoring"; }

    [[nodiscard]] bool may_go_on() const { return options_.force || report_.backup.faults.empty(); }

    Result<void> check_target() const {
        if (!is_there(settings_.path)) return {};
        std::set<std::string> names = TRY(names_in(settings_.path));
        if (names.contains("index"))
            return fail(
                Kind::refused,
                fmt::format("there is an archive at {}", settings_.path.string()),
                "stop kwit-milter and move it away, or set [archive] path to a new directory"
            );
        // A disk of its own has lost+found from the beginning.
        for (const char* known : {"lost+found", "restoring"})
            names.erase(known);
        if (is_there(staging())) names.erase("objects");
        if (names.empty()) return {};
        return fail(
            Kind::refused,
            fmt::format("{} is not empty: it has {}", settings_.path.string(), *names.begin()),
            "move what is there away, or set [archive] path to a new directory"
        );
    }

    /// All but the objects' bytes.
    Result<ObjectMap> check_backup() {
        ObjectMap objects = TRY(check_index(backup_, report_.backup));
        TRY(check_journal(backup_, report_.backup));
        return objects;
    }

    Result<void> make_places() const {
        TRY(make_directories(settings_.path, archive_mode));
        TRY(make_directories(staging(), staging_mode));
        // Of a restore that was interrupted.
        const std::set<std::string> left = TRY(names_in(staging()));
        for (const std::string& name : left)
            TRY(remove_all(staging() / name));
        return make_directories(objects_path(settings_.path) / "sha256", object_directory_mode);
    }

    static Result<void> remove_all(const std::filesystem::path& path) {
        std::error_code trouble;
        std::filesystem::remove_all(path, trouble);
        if (trouble) return fail(system_error("remove " + path.string(), trouble.value()));
        return {};
    }

    /// Better told now than after hours.
    Result<void> check_space_for(const ObjectMap& objects) const {
        std::uint64_t wanted = 0;
        for (const auto& [digest, row] : objects) {
            const auto present = TRY(target_.size_of(digest));
            if (present != row.size) wanted += row.size;
        }
        const std::uint64_t free = TRY(free_bytes(settings_.path));
        if (free >= wanted) return {};
        return fail(
            {Kind::temporary,
             fmt::format(
                 "{} bytes are free for {}, the objects need {}",
                 free,
                 settings_.path.string(),
                 wanted
             ),
             "free some space or enlarge the file system",
             Cause::storage_full}
        );
    }

    Result<void> bring_all(const ObjectMap& objects) {
        TRY(make_places());
        TRY(check_space_for(objects));
        return bring(objects);
    }

    Result<void> bring(const ObjectMap& objects) {
        std::uint64_t total = 0;
        for (const auto& [digest, row] : objects)
            total += row.size;
        for (const auto& [digest, row] : objects) {
            const bool there = TRY(is_good_already(digest, row.size));
            if (there) {
                ++report_.present;
                target_.keep(digest);
            } else {
                TRY(copy(digest, row.size));
            }
            ++report_.backup.objects;
            report_.backup.bytes += row.size;
            if (progress_) progress_(report_.backup.bytes, total);
        }
        return {};
    }

    [[nodiscard]] Result<bool> is_good_already(const Digest& digest, std::uint64_t size) const {
        const auto present = TRY(target_.size_of(digest));
        if (present != size) return false;
        return has_digest(object_path(settings_.path, digest), digest);
    }

    Result<void> copy(const Digest& digest, std::uint64_t size) {
        const Source found = TRY(target_.copy(object_path(backup_, digest), digest, size));
        const auto fault = [&](const char* what, const char* detail) {
            report_.backup.faults.push_back({what, digest.hex(), detail});
        };
        switch (found) {
        case Source::good:
            ++report_.copied;
            break;
        case Source::missing:
            fault("object-missing", "its file is not there");
            break;
        case Source::damaged:
            fault("object-damaged", "its file is not what it was");
            break;
        }
        return {};
    }

    /// Complete, with the entry that tells of this, before it is where an archive has its index.
    Result<void> make_index() {
        TRY(make_directories(staging() / "index", staging_mode));
        StagedFile file = TRY(StagedFile::create(staging() / "index.part"));
        TRY(backup_.copy_index(file.descriptor()));
        TRY(std::move(file).replace(index_file_of(staging()), index_file_mode));
        TRY(tell_journal());
        TRY(remove_all(staging() / "index" / "lock.mdb"));
        return sync_directory(staging() / "index");
    }

    Result<void> put_index_into_place() const {
        // Before there is an archive: whoever opens one takes what is above it for durable.
        sync_parents(settings_.path);
        const std::filesystem::path place = settings_.path / "index";
        if (std::rename((staging() / "index").c_str(), place.c_str()) != 0)
            return fail(system_error("put " + place.string() + " into its place", errno));
        TRY(sync_directory(settings_.path));
        return remove_all(staging());
    }

    Result<void> tell_journal() {
        ArchiveSettings staged = settings_;
        staged.path = staging();
        const auto archive = TRY(Archive::open(staged));
        const JournalHead head = TRY(journal_head(backup_));
        return archive->change([&](lmdb::WriteTxn& txn) -> Result<void> {
            const Json about = {
                {"backup", backup_.path().string()},
                {"n", head.n},
                {"sha256", head.sha256},
                {"faults", report_.backup.faults.size()}};
            return append_journal(*archive, txn, by_, "archive-restored", about);
        });
    }

    const Archive& backup_;
    const ArchiveSettings& settings_;
    const RestoreOptions& options_;
    const By& by_;
    const Progress& progress_;
    ObjectTarget target_;
    RestoreReport report_{};
};

} // namespace

Result<std::unique_ptr<Archive>>
open_backup(const std::filesystem::path& directory, const ArchiveSettings& settings) {
    const std::filesystem::path index = index_file_of(directory);

    struct stat status {};

    if (::stat(index.c_str(), &status) != 0) {
        const int errnum = errno;
        Error error = system_error("open the backup " + directory.string(), errnum);
        error.kind = Kind::misuse;
        if (errnum == ENOENT || errnum == ENOTDIR)
            error.remedy = "give a directory that kwit backup has made, with index/data.mdb in it";
        return fail(std::move(error));
    }
    ArchiveSettings there = settings;
    there.path = directory;
    return Archive::open(there, Access::at_rest, Reading::in_order);
}

Result<RestoreReport> restore_backup(
    const Archive& backup,
    const ArchiveSettings& settings,
    const RestoreOptions& options,
    const By& by,
    const Progress& progress
) {
    Restore restore(backup, settings, options, by, progress);
    return restore.run();
}

} // namespace kwit
