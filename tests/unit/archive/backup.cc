#include "core/archive/backup.hh"

#include "core/archive/restore.hh"
#include "core/archive/sweep.hh"
#include "tests/unit/archive/world.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace kwit {

namespace {

using test::at_ten;
using test::settled_mail;
using test::told;
using test::World;

using Faults = std::vector<std::string>;

/// A world with two mails, and a place for its backup.
struct Backed {
    World world{};
    std::filesystem::path place{world.dir().path() / "backup"};

    Backed() {
        settled_mail(archive(), "1");
        settled_mail(archive(), "2");
    }

    Archive& archive() { return world.archive(); }

    Result<BackupReport> make(const BackupOptions& options = {}, const Progress& progress = {}) {
        return make_backup(archive(), place, options, progress);
    }

    BackupReport made(const BackupOptions& options = {}, const Progress& progress = {}) {
        auto report = make(options, progress);
        REQUIRE_GOOD(report);
        return std::move(*report);
    }

    std::unique_ptr<Archive> copy() {
        auto opened = open_backup(place, test::settings_in(world.dir()));
        REQUIRE_GOOD(opened);
        return std::move(*opened);
    }

    std::filesystem::path object(std::string_view bytes) const {
        return object_path(place, Digest(sha256(bytes)));
    }

    /// An object of the archive with the first byte changed, and nothing else.
    void damage(std::string_view bytes) {
        const auto path = object_path(archive(), Digest(sha256(bytes)));
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        std::fstream(path, std::ios::in | std::ios::out).seekp(0).put('X');
    }
};

struct stat status_of(const std::filesystem::path& path) {
    struct stat status {};

    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status;
}

unsigned mode_of(const std::filesystem::path& path) {
    return status_of(path).st_mode & 07777U;
}

std::string text_of(const std::filesystem::path& path) {
    const auto text = read_whole(path, 1U << 20);
    REQUIRE_GOOD(text);
    return *text;
}

} // namespace

