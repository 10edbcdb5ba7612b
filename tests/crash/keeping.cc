// Keeping the archive: whenever sweep, backup or restore dies and whatever a power cut takes, the
// archive is whole, a backup is the one before or the new one, a restored archive is whole or not
// there, and a second try ends well.

#include "core/archive/backup.hh"
#include "core/archive/objects.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/archive/restore.hh"
#include "core/archive/sweep.hh"
#include "core/archive/verify.hh"
#include "core/base/sha256.hh"
#include "tests/crash/proof.hh"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

using namespace kwit;
using namespace kwit::crash;

namespace {

using Lines = std::vector<std::string>;
using Path = std::filesystem::path;

/// Something that is done to the trees below a root.
struct Job {
    std::string name;
    std::function<void(const Path&)> prepare;
    std::function<void(const Path&)>
        act; ///< also again, after it was killed; notes what is promised
    std::function<Lines(const Path&, const std::set<std::string>&)> look; ///< what is wrong
    std::set<std::string> needed_elsewhere{};
    std::size_t calls = 0; ///< that it makes at least
};

std::string in_one(const Lines& lines) {
    return fmt::format("{}", fmt::join(lines, "\n"));
}

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

Path archive_in(const Path& root) {
    return root / "archive";
}

Path backup_in(const Path& root) {
    return root / "backup";
}

ArchiveSettings settings_of(const Path& archive) {
    ArchiveSettings settings = Office::settings_for(archive);
    settings.keep_originals = std::chrono::hours(24 * 90);
    return settings;
}

/// When all that was taken is a hundred days old, and the files are, too.
By much_later() {
    const Time taken = *parse_rfc3339("2026-11-21T12:00:00Z");
    return {"test", std::max(taken, now()) + std::chrono::hours(24 * 100)};
}

// ── what the jobs do ─────────────────────────────────────────────────────────────────────────────

void fill_archive(const Path& root, const std::vector<Letter>& letters) {
    Office office(archive_in(root));
    office.make();
    office.fill();
    for (const Letter& letter : letters)
        office.take(letter);
}

void fill_for_sweep(const Path& root) {
    fill_archive(
        root,
        {tagged_letter("<1@kunde.example>"),
         open_letter("<2@lieferant.example>"),
         large_letter("<3@kunde.example>")}
    );
    const auto archive = must(Archive::open(settings_of(archive_in(root))));
    for (const OutboxRow& row : must(list_outbox(*archive)))
        must(mark_sent(*archive, row.id, "4TEST", much_later()));
    auto file = must(temp_file(*archive));
    must(file.write(as_bytes(std::string_view("nobody's"))));
    must(publish_object(*archive, std::move(file), Digest(sha256("nobody's"))));
}

void act_sweep(const Path& root) {
    const auto archive = must(Archive::open(settings_of(archive_in(root))));
    must(sweep(*archive, much_later(), [](const Swept&) {}));
    note("swept");
}

Lines look_at_swept(const Path& root, const std::set<std::string>& promised) {
    const auto archive = must(Archive::open(settings_of(archive_in(root))));
    Lines faults = faults_of(*archive);
    for (const auto& [id, story] : stories_of(*archive))
        for (const std::string& line : story)
            if (line.starts_with("document") && !line.ends_with("there")) faults.push_back(line);
    if (!promised.contains("swept")) return faults;
    for (const Receipt& receipt : must(list_receipts(*archive)))
        if (!receipt.original_removed_at) faults.push_back("not let go of: " + receipt.original);
    return faults;
}

std::string text_of(const Stories& stories) {
    std::string text;
    for (const auto& [id, story] : stories)
        text += fmt::format("{}\n{}\n", id, fmt::join(story, "\n"));
    return text;
}

std::unique_ptr<Archive> open_there(const Path& backup) {
    return must(open_backup(backup, settings_of(backup)));
}

Lines faults_of_copy(const Archive& copy) {
    Lines faults;
    for (const Fault& fault : must(verify(copy)).faults)
        faults.push_back(fmt::format("{} {}: {}", fault.what, fault.name, fault.detail));
    return faults;
}

void act_backup(const Path& root, bool copy) {
    const auto archive = must(Archive::open(settings_of(archive_in(root)), Access::read_only));
    const auto report = must(make_backup(*archive, backup_in(root), {.copy = copy}));
    if (!report.faults.empty()) throw std::runtime_error("a backup with faults");
    note("backup made");
}

/// older: there was a backup before, and there must be one always.
Lines look_at_backup(const Path& root, const std::set<std::string>& promised, bool older) {
    const auto archive = must(Archive::open(settings_of(archive_in(root)), Access::read_only));
    Lines faults = faults_of_copy(*archive);
    const bool made = promised.contains("backup made");
    if (!made && !older && !std::filesystem::exists(backup_in(root) / "index" / "data.mdb"))
        return faults;
    const auto copy = open_there(backup_in(root));
    for (const std::string& fault : faults_of_copy(*copy))
        faults.push_back("backup: " + fault);
    if (made && text_of(stories_of(*copy)) != text_of(stories_of(*archive)))
        faults.emplace_back("the backup is not what the archive is");
    return faults;
}

void make_lost_archive(const Path& root) {
    fill_archive(root, {tagged_letter("<1@kunde.example>"), large_letter("<3@kunde.example>")});
    act_backup(root, true);
    std::filesystem::remove_all(archive_in(root));
}

void act_restore(const Path& root) {
    // What is complete needs no second try.
    if (!std::filesystem::exists(archive_in(root) / "index")) {
        const auto copy = open_there(backup_in(root));
        const auto done =
            must(restore_backup(*copy, settings_of(archive_in(root)), {}, much_later()));
        if (!done.restored) throw std::runtime_error("not restored");
    }
    must(Archive::open(settings_of(archive_in(root)))); // the milter
    note("restored");
}

Lines look_at_restored(const Path& root, const std::set<std::string>& promised) {
    if (!promised.contains("restored") && !std::filesystem::exists(archive_in(root) / "index"))
        return {};
    const auto archive = must(Archive::open(settings_of(archive_in(root)), Access::read_only));
    Lines faults = faults_of_copy(*archive);
    if (text_of(stories_of(*archive)) != text_of(stories_of(*open_there(backup_in(root)))))
        faults.emplace_back("the archive is not what the backup is");
    return faults;
}

std::vector<Job> jobs() {
    const std::vector<Letter> first = {
        tagged_letter("<1@kunde.example>"), large_letter("<3@kunde.example>")};
    const auto bind = [](bool older) {
        return [older](const Path& root, const std::set<std::string>& promised) {
            return look_at_backup(root, promised, older);
        };
    };
    return {
        {.name = "sweep",
         .prepare = fill_for_sweep,
         .act = act_sweep,
         .look = look_at_swept,
         .calls = 10},
        {.name = "the first backup, by links",
         .prepare = [=](const Path& root) { fill_archive(root, first); },
         .act = [](const Path& root) { act_backup(root, false); },
         .look = bind(false),
         .calls = 25},
        {.name = "a further backup, by copies",
         .prepare =
             [=](const Path& root) {
                 fill_archive(root, first);
                 act_backup(root, true);
                 fill_archive(root, {failing_letter("<2@lieferant.example>")});
             },
         .act = [](const Path& root) { act_backup(root, true); },
         .look = bind(true),
         .calls = 25},
        {.name = "restore",
         .prepare = make_lost_archive,
         .act = act_restore,
         .look = look_at_restored,
         .calls = 40},
    };
}

// ── the proof ────────────────────────────────────────────────────────────────────────────────────

class Trial {
public:
    using World = Proof::World;

