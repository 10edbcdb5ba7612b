// The archive: objects (files named by their SHA-256) and the index (one LMDB environment).
//
// Open it once in a process. It is safe to share between threads; every call is a short transaction
// of its own. What can be done with it stands in the headers beside this one: objects, directory,
// receipts, documents, outbox, commit, journal, verify, inspect.
#pragma once

#include "core/archive/group.hh"
#include "core/archive/shards.hh"
#include "core/archive/spare_files.hh"
#include "core/archive/tables.hh"
#include "core/base/lmdb.hh"
#include "core/base/result.hh"
#include "core/base/time.hh"
#include "core/model/settings.hh"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace kwit {

/// The version of the layout that this program writes, and the newest it reads.
constexpr std::uint64_t schema_version = 2;

/// Who changes something and when: what the journal will say.
struct By {
    std::string who; ///< "kwit-milter", or the name of a user
    Time at;
};

/// Whether a change wrote anything: where nothing differs there is nothing to journal.
enum class Changed { yes, no };

/// How much of a listing, and from which end. Listings are oldest first.
struct Page {
    lmdb::Order order = lmdb::Order::ascending; ///< descending: newest first
    std::optional<std::size_t> limit{};
};

class Archive {
public:
    /// read_write makes what is missing: the directory (0750), objects/ and index/ (0700). `misuse`
    /// when the index was written by a newer kwit. read_only needs an archive that was made before;
    /// another process may be writing to it.
    static Result<std::unique_ptr<Archive>> open(
        const ArchiveSettings& settings,
        Access access = Access::read_write,
        Reading reading = Reading::anywhere
    );

    [[nodiscard]] const std::filesystem::path& path() const { return settings_.path; }

    // What follows is for the files of core/archive.

    /// As they were when it was opened; a reload changes nothing here.
    [[nodiscard]] const ArchiveSettings& settings() const { return settings_; }

    [[nodiscard]] const Tables& tables() const { return tables_; }

    [[nodiscard]] Result<lmdb::ReadTxn> read() const { return env_.read(); }

    /// Writes the index of one moment into a file; see lmdb::Env::copy().
    [[nodiscard]] Result<void> copy_index(int descriptor) const { return env_.copy(descriptor); }

    /// Writes our version into an index that an older kwit made: for a change that it would not
    /// understand.
    Result<void> raise_version(lmdb::WriteTxn& txn) const;

    /// Runs the change in the group; durable when it returns without error.
    Result<void> change(const Change& change);

    /// Gives the places of readers back whose process was killed: until then no page that they saw
    /// is used again, and the index grows. How many there were.
    Result<int> clear_dead_readers() { return env_.clear_dead_readers(); }

    /// A write to the disk failed so that the index cannot be used before it is opened again.
    [[nodiscard]] bool needs_reopening() const { return env_.broken(); }

    /// What is known of the directories of objects.
    [[nodiscard]] Shards& shards() const { return *shards_; }

    /// Never null; who keeps a file for it may outlive the archive.
    [[nodiscard]] const std::shared_ptr<SpareFiles>& spare_files() const { return spare_files_; }

    /// Transactions that change() has committed.
    [[nodiscard]] std::uint64_t transactions() const { return group_.transactions(); }

private:
    Archive(ArchiveSettings settings, lmdb::Env env, Access access)
        : settings_(std::move(settings)), env_(std::move(env)), access_(access) {}

    Result<void> open_tables();
    Result<void> open_tables(Since since, lmdb::Missing missing);

    /// Whether the index has a version; an error when it is not one of ours.
    [[nodiscard]] Result<bool> check_version() const;
    Result<void> put_version();

    ArchiveSettings settings_;
    lmdb::Env env_;
    Access access_;
    Tables tables_{};
    CommitGroup group_{};
    std::unique_ptr<Shards> shards_ = std::make_unique<Shards>();
    std::shared_ptr<SpareFiles> spare_files_ = std::make_shared<SpareFiles>();
};

} // namespace kwit
