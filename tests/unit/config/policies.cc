#include "core/model/file_pattern.hh"
#include "tests/unit/config/parse.hh"

#include <fmt/format.h>

using namespace kwit;
using test::good;
using test::mistakes;

namespace {

Policy policy(std::string_view toml, const std::string& name) {
    const Settings settings = good(toml);
    REQUIRE(settings.policies.contains(name));
    return settings.policies.at(name);
}

} // namespace

TEST_SUITE("config/policies") {

    TEST_CASE("tagged and open exist without being written") {
        const Policy tagged = policy("", "tagged");
        CHECK(tagged.name == "tagged");
        CHECK(tagged.route == Route::subject);
        CHECK(tagged.senders == Senders::registered);
        CHECK(tagged.authentication == Authentication::required);
        CHECK_FALSE(tagged.spf_suffices);
        CHECK_FALSE(tagged.secret_suffices);
        CHECK(tagged.categories == std::vector<std::string>{"FK", "FZ", "FS", "INNE"});
        CHECK(tagged.formats == std::vector{Format::pdf, Format::jpeg, Format::png, Format::tiff});
        CHECK(tagged.on_failure == OnFailure::reply);
        CHECK(tagged.tell_sender);
        CHECK_FALSE(tagged.tell_notify);

        const Policy open = policy("", "open");
        CHECK(open.name == "open");
        CHECK(open.route == Route::address);
        CHECK(open.senders == Senders::anyone);
        CHECK(open.authentication == Authentication::off);
        CHECK(open.categories.empty());
        CHECK(open.formats == std::vector{Format::pdf});
        CHECK(open.on_failure == OnFailure::forward);
        CHECK_FALSE(open.tell_sender);
        CHECK(open.tell_notify);
    }

    TEST_CASE("every key of a policy is read") {
        const Policy strict = policy(
            "[policy.strict]\n"
            "route = \"subject\"\n"
            "senders = \"registered\"\n"
            "authentication = \"preferred\"\n"
            "spf_suffices = true\n"
            "secret_suffices = true\n"
            "categories = [\"A\", \"b-2\"]\n"
            "formats = [\"pdf\", \"xml-invoice\"]\n"
            "annex = [\"*agb*\", \"Anlage_?.pdf\"]\n"
            "on_failure = \"reject\"\n"
            "on_success = [\"sender\", \"notify\"]\n",
            "strict"
        );
        CHECK(strict.name == "strict");
        CHECK(strict.authentication == Authentication::preferred);
        CHECK(strict.spf_suffices);
        CHECK(strict.secret_suffices);
        CHECK(strict.categories == std::vector<std::string>{"A", "b-2"});
        CHECK(strict.formats == std::vector{Format::pdf, Format::xml_invoice});
        CHECK(strict.annex == std::vector<std::string>{"*agb*", "Anlage_?.pdf"});
        CHECK(strict.on_failure == OnFailure::reject);
        CHECK(strict.tell_sender);
        CHECK(strict.tell_notify);
    }

    TEST_CASE("patterns of annexes are as many and as long as the limits, one more is a mistake") {
        const auto with = [](std::size_t count, std::size_t length) {
            std::string list;
            for (std::size_t i = 0; i < count; ++i)
                list += fmt::format("\"{:0{}}\", ", i, length);
            return "[policy.p]\nannex = [" + list + "]\n";
        };
        CHECK(policy(with(max_patterns, max_pattern), "p").annex.size() == max_patterns);
        CHECK(
            mistakes(with(max_patterns + 1, 9)) ==
            "kwit.toml:2: policy.p.annex: expected at most 50, found 51"
        );
        const std::string form =
            "kwit.toml:2: policy.p.annex: expected a pattern of file names like "
            "\"*agb*\": at most 100 bytes in one line without slashes, and "
            "more than * and ?, which every name would fit, found the text ";
        CHECK(mistakes(with(1, max_pattern + 1)).starts_with(form));
        CHECK(mistakes("[policy.p]\nannex = [\"*\"]\n") == form + "\"*\"");
        CHECK(mistakes("[policy.p]\nannex = [\"\"]\n") == form + "\"\"");
    }

    TEST_CASE("a new policy starts from tagged, with route address from open") {
        const Policy from_tagged = policy("[policy.new]\nformats = [\"png\"]", "new");
        CHECK(from_tagged.route == Route::subject);
        CHECK(from_tagged.categories.size() == 4);
        CHECK(from_tagged.on_failure == OnFailure::reply);
        CHECK(from_tagged.formats == std::vector{Format::png});
        const Policy from_open = policy("[policy.new]\nroute = \"address\"", "new");
        CHECK(from_open.route == Route::address);
        CHECK(from_open.senders == Senders::anyone);
        CHECK(from_open.on_failure == OnFailure::forward);
        CHECK(from_open.formats == std::vector{Format::pdf});
    }

    TEST_CASE("on_success may name nobody") {
        const Policy quiet = policy("[policy.tagged]\non_success = []", "tagged");
        CHECK_FALSE(quiet.tell_sender);
        CHECK_FALSE(quiet.tell_notify);
    }

    TEST_CASE("every category has a label in every locale: its own, the built-in one, or its code"
    ) {
        const Policy tagged = policy(
            "[policy.tagged]\n"
            "categories = [\"FK\", \"INNE\", \"KP\"]\n"
            "[policy.tagged.labels.pl]\n"
            "FK = \"koszty\"\n",
            "tagged"
        );
        using Labels = std::map<std::string, std::string>;
        CHECK(
            tagged.labels.at("pl") ==
            Labels{
                {"FK", "koszty"}, {"INNE", "inne dokumenty (np. umowy, protokoły)"}, {"KP", "KP"}}
        );
        CHECK(
            tagged.labels.at("de") ==
            Labels{
                {"FK", "Kostenrechnung"},
                {"INNE", "sonstige Unterlagen (z. B. Verträge, Protokolle)"},
                {"KP", "KP"}}
        );
        CHECK(tagged.labels.at("en").at("FK") == "cost invoice");
        CHECK(policy("", "tagged").labels.at("pl").at("FS") == "faktura sprzedażowa");
    }

    TEST_CASE("wrong values of a policy are told") {
        struct Case {
            std::string_view lines; ///< of [policy.p], from line 2 on
            std::string_view told;
        };

        for (const Case& c : {
                 Case{
                     "route = \"subjekt\"",
                     "2: policy.p.route: expected one of subject, address, found the text "
                     "\"subjekt\"; did you mean \"subject\"?"},
                 Case{
                     "senders = \"everybody\"",
                     "2: policy.p.senders: expected one of registered, anyone, found the text "
                     "\"everybody\""},
                 Case{
                     "authentication = true",
                     "2: policy.p.authentication: expected one of required, preferred, off, found "
                     "true"},
                 Case{
                     "on_failure = \"bounce\"",
                     "2: policy.p.on_failure: expected one of reject, reply, forward, found the "
                     "text "
                     "\"bounce\""},
                 Case{
                     "on_success = [\"sender\", \"notfy\"]",
                     "2: policy.p.on_success: expected one of sender, notify, found the text "
                     "\"notfy\"; did you mean \"notify\"?"},
                 Case{
                     "on_success = [\"sender\", \"sender\"]",
                     "2: policy.p.on_success: expected each only once, found the text \"sender\""},
                 Case{
                     "on_success = \"sender\"",
                     "2: policy.p.on_success: expected a list, each one of sender, notify, found "
                     "the "
                     "text \"sender\""},
                 Case{
                     "formats = [\"pdf\", \"jpg\"]",
                     "2: policy.p.formats: expected one of pdf, jpeg, png, tiff, gif, bmp, webp, "
                     "heic, "
                     "office, rtf, xml, xml-invoice, text, found the text \"jpg\"; did you mean "
                     "\"jpeg\"?"},
                 Case{
                     "formats = [\"executable\"]",
                     "2: policy.p.formats: expected one of pdf, jpeg, png, tiff, gif, bmp, webp, "
                     "heic, "
                     "office, rtf, xml, xml-invoice, text, found the text \"executable\""},
                 Case{"formats = []", "2: policy.p.formats: expected at least one, found none"},
                 Case{
                     "formats = [\"pdf\",\n  \"png\",\n  \"pdf\"]",
                     "4: policy.p.formats: expected each only once, found the text \"pdf\""},
                 Case{
                     "categories = []",
                     "2: policy.p.categories: expected at least one with route = \"subject\", "
                     "found none"},
                 Case{
                     "categories = [\"FK\", \"\"]",
                     "2: policy.p.categories: expected a code like \"FK\": at most 16 letters, "
                     "digits, "
                     "\"-\" and \"_\", found the text \"\""},
                 Case{
                     "categories = [\"A B\"]",
                     "2: policy.p.categories: expected a code like \"FK\": at most 16 letters, "
                     "digits, "
                     "\"-\" and \"_\", found the text \"A B\""},
                 Case{"categories = [\"ABCDEFGHIJKLMNOP\"]", ""},
                 Case{
                     "categories = [\"ABCDEFGHIJKLMNOPQ\"]",
                     "2: policy.p.categories: expected a code like \"FK\": at most 16 letters, "
                     "digits, "
                     "\"-\" and \"_\", found the text \"ABCDEFGHIJKLMNOPQ\""},
                 Case{
                     "categories = [\"FK\", \"FK\"]",
                     "2: policy.p.categories: expected each only once, found the text \"FK\""},
                 Case{
                     "categories = [\"FK\", \"fk\"]",
                     "2: policy.p.categories: expected codes that differ by more than case, found "
                     "FK "
                     "and fk"},
                 Case{
                     "route = \"address\"\nsecret_suffices = true",
                     "3: policy.p.secret_suffices: expected false with route = \"address\", whose "
                     "addresses have no place for a secret"},
                 Case{
                     "route = \"address\"\ncategories = [\"FK\"]",
                     "3: policy.p.categories: expected none with route = \"address\", where the "
                     "category is the address's symbol"},
                 Case{
                     "labels = 1",
                     "2: policy.p.labels: expected a table, [policy.p.labels], found the number 1"},
                 Case{
                     "labels.pl.FK = \"\"",
                     "2: policy.p.labels.pl.FK: expected a label of at most 100 bytes in one line, "
                     "found the text \"\""},
                 Case{
                     "labels.pl.FK = \"a\\nb\"",
                     "2: policy.p.labels.pl.FK: expected a label of at most 100 bytes in one line, "
                     "found the text \"a\\nb\""},
             }) {
            CAPTURE(c.lines);
            const std::string told = mistakes("[policy.p]\n" + std::string(c.lines));
            CHECK(told == (c.told.empty() ? "" : "kwit.toml:" + std::string(c.told)));
        }
    }

    TEST_CASE("a label fits at its limit, and not one byte over it") {
        const auto label = [](std::size_t length) {
            return "[policy.tagged.labels.en]\nFK = \"" + std::string(length, 'x') + "\"";
        };
        CHECK(mistakes(label(100)).empty());
        CHECK_FALSE(mistakes(label(101)).empty());
    }

    TEST_CASE("a policy's name is short and plain") {
        const std::string longest(32, 'a');
        CHECK(mistakes("[policy." + longest + "]").empty());
        for (const std::string& name : {longest + "a", std::string("Open"), std::string("-x")}) {
            CAPTURE(name);
            CHECK(
                mistakes("[policy." + name + "]") ==
                "kwit.toml:1: policy." + name +
                    ": expected a name of at most 32 of a-z, 0-9 and hyphen"
            );
        }
        CHECK(
            mistakes("policy = []") ==
            "kwit.toml:1: policy: expected a table, [policy], found an empty list"
        );
        CHECK(
            mistakes("[policy]\nopen = 1") ==
            "kwit.toml:2: policy.open: expected a table, [policy.open], found the number 1"
        );
    }

    TEST_CASE("nobody is written to who is not registered and authenticated") {
        struct Case {
            std::string_view lines; ///< of [policy.p], from line 2 on
            std::string_view told;
        };

        constexpr std::string_view reply_why =
            ": a reply goes only to registered and authenticated senders";
        for (const Case& c : {
                 Case{
                     "authentication = \"off\"\non_failure = \"reply\"\non_success = []",
                     "kwit.toml:3: policy.p.on_failure: expected on_failure = \"reject\" or "
                     "\"forward\" with authentication = \"off\", found \"reply\": a reply goes "
                     "only to "
                     "registered and authenticated senders"},
                 Case{
                     "senders = \"anyone\"\non_success = []",
                     "kwit.toml:2: policy.p.senders: expected on_failure = \"reject\" or "
                     "\"forward\" "
                     "with senders = \"anyone\", found \"reply\", its default: a reply goes only "
                     "to "
                     "registered and authenticated senders"},
                 Case{
                     "senders = \"anyone\"\non_failure = \"forward\"",
                     "kwit.toml:2: policy.p.senders: expected on_success without \"sender\" with "
                     "senders = \"anyone\", found it, its default: a confirmation goes only to "
                     "registered and authenticated senders"},
                 Case{
                     "authentication = \"off\"\non_failure = \"reject\"\non_success = [\"sender\"]",
                     "kwit.toml:4: policy.p.on_success: expected on_success without \"sender\" "
                     "with "
                     "authentication = \"off\", found it: a confirmation goes only to registered "
                     "and "
                     "authenticated senders"},
                 Case{
                     "authentication = \"off\"\non_failure = \"forward\"\non_success = "
                     "[\"notify\"]",
                     ""},
                 Case{"senders = \"anyone\"\non_failure = \"reject\"\non_success = []", ""},
                 Case{"authentication = \"preferred\"\non_failure = \"reply\"", ""},
             }) {
            CAPTURE(c.lines);
            CHECK(mistakes("[policy.p]\n" + std::string(c.lines)) == c.told);
        }
        // Both at once are two lines.
        const std::string both = mistakes("[policy.p]\nsenders = \"anyone\"");
        CHECK(both.find(reply_why) != std::string::npos);
        CHECK(std::count(both.begin(), both.end(), '\n') == 1);
    }
}
