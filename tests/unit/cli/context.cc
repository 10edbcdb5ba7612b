#include "cli/context.hh"

#include "tests/unit/cli/output.hh"
#include "tests/unit/temp_dir.hh"

namespace kwit::cli {

namespace {

struct Office {
    test::TempDir dir{};
    Settings settings{};
    test::Output output{};
    Context context{
        .settings = settings,
        .out = output.printer,
        .by = {.who = "test", .at = *parse_rfc3339("2026-11-21T12:00:00Z")},
        .command_line = "kwit client list"};

    Office() {
        settings.archive = {.path = dir.path() / "archive", .min_free = 0, .map_size = 64ULL << 20};
    }
};

} // namespace

TEST_SUITE("cli/context") {
    TEST_CASE("a command that reads makes no archive and says how one is made") {
        Office office;
        const auto archive = open_archive(office.context, Access::read_only);
        REQUIRE_FALSE(archive.has_value());
        CHECK(archive.error().kind == Kind::temporary);
        CHECK(
            archive.error().what ==
            "there is no archive at " + office.settings.archive.path.string()
        );
        CHECK(archive.error().remedy.find("kwit client add") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(office.settings.archive.path));
    }

    TEST_CASE("an empty directory is no archive, as it is when a disk is not mounted") {
        Office office;
        std::filesystem::create_directory(office.settings.archive.path);
        const auto archive = open_archive(office.context, Access::read_only);
        REQUIRE_FALSE(archive.has_value());
        CHECK(std::filesystem::is_empty(office.settings.archive.path));
    }

    TEST_CASE("a command that writes makes the archive, and then it can be read") {
        Office office;
        {
            const auto made = open_archive(office.context, Access::read_write);
            REQUIRE_GOOD(made);
        }
        REQUIRE_GOOD(open_archive(office.context, Access::read_only));
    }

    TEST_CASE("a user that does not exist is told before anything is made") {
        Office office;
        office.settings.milter.user = "kwit-no-such-user";
        const auto archive = open_archive(office.context, Access::read_write);
        REQUIRE_FALSE(archive.has_value());
        CHECK(archive.error().kind == Kind::temporary);
        CHECK(archive.error().what.find("kwit-no-such-user") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(office.settings.archive.path));
    }

    TEST_CASE("words are quoted for a shell where they need it") {
        struct Case {
            std::string word;
            std::string_view quoted;
        };

        for (const Case& c :
             {Case{"client", "client"},
              Case{"faktury+1@in.example.com", "faktury+1@in.example.com"},
              Case{"", "''"},
              Case{"Kunde GmbH", "'Kunde GmbH'"},
              Case{"O'Neil", "'O'\\''Neil'"},
              Case{"$(x)", "'$(x)'"}}) {
            CAPTURE(c.word);
            CHECK(shell_word(c.word) == c.quoted);
        }
    }
}

} // namespace kwit::cli
