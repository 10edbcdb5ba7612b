// The keys of [[domain]], and how many domains there may be.
#include "tests/unit/config/parse.hh"

#include <fmt/format.h>

using namespace kwit;
using test::mistakes;

TEST_SUITE("config/domains") {
    TEST_CASE("[[domain]]: each key within its bounds, and beyond them what was expected") {
        struct DomainCase {
            std::string_view line;
            std::string_view told; ///< after "expected "
        };

        for (const DomainCase& c : {
                 DomainCase{"locale = \"pl\"", ""},
                 DomainCase{"locale = \"fr\"", "one of de, en, pl, found the text \"fr\""},
                 DomainCase{"timezone = \"Europe/Warsaw\"", ""},
                 DomainCase{
                     "timezone = \"Europe/Warszawa\"",
                     R"(a time zone of the IANA database like "Europe/Warsaw", found the text "Europe/Warszawa")"},
                 DomainCase{
                     "timezone = 1",
                     R"(a time zone of the IANA database like "Europe/Warsaw", found the number 1)"},
                 DomainCase{
                     "from = \"Biuro\"",
                     R"(a sender like "Office <office@example.com>", found the text "Biuro")"},
                 DomainCase{
                     "reply_to = \"biuro\"",
                     R"(an e-mail address like "office@example.com", found the text "biuro")"},
                 DomainCase{
                     "base = \"bounce\"",
                     "the local part of tagged addresses: at most 40 of a-z, 0-9, dot, hyphen and "
                     "underscore, neither postmaster nor bounce, found the text \"bounce\""},
             }) {
            CAPTURE(c.line);
            const std::string key(c.line.substr(0, c.line.find(' ')));
            const std::string told =
                mistakes(fmt::format("[[domain]]\nname = \"a.example\"\n{}", c.line));
            if (c.told.empty()) {
                CHECK(told.empty());
            } else {
                CHECK(told == fmt::format("kwit.toml:3: domain.{}: expected {}", key, c.told));
            }
        }
    }

    TEST_CASE("there is at least one domain, each with a name and none twice") {
        struct DomainCase {
            std::string_view toml;
            std::string_view told;
        };

        const std::string label(63, 'a');
        const std::string good_label = "[[domain]]\nname = \"" + label + ".example\"";
        const std::string long_label = "[[domain]]\nname = \"" + label + "a.example\"";
        const std::string told_label = fmt::format(
            "kwit.toml:2: domain.name: expected a domain name like \"in.example.com\", found the "
            "text "
            "\"{}...\"",
            std::string(60, 'a')
        );
        for (const DomainCase& c : {
                 DomainCase{good_label, ""},
                 DomainCase{long_label, told_label},
                 DomainCase{
                     "",
                     "kwit.toml:1: domain: expected at least one [[domain]] with a name, found "
                     "none"},
                 DomainCase{
                     "domain = []",
                     "kwit.toml:1: domain: expected at least one [[domain]] with a name, found an "
                     "empty list"},
                 DomainCase{
                     "\n[domain]\nname = \"a.example\"",
                     "kwit.toml:2: domain: expected at least one [[domain]] with a name, found a "
                     "table"},
                 DomainCase{
                     "domain = [\"a.example\"]",
                     "kwit.toml:1: domain: expected a table, [[domain]], found the text "
                     "\"a.example\""},
                 DomainCase{
                     "[[domain]]\nlocale = \"pl\"",
                     "kwit.toml:1: domain.name: expected a domain name like \"in.example.com\", "
                     "found "
                     "nothing"},
                 DomainCase{
                     "[[domain]]\nname = \"a b\"",
                     "kwit.toml:2: domain.name: expected a domain name like \"in.example.com\", "
                     "found "
                     "the text \"a b\""},
                 DomainCase{
                     "[[domain]]\nname = \"a.example\"\n[[domain]]\nname = "
                     "\"b.example\"\n[[domain]]\n"
                     "name = \"A.Example\"",
                     "kwit.toml:6: domain.name: expected each domain once, found a.example again"},
             }) {
            CAPTURE(c.toml);
            const auto settings = parse_settings(c.toml, "kwit.toml");
            CHECK(settings.has_value() == c.told.empty());
            if (!settings.has_value()) CHECK(settings.error().what == c.told);
        }
    }
}
