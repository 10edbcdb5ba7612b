#include "core/archive/restore.hh"

#include "core/archive/backup.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <sys/stat.h>

#include <fstream>

namespace kwit {

namespace {

using test::at_ten;
using test::settled_mail;
using test::told;
using test::World;

using Faults = std::vector<std::string>;

By restorer() {
    return {"root", at_ten() + std::chrono::hours(1)};
}

/// A backup of two mails whose archive is lost, and the place of the new one.
struct Lost {
    test::TempDir dir{};
    std::filesystem::path backup{dir.path() / "backup"};
    ArchiveSettings settings{test::settings_in(dir)}; ///< where it shall be
    std::vector<Receipt> receipts{};
    JournalHead head{};

    Lost() {
        World world;
        for (const char* name : {"1", "2"})
            receipts.push_back(settled_mail(world.archive(), name));
        const auto made = make_backup(world.archive(), backup, {.copy = true});
        REQUIRE_GOOD(made);
        head = made->head;
    }

    std::unique_ptr<Archive> copy() {
        auto opened = open_backup(backup, settings);
        REQUIRE_GOOD(opened);
        return std::move(*opened);
    }

    Result<RestoreReport>
    restore(const RestoreOptions& options = {}, const Progress& progress = {}) {
        const auto from = copy();
        return restore_backup(*from, settings, options, restorer(), progress);
    }

    RestoreReport restored(const RestoreOptions& options = {}) {
        auto report = restore(options);
        REQUIRE_GOOD(report);
        return std::move(*report);
    }

    std::unique_ptr<Archive> archive() {
        auto opened = Archive::open(settings);
        REQUIRE_GOOD(opened);
        return std::move(*opened);
    }

    void damage(const std::filesystem::path& path) {
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        std::fstream(path, std::ios::in | std::ios::out).seekp(0).put('X');
    }

    bool has_index() { return std::filesystem::exists(settings.path / "index"); }
};

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};

    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

} // namespace