    explicit Trial(const Job& job) : job_(job) {
        std::filesystem::create_directory(base_.root());
        const Ended done = in_child([&] {
            job_.prepare(base_.root());
            return std::string();
        });
        REQUIRE(done.fault == "");
    }

    void make(const World& world) const {
        std::filesystem::copy(base_.root(), world.root(), std::filesystem::copy_options::recursive);
    }

    Ended act(const World& world, std::optional<Stop> stop = std::nullopt) const {
        return in_child([&] {
            watch({.root = world.root(), .record = world.record(), .stop = stop});
            job_.act(world.root());
            return std::string();
        });
    }

    /// Looks, tries again, looks again.
    Lines judge(
        const Path& root, const std::set<std::string>& promised, const World* watched = nullptr
    ) const {
        const Ended done = in_child([&] {
            if (watched != nullptr) watch({.root = watched->root(), .record = watched->record()});
            Lines faults = job_.look(root, promised);
            job_.act(root);
            for (const std::string& fault : job_.look(root, {"swept", "backup made", "restored"}))
                faults.push_back("tried again: " + fault);
            return in_one(faults);
        });
        Lines faults;
        if (!done.fault.empty()) faults.push_back(done.fault);
        if (!done.said.empty() && done.fault.empty()) faults.push_back(done.said);
        return faults;
    }

