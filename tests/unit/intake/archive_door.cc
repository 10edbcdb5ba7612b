#include "core/intake/archive_door.hh"

#include "core/base/file.hh"
#include "core/base/log.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace kwit {

namespace {

constexpr ArchiveDoor::Pauses none{
    .between_tries = std::chrono::milliseconds(0),
    .between_house_keeping = std::chrono::milliseconds(0)};

ArchiveSettings settings_in(const test::TempDir& dir) {
    return {.path = dir.path() / "archive", .min_free = 0, .map_size = 64ULL << 20};
}

void make_archive(const test::TempDir& dir) {
    const auto made = Archive::open(settings_in(dir));
    REQUIRE_GOOD(made);
}

/// Another process that begins to read when it is told to, and is killed when this goes.
class Reader {
public:
    /// Before this process has the archive open: the child must not inherit it.
    explicit Reader(const ArchiveSettings& settings) {
        REQUIRE(::pipe(orders_.data()) == 0);
        REQUIRE(::pipe(answers_.data()) == 0);
        child_ = ::fork();
        if (child_ == 0) run(settings);
    }

    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    ~Reader() {
        kill();
        for (const int fd : {orders_[0], orders_[1], answers_[0], answers_[1]})
            ::close(fd);
    }

    void read() {
        char byte = 'r';
        REQUIRE(::write(orders_[1], &byte, 1) == 1);
        REQUIRE(::read(answers_[0], &byte, 1) == 1);
        REQUIRE(byte == 'y');
    }

    void kill() {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        child_ = -1;
    }

private:
    [[noreturn]] void run(const ArchiveSettings& settings) {
        char byte = 'n';
        if (::read(orders_[0], &byte, 1) != 1) _exit(1);
        const auto archive = Archive::open(settings, Access::read_only);
        const auto txn = archive ? std::optional((*archive)->read()) : std::nullopt;
        byte = txn && txn->has_value() ? 'y' : 'n';
        if (::write(answers_[1], &byte, 1) != 1) _exit(1);
        for (;;)
            ::pause();
    }

    std::array<int, 2> orders_{};
    std::array<int, 2> answers_{};
    pid_t child_ = -1;
};

/// Writes the same few pages again and again; the size of the index then.
std::uintmax_t churn(Archive& archive) {
    for (int i = 0; i < 60; ++i)
        REQUIRE_GOOD(archive.change([&](lmdb::WriteTxn& txn) {
            return txn.put(archive.tables().meta, "churn", std::string(20000, char('a' + i % 26)));
        }));
    return std::filesystem::file_size(archive.path() / "index" / "data.mdb");
}

} // namespace

TEST_SUITE("intake/archive_door") {
    TEST_CASE("the places of readers that were killed are given back, and the index stops growing"
    ) {
        const test::TempDir dir;
        make_archive(dir);
        Reader reader(settings_in(dir));
        const auto file = dir.path() / "log";
        REQUIRE_GOOD(log::set_up({.sink = "file:" + file.string()}));
        ArchiveDoor door(settings_in(dir), Access::read_write, none);
        const auto archive = door.get();
        REQUIRE_GOOD(archive);
        const auto before = churn(**archive);
        CHECK(churn(**archive) == before);
        reader.read();
        const auto held_up = churn(**archive);
        CHECK(held_up > before + 500'000); // no page that it sees is used again
        reader.kill();
        REQUIRE_GOOD(door.get());
        const auto after = churn(**archive);
        CHECK(churn(**archive) == after);
        CHECK(after < held_up + 500'000);
        const auto told = read_whole(file, 10'000);
        REQUIRE_GOOD(told);
        CHECK(told->find("1 readers of the index had died") != std::string::npos);
        REQUIRE_GOOD(log::set_up({}));
    }

    TEST_CASE("another size of the map is taken over as soon as nobody has the archive open") {
        const test::TempDir dir;
        ArchiveSettings settings = settings_in(dir);
        settings.map_size = 1U << 20;
        make_archive(dir);
        ArchiveDoor door(settings, Access::read_write, none);
        auto archive = door.get();
        REQUIRE_GOOD(archive);
        const auto put_much = [](Archive& into) {
            return into.change([&](lmdb::WriteTxn& txn) {
                return txn.put(into.tables().meta, "much", std::string(2U << 20, 'x'));
            });
        };
        const auto full = put_much(**archive);
        REQUIRE_FALSE(full.has_value());
        CHECK(full.error().cause == Cause::storage_full);
        door.set_map_size(16U << 20);
        const auto held = door.get();
        REQUIRE_FALSE(held.has_value());
        CHECK(held.error().kind == Kind::temporary);
        *archive = nullptr;
        const auto again = door.get();
        REQUIRE_GOOD(again);
        CHECK(put_much(**again).has_value());
    }

    TEST_CASE("an archive that is replaced is opened when the last one lets go of the old one") {
        const test::TempDir dir;
        make_archive(dir);
        ArchiveDoor door(settings_in(dir), Access::read_write, none);
        auto old = door.get();
        REQUIRE_GOOD(old);
        const auto path = settings_in(dir).path;
        const std::string moved = path.string() + ".moved";
        std::filesystem::rename(path, moved);
        CHECK_FALSE(door.get().has_value());
        CHECK_FALSE(std::filesystem::exists(path));
        std::filesystem::copy(moved, path, std::filesystem::copy_options::recursive);
        const auto still = door.get();
        REQUIRE_FALSE(still.has_value());
        CHECK(still.error().what.find("still being closed") != std::string::npos);
        *old = nullptr;
        CHECK(door.get().has_value());
    }
}

} // namespace kwit
