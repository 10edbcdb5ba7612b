#include "core/config/texts.hh"

#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

#include <fstream>

using namespace kwit;

namespace {

const Texts& built_in() {
    static const Texts texts = Texts::load("").value();
    return texts;
}

void put(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path) << text;
}

/// What loading one override file says about it, the directory's name left out.
std::string problem_with(std::string_view name, std::string_view toml) {
    const test::TempDir dir;
    put(dir.path() / name, toml);
    const auto texts = Texts::load(dir.path());
    if (texts.has_value()) return "";
    std::string what = texts.error().what;
    const std::string prefix = dir.path().string() + "/";
    for (std::size_t at = what.find(prefix); at != std::string::npos; at = what.find(prefix))
        what.erase(at, prefix.size());
    CHECK(texts.error().kind == Kind::misuse);
    CHECK_FALSE(texts.error().remedy.empty());
    return what;
}

} // namespace

TEST_SUITE("config/texts") {

    TEST_CASE("there are Polish, German and English texts") {
        CHECK(Texts::locales() == std::vector<std::string>{"de", "en", "pl"});
    }

    TEST_CASE("every language has the same keys with the same placeholders") {
        const auto keys = built_in().keys("en");
        CHECK(keys.size() > 60);
        for (const std::string& locale : Texts::locales()) {
            CAPTURE(locale);
            CHECK(built_in().keys(locale) == keys);
            for (const std::string& key : keys) {
                CAPTURE(key);
                CHECK(built_in().placeholders(locale, key) == built_in().placeholders("en", key));
            }
        }
    }

    TEST_CASE("every reason has a sentence that needs nothing but itself to be said") {
        for (const Reason reason : all_reasons()) {
            for (const std::string& locale : Texts::locales()) {
                CAPTURE(locale);
                CAPTURE(code_of(reason));
                CHECK(built_in().has(locale, code_of(reason)));
                // Nothing unknown comes out even where a finding brings no values.
                const std::string sentence = built_in().sentence(locale, {.reason = reason});
                CHECK(sentence.size() > 20);
                CHECK(sentence.find('{') == std::string::npos);
                CHECK(sentence.ends_with('.'));
            }
        }
    }

    TEST_CASE("texts speak their language in its own letters, and ASCII where SMTP needs it") {
        const Finding finding{
            .reason = Reason::period_invalid,
            .detail = "month",
            .values = {{"period", "13/2024"}, {"read", "13"}}};
        CHECK(
            built_in().sentence("pl", finding) == "Miesiąc „13” podany w okresie 13/2024 nie "
                                                  "istnieje; prosimy wysłać wiadomość ponownie z "
                                                  "miesiącem od 01 do 12."
        );
        CHECK(
            smtp_text(built_in().sentence("de", finding)) ==
            "Den Monat \"13\" wie in der Angabe 13/2024 gibt es nicht; bitte senden Sie die E-Mail "
            "erneut mit einem Monat von 01 bis 12."
        );
        CHECK(
            smtp_text(built_in().text("pl", "storage-full")) ==
            "Obecnie brakuje miejsca na nowe dokumenty; serwer pocztowy sam ponowi probe, nie "
            "trzeba "
            "nic robic."
        );
    }

    TEST_CASE("what is not there is no obstacle") {
        CHECK(built_in().text("fr", "busy") == built_in().text("en", "busy"));
        CHECK(built_in().text("en", "no-such-key") == "no-such-key");
        CHECK(
            built_in().text("en", "address-disabled") ==
            "The import address ? is switched off; please ask your accounting office which one to "
            "use."
        );
        CHECK(built_in().keys("fr").empty());
        CHECK(
            built_in().sentence("en", {.reason = Reason::busy, .detail = "of-later"}) ==
            built_in().text("en", "busy")
        );
    }

    TEST_CASE("a value is put in as it is, and quoted ones are cut after their limit") {
        const Texts::Values braces = {{"address", "{limit}{"}};
        CHECK(
            built_in().text("en", "address-expired", braces) ==
            "The import address {limit}{ has expired; please ask your accounting office for a new "
            "one."
        );
        std::string at_limit;
        for (std::size_t i = 0; i < Texts::max_quoted; ++i)
            at_limit += "ż";
        const auto sentence = [](const std::string& read) {
            return built_in().sentence(
                "en", {.reason = Reason::code_unknown, .values = {{"read", read}}}
            );
        };
        CHECK(sentence(at_limit).find("The code " + at_limit + " belongs") == 0);
        CHECK(sentence(at_limit + "ż").find("The code " + at_limit + "… belongs") == 0);
    }

    TEST_CASE("an office's own texts lie over the built-in ones key by key") {
        const test::TempDir dir;
        put(dir.path() / "pl.toml", "busy = \"Proszę spróbować później.\"\n");
        put(dir.path() / "notes.txt", "not ours");
        const auto texts = Texts::load(dir.path());
        REQUIRE_GOOD(texts);
        CHECK(texts->text("pl", "busy") == "Proszę spróbować później.");
        CHECK(texts->text("pl", "storage-full") == built_in().text("pl", "storage-full"));
        CHECK(texts->text("de", "busy") == built_in().text("de", "busy"));
    }

    TEST_CASE("a table's keys and keys with a dot in quotes are the same") {
        const test::TempDir dir;
        put(dir.path() / "en.toml",
            "\"guideline.intro\" = \"Please:\"\n[subject-malformed]\nempty = \"No subject; add "
            "one.\"\n");
        const auto texts = Texts::load(dir.path());
        REQUIRE_GOOD(texts);
        CHECK(texts->text("en", "guideline.intro") == "Please:");
        CHECK(texts->text("en", "subject-malformed.empty") == "No subject; add one.");
    }

    TEST_CASE("a mistake in an office's texts names file, line and key") {
        struct Case {
            std::string_view file;
            std::string_view toml;
            std::string_view problem;
        };

        for (const Case& c : {
                 Case{
                     "pl.toml",
                     "\nbusi = \"x\"\n",
                     "pl.toml:2: busi: unknown key; did you mean \"busy\"?"},
                 Case{"pl.toml", "zzzzzzzzzzzz = \"x\"\n", "pl.toml:1: zzzzzzzzzzzz: unknown key"},
                 Case{
                     "pl.toml",
                     "busy = 3\n",
                     "pl.toml:1: busy: expected a text, found the number 3"},
                 Case{
                     "pl.toml",
                     "busy = \" \"\n",
                     "pl.toml:1: busy: expected a text, found the text \" \""},
                 Case{
                     "de.toml",
                     "busy = \"{read}\"\n",
                     "de.toml:1: busy: expected the placeholders none, found {read}"},
                 Case{
                     "de.toml",
                     "address-expired = \"weg\"\n",
                     "de.toml:1: address-expired: expected the placeholders {address}, found none"},
                 Case{
                     "de.toml",
                     "sender-not-registered = \"{address} {form}\"\n",
                     "de.toml:1: sender-not-registered: expected the placeholders {address}, "
                     "{from}, "
                     "found {address}, {form}"},
                 Case{
                     "en.toml",
                     "busy = \"a { b\"\n",
                     "en.toml:1: busy: expected braces only around a placeholder like {name}, "
                     "found "
                     "others"},
                 Case{
                     "en.toml",
                     "busy = \"a }\"\n",
                     "en.toml:1: busy: expected braces only around a placeholder like {name}, "
                     "found "
                     "others"},
                 Case{
                     "en.toml",
                     "busy = \"a \\u0007\"\n",
                     "en.toml:1: busy: expected no control characters but line ends and tabs, "
                     "found others"},
                 Case{
                     "fr.toml",
                     "busy = \"x\"\n",
                     "fr.toml: expected a file named de.toml, en.toml, pl.toml, found this one"},
             }) {
            CAPTURE(c.toml);
            CHECK(problem_with(c.file, c.toml) == c.problem);
        }
    }

    TEST_CASE("all mistakes in all files are told at once") {
        const test::TempDir dir;
        put(dir.path() / "de.toml", "busi = \"x\"\nbusy = 1\n");
        put(dir.path() / "pl.toml", "not toml");
        const auto texts = Texts::load(dir.path());
        REQUIRE_FALSE(texts.has_value());
        const auto lines = split(texts.error().what, '\n');
        REQUIRE(lines.size() == 3);
        CHECK(lines.at(0).find("de.toml:1: busi") != std::string_view::npos);
        CHECK(lines.at(1).find("de.toml:2: busy") != std::string_view::npos);
        CHECK(lines.at(2).find("pl.toml:1: ") != std::string_view::npos);
    }

    TEST_CASE("a directory of texts that is not there is an error with a remedy") {
        const test::TempDir dir;
        const auto texts = Texts::load(dir.path() / "away");
        REQUIRE_FALSE(texts.has_value());
        CHECK(texts.error().kind == Kind::misuse);
        CHECK(texts.error().what.find("No such file or directory") != std::string::npos);
        CHECK_FALSE(texts.error().remedy.empty());
    }
}
