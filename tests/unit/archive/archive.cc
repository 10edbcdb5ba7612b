#include "core/archive/archive.hh"

#include "core/archive/directory.hh"
#include "core/archive/objects.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <limits>

namespace kwit {

namespace {

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};

    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

} // namespace

TEST_SUITE("archive/archive") {
    TEST_CASE("opening makes the places with their rights") {
        const test::TempDir dir;
        const auto archive = Archive::open(test::settings_in(dir));
        REQUIRE_GOOD(archive);
        const auto path = test::settings_in(dir).path;
        CHECK(mode_of(path) == 0750);
        CHECK(mode_of(path / "objects") == 0750);
        CHECK(mode_of(path / "index") == 0700);
        CHECK(mode_of(path / "index" / "data.mdb") == 0600);
    }

    TEST_CASE("an archive that is not there is not made for reading") {
        const test::TempDir dir;
        const auto archive = Archive::open(test::settings_in(dir), Access::read_only);
        REQUIRE_FALSE(archive.has_value());
        CHECK(
            test::told(archive.error()) ==
            "there is no archive at " + test::settings_in(dir).path.string() +
                "; correct path in the [archive] section, or make the first client: kwit client add"
        );
        CHECK(std::filesystem::is_empty(dir.path()));
    }

    TEST_CASE("an archive open for reading shows all and changes nothing") {
        test::World world;
        world.close();
        const auto archive = Archive::open(test::settings_in(world.dir()), Access::read_only);
        REQUIRE_GOOD(archive);
        CHECK(get_client(**archive, "10023")->name == "Kunde GmbH");
        const auto change = add_client(**archive, {.id = "2", .name = "B"}, test::office());
        REQUIRE_FALSE(change.has_value());
        CHECK(change.error().kind == Kind::misuse);
    }

    TEST_CASE("an index of a newer kwit is refused and left alone, a damaged version is damage") {
        test::World world;

        struct Case {
            std::string schema;
            Kind kind;
            std::string told;
        };

        const std::string path = test::settings_in(world.dir()).path.string();
        for (const Case& c : {
                 Case{
                     to_cbor(schema_version + 1),
                     Kind::misuse,
                     "archive " + path +
                         " has schema 3, this kwit reads up to 2; use the version of kwit that "
                         "wrote it, or a newer one"},
                 Case{
                     to_cbor("one"),
                     Kind::corrupt,
                     "the schema version of archive " + path +
                         " is damaged; restore the index from a backup"},
             }) {
            CHECK_THROWS_WITH(world.tamper("meta", "schema", c.schema), c.told.c_str());
            for (const Access access : {Access::read_write, Access::read_only}) {
                const auto archive = Archive::open(test::settings_in(world.dir()), access);
                REQUIRE_FALSE(archive.has_value());
                CHECK(archive.error().kind == c.kind);
                CHECK(test::told(archive.error()) == c.told);
            }
        }
    }

    TEST_CASE("a change of another process is seen at the next look") {
        const test::TempDir dir;
        std::array<int, 2> told{};
        REQUIRE(::pipe(told.data()) == 0);
        const pid_t child = ::fork();
        if (child == 0) {
            char byte = 0;
            if (::read(told[0], &byte, 1) != 1) ::_exit(2);
            auto archive = Archive::open(test::settings_in(dir));
            const bool done = archive && get_client(**archive, "1").has_value() &&
                              add_client(**archive, {.id = "2", .name = "B"}, test::office());
            ::_exit(done ? 0 : 1);
        }
        auto archive = Archive::open(test::settings_in(dir));
        REQUIRE_GOOD(archive);
        REQUIRE_GOOD(add_client(**archive, {.id = "1", .name = "A"}, test::office()));
        CHECK_FALSE(find_client(**archive, "2")->has_value());
        REQUIRE(::write(told[1], "x", 1) == 1);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
        CHECK(find_client(**archive, "2")->has_value());
    }
}

TEST_SUITE("archive/objects") {
    TEST_CASE("an object lies under its digest, for reading only, with its bytes") {
        test::World world;
        const Digest digest = test::object_of(world.archive(), "%PDF-1");
        const std::string hex = digest.hex();
        const auto path = object_path(world.archive(), digest);
        CHECK(
            path ==
            world.archive().path() / "objects/sha256" / hex.substr(0, 2) / hex.substr(2, 2) / hex
        );
        CHECK(mode_of(path) == 0440);
        CHECK(mode_of(path.parent_path()) == 0750);
        CHECK(*read_whole(path, 10) == "%PDF-1");
        CHECK(*has_object(world.archive(), digest, 6));
        CHECK_FALSE(*has_object(world.archive(), digest, 7));
        CHECK_FALSE(object_size(world.archive(), Digest(sha256("other")))->has_value());
        CHECK(open_object(world.archive(), digest)->size() == 6);
        CHECK(test::object_of(world.archive(), "%PDF-1") == digest);
    }

    TEST_CASE("too little space is a temporary error of its own") {
        const test::TempDir dir;
        const auto archive = Archive::open(test::settings_in(dir));
        REQUIRE_GOOD(archive);
        CHECK(check_space(**archive, 0).has_value());
        const auto space = check_space(**archive, std::numeric_limits<std::uint64_t>::max());
        REQUIRE_FALSE(space.has_value());
        CHECK(space.error().kind == Kind::temporary);
        CHECK(space.error().cause == Cause::storage_full);
    }
}

} // namespace kwit
