// How mistakes are told: all at once, in the order of lines, with the nearest known word.
#include "core/base/text.hh"
#include "tests/unit/config/parse.hh"

using namespace kwit;
using test::mistakes;

TEST_SUITE("config/mistakes") {

    TEST_CASE("an unknown key or table names the nearest known one, or all there are") {
        struct Case {
            std::string_view toml;
            std::string_view told;
        };

        for (const Case& c : {
                 Case{
                     "[milter]\nsokcet = \"x\"",
                     "kwit.toml:2: milter.sokcet: unknown key; did you mean \"socket\"?"},
                 Case{
                     "[limits]\n\n\nhedaer_bytes = 1",
                     "kwit.toml:4: limits.hedaer_bytes: unknown key; did you mean "
                     "\"header_bytes\"?"},
                 Case{
                     "[log]\nwhere = 1",
                     "kwit.toml:2: log.where: unknown key; known here: sink, level"},
                 Case{
                     "\n[milters]",
                     "kwit.toml:2: milters: unknown table; did you mean \"milter\"?"},
                 Case{
                     "socket = 1",
                     "kwit.toml:1: socket: unknown key; known here: milter, archive, outbox, "
                     "inspector, texts, log, trust, limits, domain, policy"},
                 Case{
                     "[policy.tagged]\nformat = []",
                     "kwit.toml:2: policy.tagged.format: unknown key; did you mean \"formats\"?"},
                 Case{
                     "[policy.tagged.labels.fr]",
                     "kwit.toml:1: policy.tagged.labels.fr: unknown table; known here: de, en, pl"},
                 Case{
                     "[policy.tagged.labels.pl]\nFX = \"a\"",
                     "kwit.toml:2: policy.tagged.labels.pl.FX: unknown key; did you mean \"FK\"?"},
                 Case{
                     "milter = 3",
                     "kwit.toml:1: milter: expected a table, [milter], found the number 3"},
                 Case{
                     "[[milter]]\nuser = \"kwit\"",
                     "kwit.toml:1: milter: expected a table, [milter], found a list"},
             }) {
            CAPTURE(c.toml);
            CHECK(mistakes(c.toml) == c.told);
        }
    }

    TEST_CASE("all mistakes of a file are told at once, in the order of its lines") {
        const auto settings = parse_settings(
            "[[domain]]\n"
            "name = \"in.example.com\"\n"
            "timezone = \"Warsaw\"\n"
            "[policy.open]\n"
            "formats = [\"pdf\", \"exe\", \"docx\"]\n"
            "[archive]\n"
            "min_free = \"1GB\"\n"
            "[milter]\n"
            "sokcet = \"x\"\n",
            "/etc/kwit/kwit.toml"
        );
        REQUIRE_FALSE(settings.has_value());
        std::string places;
        for (const std::string_view line : split(settings.error().what, '\n'))
            places += std::string(line.substr(0, line.find(": expected"))) + "\n";
        CHECK(
            places ==
            "/etc/kwit/kwit.toml:3: domain.timezone\n"
            "/etc/kwit/kwit.toml:5: policy.open.formats\n"
            "/etc/kwit/kwit.toml:5: policy.open.formats\n"
            "/etc/kwit/kwit.toml:7: archive.min_free\n"
            "/etc/kwit/kwit.toml:9: milter.sokcet: unknown key; did you mean \"socket\"?\n"
        );
    }

    TEST_CASE("a text that is no TOML names its line") {
        struct Case {
            std::string_view toml;
            std::string_view place;
        };

        for (const Case& c : {
                 Case{"[milter]\nsocket = unix", "kwit.toml:2: "},
                 Case{"[milter]\nuser = \"a\"\nuser = \"b\"", "kwit.toml:3: "},
                 Case{"[milter\n", "kwit.toml:1: "},
                 Case{"a = \"\xff\"", "kwit.toml:1: "},
             }) {
            CAPTURE(c.toml);
            CHECK(mistakes(c.toml).starts_with(c.place));
        }
    }

    TEST_CASE("foreign letters of a file cannot reach a terminal as they are") {
        CHECK(mistakes("\"a\\u001b[2Jb\" = 1\n").starts_with("kwit.toml:1: a\\x1b[2Jb: unknown key")
        );
        CHECK(
            mistakes("[milter]\nuser = \"a\\nb\\u202e c\"") ==
            "kwit.toml:2: milter.user: expected the name of a user, found the text "
            "\"a\\nb\\u{202e} c\""
        );
    }

    TEST_CASE("a long wrong text is shown by its beginning") {
        const std::string wrong = "[log]\nsink = \"" + std::string(61, 'x') + "\"";
        CHECK(mistakes(wrong).ends_with("found the text \"" + std::string(60, 'x') + "...\""));
        const std::string shorter = "[log]\nsink = \"" + std::string(60, 'x') + "\"";
        CHECK(mistakes(shorter).ends_with("found the text \"" + std::string(60, 'x') + "\""));
    }
}