    Lines judge(const Image& image, const std::set<std::string>& promised) const {
        const Folder dir;
        image.write_to(dir.path() / "world");
        return judge(dir.path() / "world", promised);
    }

private:
    const Job& job_;
    World base_{};
};

void die_at(const Trial& trial, Stop stop) {
    Trial::World world;
    trial.make(world);
    Disk disk(world.root());
    CHECK(trial.act(world, stop).killed);
    const auto promised = promises(read_record(world.record()));
    CHECK(in_one(trial.judge(world.root(), promised, &world)) == "");
    if (stop.side == Side::before) return;
    const auto events = read_record(world.record());
    disk.play(events);
    const std::size_t count = disk.doubtful(events.size());
    const auto none = disk.image(events.size(), Chosen(count, false));
    CHECK(in_one(trial.judge(none, promises(events))) == "");
}

} // namespace

TEST_SUITE("crash/keeping") {
    TEST_CASE("whenever it dies a second try ends well, and a power cut after it takes nothing") {
        for (const Job& job : jobs()) {
            CAPTURE(job.name);
            const Trial trial(job);
            Lines calls;
            {
                Trial::World world;
                trial.make(world);
                REQUIRE(trial.act(world).fault == "");
                for (const Event& event : read_record(world.record()))
                    if (event.what == Event::What::call) calls.push_back(event.text);
            }
            CHECK(calls.size() >= job.calls);
            for (std::size_t call = 1; call <= calls.size(); call += points_step)
                for (const Side side : {Side::before, Side::after}) {
                    CAPTURE(calls[call - 1]);
                    CAPTURE(static_cast<int>(side));
                    die_at(trial, {call, side});
                }
            MESSAGE(job.name, ": ", 2 * calls.size() / points_step, " points");
        }
    }

    TEST_CASE("no power cut leaves half of it, or takes what is done") {
        for (const Job& job : jobs()) {
            CAPTURE(job.name);
            const Trial trial(job);
            Trial::World world;
            trial.make(world);
            Disk disk(world.root());
            REQUIRE(trial.act(world).fault == "");
            const auto events = read_record(world.record());
            disk.play(events);
            CHECK(explains(disk, world.root()));
            std::size_t images = 0;
            std::set<std::size_t> good;
            const auto judge = [&](const Image& image, std::size_t cut) {
                const auto promised = promises(events, cut);
                const std::size_t hash = hash_of(image, promised);
                if (good.contains(hash)) return Lines();
                ++images;
                auto faults = trial.judge(image, promised);
                if (faults.empty()) good.insert(hash);
                return faults;
            };
            CHECK(first_broken(disk, events, 0, 2, judge) == "");
            CHECK(images >= 20);
            MESSAGE(job.name, ": ", images, " images");
        }
    }
}
