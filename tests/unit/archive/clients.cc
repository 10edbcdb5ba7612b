#include "core/archive/directory.hh"
#include "core/archive/documents.hh"
#include "core/archive/journal.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

using test::last_change;
using test::office;
using test::refusal;
using test::World;

bool is_open(const ImportAddress& address) {
    return address.policy == "open";
}

NewOpenAddress open_wanted() {
    return {
        .client = "10023", .domain = "in.example.com", .symbol = "ER", .extension = "rechnungen"};
}

} // namespace

TEST_SUITE("archive/clients") {
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
        CHECK(last_change(world.archive()) == "client-changed by anna");
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
        CHECK(last_change(world.archive()) == "client-removed by biuro");
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

} // namespace kwit
