#include "core/archive/decorations.hh"

#include "core/archive/keys.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

using test::last_change;
using test::office;
using test::refusal;
using test::World;

Digest logo(std::size_t number = 0) {
    return Digest(sha256("logo " + std::to_string(number)));
}

Result<Changed> ignore(
    World& world, const Digest& digest, Filed filed = Filed::refuse, std::string client = "10023"
) {
    return ignore_content(world.archive(), client, {digest, "logo.png"}, filed, office());
}

std::size_t count(World& world) {
    const auto all = list_decorations(world.archive(), "10023");
    REQUIRE_GOOD(all);
    return all->size();
}

} // namespace

TEST_SUITE("archive/decorations") {
    TEST_CASE("what is ignored is there until it is taken back, each change with its entry") {
        World world;
        CHECK(decorations_of(world.archive(), "10023")->empty());
        REQUIRE_GOOD(ignore(world, logo()));
        CHECK(last_change(world.archive()) == "part-ignored by biuro");
        world.reopen();
        const auto all = list_decorations(world.archive(), "");
        REQUIRE_GOOD(all);
        REQUIRE(all->size() == 1);
        CHECK(all->front().client == "10023");
        CHECK(all->front().sha256 == logo().hex());
        CHECK(all->front().name == "logo.png");
        CHECK(all->front().created_at == test::at_ten());
        CHECK(*decorations_of(world.archive(), "10023") == std::set{logo()});
        CHECK(decorations_of(world.archive(), "1002")->empty());
        CHECK(test::faults_of(world.archive()).empty());

        const auto taken = take_content(world.archive(), "10023", logo(), office());
        REQUIRE_GOOD(taken);
        CHECK(taken->name == "logo.png");
        CHECK(last_change(world.archive()) == "part-taken by biuro");
        CHECK(count(world) == 0);
        CHECK(
            refusal(take_content(world.archive(), "10023", logo(), office())) ==
            "refused: " + logo().hex() +
                " is not ignored for client 10023; see kwit part list --client 10023"
        );
    }

    TEST_CASE("what is ignored already changes nothing") {
        World world;
        CHECK(*ignore(world, logo()) == Changed::yes);
        REQUIRE_GOOD(ignore(world, logo(1)));
        REQUIRE_GOOD(take_content(world.archive(), "10023", logo(1), office()));
        CHECK(*ignore(world, logo()) == Changed::no);
        CHECK(last_change(world.archive()) == "part-taken by biuro");
        CHECK(count(world) == 1);
    }

    TEST_CASE("a client has as many as the limit, one more is refused") {
        World world;
        for (std::size_t i = 0; i < max_decorations; ++i)
            REQUIRE_GOOD(ignore(world, logo(i)));
        CHECK(
            refusal(ignore(world, logo(max_decorations))) ==
            "refused: client 10023 has 1000 ignored parts already; take some back that come no "
            "more: kwit part list --client 10023"
        );
        CHECK(*ignore(world, logo(0)) == Changed::no);
        CHECK(decorations_of(world.archive(), "10023")->size() == max_decorations);
    }

    TEST_CASE("a document of the client is ignored only when that is what is wanted") {
        World world;
        const Receipt receipt = test::settled_mail(world.archive(), "rechnung");
        REQUIRE(receipt.documents.size() == 1);
        const Digest digest = Digest(sha256("%PDF-rechnung"));
        const std::string told = refusal(ignore(world, digest));
        CHECK(told.starts_with("refused: this is document " + receipt.documents[0]));
        CHECK(told.find("--force") != std::string::npos);
        CHECK(count(world) == 0);
        REQUIRE_GOOD(ignore(world, digest, Filed::ignore_all_the_same));
        CHECK(count(world) == 1);
        REQUIRE_GOOD(add_client(world.archive(), {.id = "2", .name = "Andere"}, office()));
        REQUIRE_GOOD(ignore(world, digest, Filed::refuse, "2")); // of another client
    }

    TEST_CASE("there are none of a client that is not there, and they go with it") {
        World world;
        const std::string none = "refused: there is no client 7; see kwit client list for those "
                                 "there are";
        CHECK(refusal(ignore(world, logo(), Filed::refuse, "7")) == none);
        CHECK(refusal(list_decorations(world.archive(), "7")) == none);
        CHECK(refusal(take_content(world.archive(), "7", logo(), office())) == none);
        REQUIRE_GOOD(ignore(world, logo(1)));
        REQUIRE_GOOD(ignore(world, logo(2)));
        REQUIRE_GOOD(remove_client(world.archive(), "10023", office()));
        CHECK(list_decorations(world.archive(), "")->empty());
        CHECK(last_change(world.archive()) == "client-removed by biuro");
    }

    TEST_CASE("a damaged row is told, and nothing is read out of it") {
        const std::string key = keys::group("10023") + keys::digest(logo());
        const Json good = {
            {"client", "10023"},
            {"sha256", logo().hex()},
            {"name", nullptr},
            {"created_at", "2026-11-21T10:00:00.000Z"}};
        Json other = good;
        other["sha256"] = logo(1).hex();
        Json timeless = good;
        timeless.erase("created_at");
        for (const std::string& bytes :
             {std::string("x"), to_cbor(Json::array()), to_cbor(other), to_cbor(timeless)}) {
            World world;
            REQUIRE_GOOD(ignore(world, logo()));
            world.tamper("decorations", key, bytes);
            const auto read = decorations_of(world.archive(), "10023");
            REQUIRE_FALSE(read);
            CHECK(read.error().kind == Kind::corrupt);
            CHECK(
                test::faults_of(world.archive()) ==
                std::vector<std::string>{"record-damaged decorations"}
            );
        }
        World world;
        REQUIRE_GOOD(ignore(world, logo()));
        world.tamper("decorations", key, to_cbor(good));
        CHECK(list_decorations(world.archive(), "10023")->at(0).name.empty());
    }
}

} // namespace kwit