TEST_SUITE("archive/backup") {
    TEST_CASE(
        "a backup is a whole archive of its own, closed to others, linked where that is possible"
    ) {
        Backed backed;
        const BackupReport report = backed.made();
        CHECK(report.objects == 4);
        CHECK(report.linked == 4);
        CHECK(report.copied == 0);
        CHECK(report.present == 0);
        CHECK(report.faults.empty());
        CHECK(report.head.sha256 == journal_head(backed.archive())->sha256);
        CHECK(mode_of(backed.place) == 0700);
        CHECK(mode_of(backed.place / "index") == 0700);
        CHECK(mode_of(backed.place / "index" / "data.mdb") == 0600);
        CHECK(mode_of(backed.object("%PDF-1")) == 0440);
        CHECK(status_of(backed.object("%PDF-1")).st_nlink == 2);
        CHECK_FALSE(std::filesystem::exists(backed.place / "new"));

        const auto copy = backed.copy();
        CHECK(test::faults_of(*copy).empty());
        CHECK(list_receipts(*copy)->size() == 2);
        // Looking at it made nothing.
        CHECK_FALSE(std::filesystem::exists(backed.place / "index" / "lock.mdb"));
    }

    TEST_CASE("the next backup brings only what is new, and its index takes the earlier one's place"
    ) {
        Backed backed;
        backed.made();
        settled_mail(backed.archive(), "3");
        const BackupReport report = backed.made();
        CHECK(report.objects == 6);
        CHECK(report.linked == 2);
        CHECK(report.present == 4);
        CHECK(list_receipts(*backed.copy())->size() == 3);
        CHECK(test::faults_of(*backed.copy()).empty());
    }

    TEST_CASE("an object in the backup that is too short is brought again") {
        Backed backed;
        backed.made();
        std::filesystem::remove(backed.object("%PDF-1"));
        std::ofstream(backed.object("%PDF-1")) << "%";
        const BackupReport report = backed.made();
        CHECK(report.linked == 1);
        CHECK(report.present == 3);
        CHECK(test::faults_of(*backed.copy()).empty());
    }

    TEST_CASE("copies share no bytes with the archive, also of what was linked before") {
        Backed backed;
        backed.made();
        const BackupReport report = backed.made({.copy = true});
        CHECK(report.copied == 4);
        CHECK(report.present == 0);
        CHECK(status_of(backed.object("%PDF-1")).st_nlink == 1);
        CHECK(mode_of(backed.object("%PDF-1")) == 0440);
        CHECK(text_of(backed.object("%PDF-1")) == "%PDF-1");
        CHECK(backed.made({.copy = true}).present == 4);
        backed.damage("%PDF-1");
        CHECK(test::faults_of(*backed.copy()).empty());
        CHECK_FALSE(test::faults_of(backed.archive()).empty());
    }

    TEST_CASE("what is copied is hashed on its way: damaged bytes do not come into a backup") {
        Backed backed;
        backed.damage("%PDF-1");
        const BackupReport report = backed.made({.copy = true});
        REQUIRE(report.faults.size() == 1);
        CHECK(report.faults.at(0).what == "object-damaged");
        CHECK(report.faults.at(0).name == Digest(sha256("%PDF-1")).hex());
        CHECK_FALSE(std::filesystem::exists(backed.object("%PDF-1")));
        CHECK(report.copied == 3);
    }

    TEST_CASE(
        "what the archive has lost is told, all else is in the backup, and an earlier copy stays"
    ) {
        Backed backed;
        const std::string one = "object-missing " + Digest(sha256("%PDF-1")).hex();
        const auto path = object_path(backed.archive(), Digest(sha256("%PDF-1")));

        SUBCASE("never backed up") {
            std::filesystem::remove(path);
            const BackupReport report = backed.made({.prune = true});
            REQUIRE(report.faults.size() == 1);
            CHECK(report.faults.at(0).what + " " + report.faults.at(0).name == one);
            CHECK(report.linked == 3);
            CHECK(test::faults_of(*backed.copy()) == Faults{one});
        }
        SUBCASE("backed up before") {
            backed.made({.copy = true});
            std::filesystem::remove(path);
            CHECK(backed.made({.prune = true}).faults.empty());
            CHECK(test::faults_of(*backed.copy()).empty());
        }
    }

    TEST_CASE("what a sweep takes away meanwhile makes the index be copied again") {
        Backed backed;
        for (int i = 3; i < 9; ++i)
            settled_mail(backed.archive(), std::to_string(i));
        bool swept = false;
        const Time late = at_ten() + std::chrono::hours(24 * 91);
        const BackupReport report = backed.made({}, [&](std::uint64_t, std::uint64_t) {
            if (std::exchange(swept, true)) return;
            const auto done = sweep(backed.archive(), {"root", late}, [](const Swept&) {});
            REQUIRE_GOOD(done);
            CHECK(done->originals.count == 8);
        });
        CHECK(report.faults.empty());
        CHECK(report.objects == 8); // the documents
        const auto copy = backed.copy();
        CHECK(test::faults_of(*copy).empty());
        const auto receipts = list_receipts(*copy);
        REQUIRE_GOOD(receipts);
        for (const Receipt& receipt : *receipts)
            CHECK(receipt.original_removed_at == late);
    }

    TEST_CASE("pruning removes from the backup what its index does not name any more, else it stays"
    ) {
        Backed backed;
        backed.made();
        const Receipt receipt = list_receipts(backed.archive())->front();
        const Time late = at_ten() + std::chrono::hours(24 * 91);
        REQUIRE_GOOD(sweep(backed.archive(), {"root", late}, [](const Swept&) {}));
        const auto original = object_path(backed.place, *Digest::parse(receipt.original));
        std::ofstream(backed.place / "objects" / "notes.txt") << "x";

        CHECK(backed.made().pruned == 0);
        CHECK(std::filesystem::exists(original));
        const BackupReport report = backed.made({.prune = true});
        CHECK(report.pruned == 2);
        CHECK(report.pruned_bytes == 54);
        CHECK_FALSE(std::filesystem::exists(original));
        CHECK(std::filesystem::exists(backed.object("%PDF-1")));
        CHECK(std::filesystem::exists(backed.place / "objects" / "notes.txt"));
        CHECK(test::faults_of(*backed.copy()).empty());
    }

    TEST_CASE("a backup that cannot be finished leaves the one before whole, and nothing half made"
    ) {
        Backed backed;
        backed.made();
        const std::string before = text_of(backed.place / "index" / "data.mdb");
        settled_mail(backed.archive(), "3");
        // Something that no file can replace.
        std::filesystem::create_directories(backed.object("%PDF-3") / "in the way");
        for (const bool copy : {false, true}) {
            CAPTURE(copy);
            CHECK_FALSE(backed.make({.copy = copy}).has_value());
            CHECK(text_of(backed.place / "index" / "data.mdb") == before);
            CHECK_FALSE(std::filesystem::exists(backed.place / "new"));
            std::filesystem::remove_all(backed.object("%PDF-3"));
            CHECK(test::faults_of(*backed.copy()).empty());
            std::filesystem::create_directories(backed.object("%PDF-3") / "in the way");
        }
        std::filesystem::remove_all(backed.object("%PDF-3"));
        // What a crash leaves of one that was interrupted.
        std::filesystem::create_directories(backed.place / "new" / "index");
        std::ofstream(backed.place / "new" / "index" / "data.mdb") << "half";
        std::ofstream(backed.place / "new" / Digest(sha256("%PDF-3")).hex()) << "half";
        CHECK(backed.made({.copy = true}).faults.empty());
        CHECK_FALSE(std::filesystem::exists(backed.place / "new"));
        CHECK(test::faults_of(*backed.copy()).empty());
    }

    TEST_CASE("a directory that is something else is refused, and left as it is") {
        Backed backed;
        const auto& dir = backed.world.dir().path();

        SUBCASE("it has other things in it") {
            std::filesystem::create_directory(backed.place);
            std::ofstream(backed.place / "letter.txt") << "x";
            const auto made = backed.make();
            REQUIRE_FALSE(made.has_value());
            CHECK(made.error().kind == Kind::refused);
            CHECK(
                told(made.error()) == backed.place.string() +
                                          " is not empty, and no backup of kwit; give an empty "
                                          "directory, or one that is yet to be made"
            );
            CHECK_FALSE(std::filesystem::exists(backed.place / "kwit-backup"));
        }
        SUBCASE("it lies in the archive") {
            for (const auto& place :
                 {dir / "archive", dir / "archive" / "backup", dir / "archive" / "objects" / "x"}) {
                CAPTURE(place.string());
                const auto made = make_backup(backed.archive(), place, {});
                REQUIRE_FALSE(made.has_value());
                CHECK(made.error().kind == Kind::refused);
            }
            CHECK_FALSE(std::filesystem::exists(dir / "archive" / "backup"));
            std::filesystem::create_directory_symlink(dir / "archive", dir / "elsewhere");
            CHECK_FALSE(make_backup(backed.archive(), dir / "elsewhere" / "b", {}).has_value());
        }
        SUBCASE("a name that only begins like the archive's is another place") {
            CHECK(make_backup(backed.archive(), dir / "archive2", {}).has_value());
        }
        SUBCASE("its parent is not there: a disk that is not mounted") {
            CHECK_FALSE(make_backup(backed.archive(), dir / "disk" / "backup", {}).has_value());
            CHECK_FALSE(std::filesystem::exists(dir / "disk"));
        }
        SUBCASE("a file is there") {
            std::ofstream(backed.place) << "x";
            CHECK_FALSE(backed.make().has_value());
            CHECK(text_of(backed.place) == "x");
        }
    }

    TEST_CASE("a new disk with its lost+found is as good as empty, and is closed to others") {
        Backed backed;
        std::filesystem::create_directories(backed.place / "lost+found");
        std::filesystem::permissions(backed.place, std::filesystem::perms::all);
        CHECK(backed.made().objects == 4);
        CHECK(mode_of(backed.place) == 0700);
    }

    TEST_CASE("the backup of another archive is not written over") {
        Backed backed;
        backed.made();
        const std::string before = text_of(backed.place / "index" / "data.mdb");
        World other;
        settled_mail(other.archive(), "1");
        settled_mail(other.archive(), "2");
        settled_mail(other.archive(), "3");
        const auto made = make_backup(other.archive(), backed.place, {.prune = true});
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().kind == Kind::refused);
        CHECK(made.error().what.find("is a backup of another archive") != std::string::npos);
        CHECK(text_of(backed.place / "index" / "data.mdb") == before);

        // Nor by the same one in an earlier state, as after a restore of an older backup.
        World younger;
        CHECK_FALSE(make_backup(younger.archive(), backed.place, {}).has_value());
    }

    TEST_CASE("one kwit at a time is at work on a backup") {
        Backed backed;
        backed.made();
        {
            const auto held = hold_backup(backed.place);
            REQUIRE_GOOD(held);
            REQUIRE_GOOD(hold_backup(backed.place)); // several may read
            std::filesystem::create_directory(backed.place / "new");
            const auto made = backed.make();
            REQUIRE_FALSE(made.has_value());
            CHECK(
                told(made.error()) == "another kwit is at work on the backup " +
                                          backed.place.string() + "; wait until it is done"
            );
            CHECK(std::filesystem::exists(backed.place / "new")); // the other's
        }
        CHECK(backed.made().present == 4);
    }
}

} // namespace kwit
