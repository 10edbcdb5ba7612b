#include "core/archive/directory.hh"

#include "core/archive/documents.hh"
#include "core/archive/journal.hh"
#include "core/archive/token.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <algorithm>

namespace kwit {

namespace {

using test::office;
using test::World;

/// The error of a call that was not to succeed, as "kind: what; remedy".
template <typename T>
std::string refusal(const Result<T>& result) {
    if (result) return "taken";
    const char* kind = result.error().kind == Kind::misuse    ? "misuse: "
                       : result.error().kind == Kind::refused ? "refused: "
                                                              : "other: ";
    return kind + test::told(result.error());
}

bool is_open(const ImportAddress& address) {
    return address.policy == "open";
}

NewOpenAddress open_wanted() {
    return {
        .client = "10023", .domain = "in.example.com", .symbol = "ER", .extension = "rechnungen"};
}

std::string last_entry(Archive& archive) {
    const auto entries = list_journal(archive, {.order = lmdb::Order::descending, .limit = 1});
    REQUIRE_GOOD(entries);
    REQUIRE(entries->size() == 1);
    return entries->front()["what"].get<std::string>() + " by " +
           entries->front()["by"].get<std::string>();
}

} // namespace

TEST_SUITE("archive/directory") {
    TEST_CASE("a client is kept with its fields, and not twice") {
        World world;
        const auto client = get_client(world.archive(), "10023");
        REQUIRE_GOOD(client);
        CHECK(client->name == "Kunde GmbH");
        CHECK(client->locale == "pl");
        CHECK(client->notify == std::vector<std::string>{"biuro@kunde.example"});
        CHECK(client->created_at == test::at_ten());
        CHECK(
            refusal(add_client(world.archive(), *client, office())) ==
            "refused: client 10023 exists already; change it with kwit client set 10023"
        );
        CHECK(
            refusal(get_client(world.archive(), "1")) ==
            "refused: there is no client 1; see kwit client list for those there are"
        );
        CHECK_FALSE(find_client(world.archive(), "1")->has_value());
    }

    TEST_CASE("fields that cannot be are misuse, at the edge they are taken") {
        World world;

        struct Case {
            std::string label;
            Client client;
            std::string answer;
        };

        const std::string rule = "; use 1 to 64 letters, digits, hyphens, underscores or dots";
        for (const Case& c : {
                 Case{"longest id", {.id = std::string(64, 'a'), .name = "A"}, "taken"},
                 Case{
                     "id one over",
                     {.id = std::string(65, 'a'), .name = "A"},
                     "misuse: \"" + std::string(65, 'a') + "\" cannot be used as client id" + rule},
                 Case{
                     "empty id",
                     {.id = "", .name = "A"},
                     "misuse: \"\" cannot be used as client id" + rule},
                 Case{
                     "id with a slash",
                     {.id = "a/b", .name = "A"},
                     "misuse: \"a/b\" cannot be used as client id" + rule},
                 Case{"longest name", {.id = "n", .name = std::string(200, 'n')}, "taken"},
                 Case{
                     "name one over",
                     {.id = "n1", .name = std::string(201, 'n')},
                     "misuse: \"" + std::string(200, 'n') +
                         "\" cannot be used as name of a client; use 1 to 200 bytes of UTF-8 "
                         "without "
                         "control characters"},
                 Case{
                     "name with a line end",
                     {.id = "n2", .name = "a\nb"},
                     "misuse: \"a\nb\" cannot be used as name of a client; use 1 to 200 bytes of "
                     "UTF-8 "
                     "without control characters"},
                 Case{
                     "unknown locale",
                     {.id = "n3", .name = "A", .locale = "fr"},
                     "misuse: \"fr\" cannot be used as locale; use pl, de or en"},
                 Case{
                     "no address",
                     {.id = "n4", .name = "A", .notify = {"nobody"}},
                     "misuse: \"nobody\" cannot be used as e-mail address; write it as "
                     "local-part@domain"},
             }) {
            CAPTURE(c.label);
            CHECK(refusal(add_client(world.archive(), c.client, office())) == c.answer);
        }
    }

    TEST_CASE("a change of a client names who made it in the journal") {
        World world;
        REQUIRE_GOOD(set_client(world.archive(), "10023", {.name = "Kunde AG"}, {"anna", {}}));
        CHECK(get_client(world.archive(), "10023")->name == "Kunde AG");
        CHECK(get_client(world.archive(), "10023")->locale == "pl");
        CHECK(last_entry(world.archive()) == "client-changed by anna");
        const auto entries = list_journal(world.archive());
        REQUIRE_GOOD(entries);
        CHECK(entries->back()["about"]["before"]["name"] == "Kunde GmbH");
        CHECK(entries->back()["about"]["after"]["name"] == "Kunde AG");
    }

    TEST_CASE("a change that changes nothing is not written, and says so") {
        World world;
        Archive& archive = world.archive();
        const auto entries = list_journal(archive)->size();
        const auto needs_nobody = [](const ImportAddress&) { return false; };
        const std::vector<Result<Changed>> unchanged = {
            set_client(archive, "10023", {.name = "Kunde GmbH", .locale = "pl"}, office()),
            set_client(archive, "10023", {}, office()),
            set_sender(archive, "10023", "anna@kunde.example", {.code = "932498"}, office()),
            set_address(archive, test::tagged_address, {.label = ""}, needs_nobody, office()),
            enable_address(archive, test::tagged_address, office())};
        for (const auto& done : unchanged) {
            REQUIRE_GOOD(done);
            CHECK(*done == Changed::no);
        }
        CHECK(list_journal(archive)->size() == entries);
        const auto disabled = disable_address(archive, test::tagged_address, office());
        REQUIRE_GOOD(disabled);
        CHECK(*disabled == Changed::yes);
        CHECK(list_journal(archive)->size() == entries + 1);
    }

    TEST_CASE("a client goes with its senders and addresses, but not while it has documents") {
        World world;
        REQUIRE_GOOD(
            keep(world.archive(), test::mail_of(test::draft_of(world.archive(), "%PDF-1", "one")))
        );
        CHECK(
            refusal(remove_client(world.archive(), "10023", office())) ==
            "refused: client 10023 has documents and is kept; disable its addresses instead: kwit "
            "address disable ADDRESS"
        );
        REQUIRE_GOOD(add_client(world.archive(), {.id = "1002", .name = "B"}, office()));
        REQUIRE_GOOD(add_sender(
            world.archive(), {.client = "1002", .email = "b@b.example", .code = "B-1"}, office()
        ));
        REQUIRE_GOOD(add_tagged_address(
            world.archive(), {.client = "1002", .domain = "in.example.com", .base = "b"}, office()
        ));
        REQUIRE_GOOD(remove_client(world.archive(), "1002", office()));
        CHECK_FALSE(find_client(world.archive(), "1002")->has_value());
        CHECK(list_senders(world.archive())->size() == 1);
        CHECK(list_addresses(world.archive())->size() == 1);
        CHECK(last_entry(world.archive()) == "client-removed by biuro");
    }

    TEST_CASE("the last notification address stays while an address needs one") {
        World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(add_open_address(archive, open_wanted(), office()));
        CHECK(
            refusal(remove_notify(archive, "10023", "Biuro@kunde.example", is_open, office())) ==
            "refused: Biuro@kunde.example is the last notification address of client 10023, which "
            "takes mail from anyone; add another one first: kwit notify add 10023 EMAIL"
        );
        CHECK(
            refusal(add_notify(archive, "10023", "BIURO@Kunde.example", office())) ==
            "refused: BIURO@Kunde.example is a notification address of client 10023 already"
        );
        REQUIRE_GOOD(add_notify(archive, "10023", "anna@kunde.example", office()));
        REQUIRE_GOOD(remove_notify(archive, "10023", "biuro@kunde.example", is_open, office()));
        CHECK(
            get_client(archive, "10023")->notify == std::vector<std::string>{"anna@kunde.example"}
        );
        CHECK(
            refusal(remove_notify(archive, "10023", "x@kunde.example", is_open, office())) ==
            "refused: x@kunde.example is no notification address of client 10023; see kwit notify "
            "list 10023"
        );
    }

    TEST_CASE(
        "a notification address gets one mail a day when it is to, and forgets it when it leaves"
    ) {
        World world;
        Archive& archive = world.archive();
        const auto telling = [&](std::string_view email) {
            return telling_of(*get_client(archive, "10023"), email);
        };
        REQUIRE_GOOD(add_notify(archive, "10023", "Anna@Kunde.example", office(), Telling::daily));
        CHECK(telling("anna@kunde.example") == Telling::daily);
        CHECK(
            *set_notify(archive, "10023", "anna@kunde.example", Telling::daily, office()) ==
            Changed::no
        );
        CHECK(
            *set_notify(archive, "10023", "anna@kunde.example", Telling::at_once, office()) ==
            Changed::yes
        );
        CHECK(telling("anna@kunde.example") == Telling::at_once);
        CHECK(
            *set_notify(archive, "10023", "ANNA@kunde.example", Telling::daily, office()) ==
            Changed::yes
        );
        CHECK_FALSE(
            set_notify(archive, "10023", "eve@kunde.example", Telling::daily, office()).has_value()
        );
        const auto nobody = [](const ImportAddress&) { return false; };
        REQUIRE_GOOD(remove_notify(archive, "10023", "anna@kunde.example", nobody, office()));
        REQUIRE_GOOD(add_notify(archive, "10023", "anna@kunde.example", office()));
        CHECK(telling("anna@kunde.example") == Telling::at_once);
    }

    TEST_CASE("a client whose addresses need nobody may have no notification address") {
        World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(remove_notify(archive, "10023", "biuro@kunde.example", is_open, office()));
        CHECK(
            refusal(add_open_address(archive, open_wanted(), office())) ==
            "refused: client 10023 has no notification address; add one first: kwit notify add "
            "10023 EMAIL"
        );
        CHECK(
            refusal(
                set_address(archive, test::tagged_address, {.policy = "open"}, is_open, office())
            ) ==
            "refused: client 10023 has no notification address; add one first: kwit notify add "
            "10023 EMAIL"
        );
    }

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
            "again; choose another one, or give none to have a free one drawn";
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

    TEST_CASE("a tagged address has ten random digits, or the number that is given") {
        World world;
        Archive& archive = world.archive();
        const auto drawn = add_tagged_address(
            archive, {.client = "10023", .domain = "in.example.com", .base = "faktury"}, office()
        );
        REQUIRE_GOOD(drawn);
        CHECK(drawn->address.size() == std::string("faktury+0123456789@in.example.com").size());
        const auto wanted = [](std::string number) {
            return NewTaggedAddress{
                .client = "10023",
                .domain = "in.example.com",
                .base = "faktury",
                .number = std::move(number)};
        };
        CHECK(
            refusal(add_tagged_address(archive, wanted("1543030448"), office())) ==
            "refused: address faktury+1543030448@in.example.com exists already; choose another "
            "number, or give none to have a free one drawn"
        );
        CHECK(
            refusal(add_tagged_address(archive, wanted(std::string(20, '7')), office())) == "taken"
        );
        CHECK(
            refusal(add_tagged_address(archive, wanted(std::string(21, '7')), office())) ==
            "misuse: \"777777777777777777777\" cannot be used as number of an address; use 1 to 20 "
            "digits"
        );
    }

    TEST_CASE("an open address ends with its extension and begins with a token that checks itself"
    ) {
        World world;
        Archive& archive = world.archive();
        const auto address = add_open_address(archive, open_wanted(), office());
        REQUIRE_GOOD(address);
        CHECK(is_token(address->address.substr(0, 10)));
        CHECK(address->address.substr(10) == "-rechnungen@in.example.com");
        CHECK(address->symbol == "ER");
        NewOpenAddress wanted = open_wanted();
        wanted.extension = std::string(32, 'e');
        CHECK(refusal(add_open_address(archive, wanted, office())) == "taken");
        for (const std::string& extension :
             {std::string(33, 'e'), std::string("Rechnung"), std::string()}) {
            wanted.extension = extension;
            CHECK(
                refusal(add_open_address(archive, wanted, office())) ==
                "misuse: \"" + extension +
                    "\" cannot be used as extension of an address; use 1 to 32 of the letters a to "
                    "z, "
                    "digits or hyphens"
            );
        }
        wanted = open_wanted();
        wanted.symbol.clear();
        CHECK(refusal(add_open_address(archive, wanted, office())).substr(0, 8) == "misuse: ");
    }

    TEST_CASE("an address is found without regard to case, with its client") {
        World world;
        const auto found = find_recipient(world.archive(), "Faktury+1543030448@IN.example.com");
        REQUIRE_GOOD(found);
        REQUIRE(found->has_value());
        CHECK((*found)->address.address == test::tagged_address);
        CHECK((*found)->client.name == "Kunde GmbH");
        for (const char* other : {"faktury+1543030449@in.example.com", "no address", ""}) {
            CAPTURE(other);
            CHECK_FALSE(find_recipient(world.archive(), other)->has_value());
            CHECK_FALSE(find_address(world.archive(), other)->has_value());
        }
    }

    TEST_CASE("an address can be changed, disabled and enabled") {
        World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(disable_address(archive, test::tagged_address, office()));
        CHECK_FALSE((*find_address(archive, test::tagged_address))->enabled);
        REQUIRE_GOOD(set_address(
            archive,
            test::tagged_address,
            {.label = "Zakupy", .expires_at = test::at_ten()},
            is_open,
            office()
        ));
        REQUIRE_GOOD(enable_address(archive, test::tagged_address, office()));
        const auto address = find_address(archive, test::tagged_address);
        REQUIRE_GOOD(address);
        CHECK((*address)->enabled);
        CHECK((*address)->label == "Zakupy");
        CHECK((*address)->expires_at == test::at_ten());
        REQUIRE_GOOD(set_address(
            archive, test::tagged_address, {.expires_at = std::optional<Time>()}, is_open, office()
        ));
        CHECK_FALSE((*find_address(archive, test::tagged_address))->expires_at.has_value());
        CHECK(
            refusal(enable_address(archive, "x@in.example.com", office())) ==
            "refused: there is no import address x@in.example.com; see kwit address list for those "
            "there are"
        );
    }

    TEST_CASE("listings are cut and turned round as the page says") {
        World world;
        Archive& archive = world.archive();
        for (int i = 0; i < 70; ++i)
            REQUIRE_GOOD(
                add_client(archive, {.id = "2" + std::to_string(1000 + i), .name = "N"}, office())
            );
        CHECK(list_clients(archive)->size() == 71);
        const auto newest = list_clients(archive, {.order = lmdb::Order::descending, .limit = 65});
        REQUIRE_GOOD(newest);
        REQUIRE(newest->size() == 65);
        CHECK(newest->front().id == "21069");
        CHECK(newest->back().id == "21005");
        CHECK(list_clients(archive, {.limit = 0})->empty());
    }
}

TEST_SUITE("archive/token") {
    TEST_CASE("the check character tells every wrong character and every exchange") {
        const std::string alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
        const std::string token = draw_token();
        REQUIRE(is_token(token));
        CHECK(token.size() == 10);
        for (std::size_t i = 0; i < token.size(); ++i) {
            for (const char c : alphabet) {
                std::string wrong = token;
                wrong[i] = c;
                CHECK(is_token(wrong) == (wrong == token));
            }
            for (std::size_t k = 0; k < i; ++k) {
                std::string exchanged = token;
                std::swap(exchanged[i], exchanged[k]);
                CHECK(is_token(exchanged) == (exchanged == token));
            }
        }
    }

    TEST_CASE("a token of the documentation is one, other texts are not") {
        CHECK(is_token("4u7u5j3y3n"));
        for (const char* text : {"", "aaaaaaaaa", "aaaaaaaaaaa", "lllllllllo", "AAAAAAAAAA"})
            CHECK_FALSE(is_token(text));
        CHECK(is_token("aaaaaaaaaa"));
    }
}

} // namespace kwit