TEST_SUITE("archive/restore") {
    TEST_CASE("a restored archive is whole, has an archive's rights, and its journal says so") {
        Lost lost;
        const RestoreReport report = lost.restored();
        CHECK(report.restored);
        CHECK(report.copied == 4);
        CHECK(report.present == 0);
        CHECK(report.backup.objects == 4);
        CHECK(report.backup.receipts == 2);
        CHECK(report.backup.documents == 2);
        CHECK(report.backup.journal_entries == lost.head.n);
        CHECK(mode_of(lost.settings.path) == 0750);
        CHECK(mode_of(lost.settings.path / "index") == 0700);
        CHECK(mode_of(lost.settings.path / "index" / "data.mdb") == 0600);
        CHECK(mode_of(object_path(lost.settings.path, Digest(sha256("%PDF-1")))) == 0440);
        CHECK_FALSE(std::filesystem::exists(lost.settings.path / "restoring"));
        CHECK_FALSE(std::filesystem::exists(lost.settings.path / "index" / "lock.mdb"));

        const auto archive = lost.archive();
        CHECK(test::faults_of(*archive).empty());
        const auto entries =
            list_journal(*archive, {.order = lmdb::Order::descending, .limit = std::size_t{1}});
        REQUIRE_GOOD(entries);
        const Json& entry = entries->front();
        CHECK(entry["what"] == "archive-restored");
        CHECK(entry["by"] == "root");
        CHECK(entry["about"]["n"] == lost.head.n);
        CHECK(entry["about"]["sha256"] == lost.head.sha256);
        CHECK(entry["about"]["backup"] == lost.backup.string());
    }

    TEST_CASE("mails go on where the backup ended, and into the same backup") {
        Lost lost;
        lost.restored();
        const auto archive = lost.archive();
        const Receipt next = settled_mail(*archive, "3");
        CHECK(next.id > lost.receipts.back().id);
        // The same mail as before the loss is no second one.
        const auto repeated =
            keep(*archive, test::mail_of(test::draft_of(*archive, "%PDF-1", "mail 1")));
        REQUIRE_GOOD(repeated);
        CHECK(repeated->front().receipt_id == lost.receipts.front().id);
        const auto made = make_backup(*archive, lost.backup, {});
        REQUIRE_GOOD(made);
        CHECK(made->present == 4);
        CHECK(test::faults_of(*lost.copy()).empty());
    }

    TEST_CASE("a damaged backup is not put into place, unless that is wanted: then as it is") {
        Lost lost;
        const Digest damaged(sha256("%PDF-1"));
        const Digest missing(sha256("%PDF-2"));
        lost.damage(object_path(lost.backup, damaged));
        std::filesystem::remove(object_path(lost.backup, missing));
        const RestoreReport report = lost.restored();
        CHECK_FALSE(report.restored);
        Faults faults;
        for (const Fault& fault : report.backup.faults)
            faults.push_back(fault.what + " " + fault.name);
        std::sort(faults.begin(), faults.end());
        CHECK(
            faults == Faults{"object-damaged " + damaged.hex(), "object-missing " + missing.hex()}
        );
        CHECK_FALSE(lost.has_index());

        const RestoreReport forced = lost.restored({.force = true});
        CHECK(forced.restored);
        CHECK(forced.present == 2);
        CHECK(forced.backup.faults.size() == 2);
        CHECK_FALSE(std::filesystem::exists(object_path(lost.settings.path, damaged)));
        const Faults left = test::faults_of(*lost.archive());
        CHECK(left.size() == 2);
        for (const std::string& fault : left)
            CHECK(fault.starts_with("object-missing "));
    }

    TEST_CASE("a restore that was interrupted goes on, and hashes what is there already") {
        Lost lost;
        lost.restored(); // and then back to the state in which it may have been cut off:
        std::filesystem::remove_all(lost.settings.path / "index");
        std::filesystem::create_directories(lost.settings.path / "restoring" / "index");
        std::ofstream(lost.settings.path / "restoring" / "index" / "data.mdb") << "half";
        std::ofstream(lost.settings.path / "restoring" / Digest(sha256("%PDF-2")).hex()) << "half";
        std::filesystem::remove(object_path(lost.settings.path, Digest(sha256("%PDF-2"))));
        lost.damage(object_path(lost.settings.path, Digest(sha256("%PDF-1"))));

        const RestoreReport report = lost.restored();
        CHECK(report.restored);
        CHECK(report.present == 2);
        CHECK(report.copied == 2);
        CHECK(test::faults_of(*lost.archive()).empty());
        CHECK_FALSE(std::filesystem::exists(lost.settings.path / "restoring"));
    }

    TEST_CASE("only a missing or empty directory becomes an archive") {
        Lost lost;
        const auto& place = lost.settings.path;

        SUBCASE("an archive is there") {
            { REQUIRE_GOOD(Archive::open(lost.settings)); }
            const auto done = lost.restore({.force = true});
            REQUIRE_FALSE(done.has_value());
            CHECK(done.error().kind == Kind::refused);
            CHECK(
                told(done.error()) == "there is an archive at " + place.string() +
                                          "; stop kwit-milter and move it away, or set [archive] "
                                          "path to a new directory"
            );
            CHECK(list_receipts(*lost.archive())->empty());
        }
        SUBCASE("objects without an index are there, and no restore left them") {
            std::filesystem::create_directories(place / "objects");
            CHECK_FALSE(lost.restore().has_value());
        }
        SUBCASE("something else is there") {
            std::filesystem::create_directories(place);
            std::ofstream(place / "notes.txt") << "x";
            const auto done = lost.restore({.force = true});
            REQUIRE_FALSE(done.has_value());
            CHECK(done.error().what == place.string() + " is not empty: it has notes.txt");
            CHECK_FALSE(lost.has_index());
        }
        SUBCASE("an empty one, or a new disk") {
            std::filesystem::create_directories(place / "lost+found");
            CHECK(lost.restored().restored);
            CHECK(test::faults_of(*lost.archive()).empty());
        }
    }

    TEST_CASE("an archive that appears while it is restored is left alone") {
        Lost lost;
        std::unique_ptr<Archive> other;
        const auto done = lost.restore({}, [&](std::uint64_t, std::uint64_t) {
            if (!other) other = lost.archive();
        });
        REQUIRE(other);
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().what.starts_with("cannot put " + (lost.settings.path / "index").string())
        );
        CHECK(list_receipts(*other)->empty());
        settled_mail(*other, "its own");
    }

    TEST_CASE("what is no backup is said to be none") {
        Lost lost;
        const auto none = open_backup(lost.dir.path() / "nothing", lost.settings);
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().kind == Kind::misuse);
        CHECK(
            told(none.error()) ==
            "cannot open the backup " + (lost.dir.path() / "nothing").string() +
                ": No such file or directory; give a directory that kwit backup has made, with "
                "index/data.mdb in it"
        );
        std::ofstream(lost.backup / "index" / "data.mdb") << std::string(1U << 16, 'x');
        const auto damaged = open_backup(lost.backup, lost.settings);
        REQUIRE_FALSE(damaged.has_value());
        CHECK(damaged.error().kind == Kind::corrupt);
    }
}

} // namespace kwit
