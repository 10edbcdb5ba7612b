#include "core/archive/directory.hh"
#include "core/archive/journal.hh"
#include "core/archive/token.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <algorithm>

namespace kwit {

namespace {

using test::office;
using test::refusal;
using test::World;

} // namespace

TEST_SUITE("archive/senders") {
    TEST_CASE("a sender gets a free code of six digits when none is given") {
        World world;
        const auto sender = add_sender(
            world.archive(), {.client = "10023", .email = "Jan@Kunde.example", .code = ""}, office()
        );
        REQUIRE_GOOD(sender);
        CHECK(sender->email == "jan@kunde.example");
        CHECK(sender->code.size() == 6);
        CHECK(std::all_of(sender->code.begin(), sender->code.end(), [](char c) {
            return c >= '0' && c <= '9';
        }));
        const auto found = find_sender_by_code(world.archive(), sender->code);
        REQUIRE_GOOD(found);
        REQUIRE(found->has_value());
        CHECK((*found)->email == "jan@kunde.example");
    }

    TEST_CASE("a code is given out once and never again, in whatever case") {
        World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(add_sender(
            archive, {.client = "10023", .email = "a@b.example", .code = "Kunde-7"}, office()
        ));
        const std::string answer =
            "refused: code KUNDE-7 was given out before and is never used "
            "again; choose another one; a sender that is added without a code gets a free one";
        CHECK(
            refusal(add_sender(
                archive, {.client = "10023", .email = "c@b.example", .code = "KUNDE-7"}, office()
            )) == answer
        );
        REQUIRE_GOOD(remove_sender(archive, "10023", "A@b.example", office()));
        CHECK_FALSE(find_sender_by_code(archive, "kunde-7")->has_value());
        CHECK(
            refusal(add_sender(
                archive, {.client = "10023", .email = "a@b.example", .code = "KUNDE-7"}, office()
            )) == answer
        );
    }

    TEST_CASE("a code has 16 characters at most") {
        World world;
        const auto add = [&](const std::string& email, const std::string& code) {
            return refusal(add_sender(
                world.archive(), {.client = "10023", .email = email, .code = code}, office()
            ));
        };
        CHECK(add("a@b.example", "1234567890abcd-F") == "taken");
        CHECK(
            add("b@b.example", "1234567890abcd-FG") ==
            "misuse: \"1234567890abcd-FG\" cannot be used as code; use 1 to 16 letters, digits or "
            "hyphens"
        );
        CHECK(
            add("b@b.example", "12_4") ==
            "misuse: \"12_4\" cannot be used as code; use 1 to 16 letters, digits or hyphens"
        );
    }

    TEST_CASE("a new code replaces the old one, which stays used") {
        World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(set_sender(
            archive, "10023", "anna@kunde.example", {.login = "anna", .code = "A-1"}, office()
        ));
        CHECK(find_sender_by_code(archive, "a-1")->has_value());
        CHECK_FALSE(find_sender_by_code(archive, "932498")->has_value());
        CHECK((*find_sender(archive, "10023", "anna@kunde.example"))->login == "anna");
        CHECK(
            refusal(set_sender(archive, "10023", "anna@kunde.example", {.code = "932498"}, office())
            )
                .substr(0, 20) == "refused: code 932498"
        );
    }

    TEST_CASE("one person may serve several clients, with a code for each") {
        World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(add_client(archive, {.id = "10024", .name = "Zweite"}, office()));
        REQUIRE_GOOD(add_sender(
            archive, {.client = "10024", .email = "anna@kunde.example", .code = ""}, office()
        ));
        CHECK(
            refusal(add_sender(
                        archive,
                        {.client = "10024", .email = "Anna@kunde.example", .code = ""},
                        office()
                    ))
                .substr(0, 63) == "refused: anna@kunde.example is a sender of client 10024 already"
        );
        const auto both = list_senders(archive, {.email = "Anna@Kunde.Example"});
        REQUIRE_GOOD(both);
        REQUIRE(both->size() == 2);
        CHECK(both->at(0).client == "10023");
        CHECK(both->at(1).client == "10024");
        CHECK(list_senders(archive, {.client = "10024"})->size() == 1);
        CHECK(
            list_senders(archive, {.client = "10023", .email = "anna@kunde.example"})->size() == 1
        );
        CHECK_FALSE(find_sender(archive, "10025", "anna@kunde.example")->has_value());
    }

    TEST_CASE("a whole domain may be registered, and one of its addresses goes before it") {
        World world;
        Archive& archive = world.archive();
        const auto domain = add_sender(
            archive,
            {.client = "10023", .email = "@M\u00FCller.Example", .code = "777777"},
            office()
        );
        REQUIRE_GOOD(domain);
        CHECK(domain->email == "@xn--mller-kva.example");
        const auto found = [&](const std::string& client, const std::string& author) {
            const auto sender =
                find_sender_of(archive, client, EmailAddress::parse(author).value());
            REQUIRE_GOOD(sender);
            return sender->has_value() ? (*sender)->email : "";
        };
        CHECK(found("10023", "jan@m\u00FCller.example") == "@xn--mller-kva.example");
        CHECK(found("10023", "jan@mail.m\u00FCller.example").empty());
        CHECK(found("10024", "jan@m\u00FCller.example").empty());
        REQUIRE_GOOD(add_sender(
            archive, {.client = "10023", .email = "jan@m\u00FCller.example", .code = ""}, office()
        ));
        CHECK(found("10023", "Jan@M\u00FCller.example") == "jan@xn--mller-kva.example");
        CHECK((*find_sender_by_code(archive, "777777"))->email == "@xn--mller-kva.example");
        REQUIRE_GOOD(set_sender(archive, "10023", "@m\u00FCller.example", {.name = "All"}, office())
        );
        CHECK((*find_sender(archive, "10023", "@m\u00FCller.example"))->name == "All");
        CHECK(list_senders(archive, {.email = "@m\u00FCller.example"})->size() == 1);
        REQUIRE_GOOD(remove_sender(archive, "10023", "@m\u00FCller.example", office()));
        CHECK(found("10023", "eva@m\u00FCller.example").empty());
    }

    TEST_CASE("nobody's domain is no sender and no forwarder") {
        World world;
        for (const std::string text : {"co.uk", "com", "example", "", "a b.example", "github.io"}) {
            CAPTURE(text);
            CHECK(
                refusal(add_sender(
                    world.archive(), {.client = "10023", .email = "@" + text, .code = ""}, office()
                )) == "misuse: \"" + text +
                          "\" cannot be used as domain of senders; use a domain that belongs to "
                          "somebody, "
                          "like kunde.example"
            );
            if (text.empty()) continue; // no forwarder
            CHECK(
                refusal(set_sender(
                    world.archive(), "10023", "anna@kunde.example", {.via = text}, office()
                )) ==
                "misuse: \"" + text +
                    "\" cannot be used as domain of a forwarder; use a domain that belongs to "
                    "somebody, like kunde.example"
            );
        }
    }

    TEST_CASE("how a sender is authenticated is kept, changed and taken back") {
        World world;
        Archive& archive = world.archive();
        const auto anna = [&] { return **find_sender(archive, "10023", "anna@kunde.example"); };
        const auto set = [&](const SenderChange& change) {
            const auto changed =
                set_sender(archive, "10023", "anna@kunde.example", change, office());
            REQUIRE_GOOD(changed);
            return *changed;
        };
        CHECK(
            set(
                {.certificate = "Anna",
                 .alignment = Alignment::strict,
                 .arc = true,
                 .via = "Forwarder.Example"}
            ) == Changed::yes
        );
        CHECK(anna().certificate == "Anna");
        CHECK(anna().alignment == Alignment::strict);
        CHECK(anna().arc);
        CHECK(anna().via == "forwarder.example");
        CHECK(set({.arc = true, .via = "FORWARDER.example"}) == Changed::no);
        CHECK(
            set(
                {.certificate = "",
                 .alignment = std::optional<Alignment>(),
                 .arc = false,
                 .via = ""}
            ) == Changed::yes
        );
        CHECK(anna().certificate.empty());
        CHECK_FALSE(anna().alignment.has_value());
        CHECK_FALSE(anna().arc);
        CHECK(anna().via.empty());
        CHECK(
            refusal(set_sender(
                        archive,
                        "10023",
                        "anna@kunde.example",
                        {.certificate = std::string(201, 'x')},
                        office()
                    ))
                .substr(0, 8) == "misuse: "
        );
    }

    TEST_CASE("a secret is kept as its digest, and the one before it for as long as is said") {
        World world;
        Archive& archive = world.archive();
        const auto anna = [&] { return **find_sender(archive, "10023", "anna@kunde.example"); };
        const auto rotate = [&](Time old_until) {
            const auto made =
                rotate_secret(archive, "10023", "Anna@kunde.example", old_until, office());
            REQUIRE_GOOD(made);
            CHECK(made->sender.secret == anna().secret);
            return made->secret;
        };
        const Time later = office().at + std::chrono::hours(1);
        const std::string first = rotate(later);
        CHECK(is_secret(first));
        CHECK(anna().secret == digest_of_secret(first));
        CHECK(anna().old_secret.empty());
        CHECK_FALSE(anna().old_secret_until.has_value());
        const auto entries = list_journal(archive, {.order = lmdb::Order::descending, .limit = 1});
        REQUIRE_GOOD(entries);
        CHECK(entries->front().dump().find(first) == std::string::npos);
        CHECK(entries->front().dump().find(anna().secret) != std::string::npos);

        const std::string second = rotate(later);
        CHECK(anna().secret == digest_of_secret(second));
        CHECK(anna().old_secret == digest_of_secret(first));
        CHECK(anna().old_secret_until == later);
        REQUIRE_GOOD(
            set_sender(archive, "10023", "anna@kunde.example", {.name = "Anna K."}, office())
        );
        CHECK(anna().old_secret == digest_of_secret(first));

        const std::string third = rotate(office().at);
        CHECK(anna().secret == digest_of_secret(third));
        CHECK(anna().old_secret.empty());
        CHECK_FALSE(anna().old_secret_until.has_value());

        const auto removed = remove_secret(archive, "10023", "anna@kunde.example", office());
        REQUIRE_GOOD(removed);
        CHECK(*removed == Changed::yes);
        CHECK(anna().secret.empty());
        CHECK(*remove_secret(archive, "10023", "anna@kunde.example", office()) == Changed::no);
        CHECK(
            refusal(rotate_secret(archive, "10023", "nobody@kunde.example", later, office()))
                .substr(0, 9) == "refused: "
        );
    }
}

} // namespace kwit
