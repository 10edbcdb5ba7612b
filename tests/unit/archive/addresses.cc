#include "core/archive/directory.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/records.hh"
#include "core/archive/token.hh"
#include "core/base/json.hh"
#include "core/model/address_state.hh"
#include "tests/unit/archive/world.hh"

#include <doctest/doctest.h>

using namespace kwit;

namespace {

constexpr Milliseconds a_day = std::chrono::hours(24);

NewOpenAddress open_wanted() {
    return {
        .client = "10023", .domain = "in.example.com", .symbol = "ER", .extension = "rechnungen"};
}

bool is_open(const ImportAddress& address) {
    return address.policy == "open";
}

ImportAddress open_address(Archive& archive, const std::optional<Time>& expires_at = std::nullopt) {
    auto made = add_open_address(
        archive,
        {.client = "10023",
         .domain = "in.example.com",
         .symbol = "ER",
         .extension = "rechnungen",
         .label = "Eingang",
         .expires_at = expires_at},
        test::office()
    );
    REQUIRE_GOOD(made);
    return *std::move(made);
}

ImportAddress found(const Archive& archive, const std::string& address) {
    auto found = find_address(archive, address);
    REQUIRE_GOOD(found);
    REQUIRE(found->has_value());
    return **std::move(found);
}

} // namespace

TEST_SUITE("archive/addresses") {
    TEST_CASE("a tagged address has ten random digits, or the number that is given") {
        test::World world;
        Archive& archive = world.archive();
        const auto drawn = add_tagged_address(
            archive,
            {.client = "10023", .domain = "in.example.com", .base = "faktury"},
            test::office()
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
            test::refusal(add_tagged_address(archive, wanted("1543030448"), test::office())) ==
            "refused: address faktury+1543030448@in.example.com exists already; choose another "
            "number, or give none to have a free one drawn"
        );
        CHECK(
            test::refusal(add_tagged_address(archive, wanted(std::string(20, '7')), test::office())
            ) == "taken"
        );
        CHECK(
            test::refusal(add_tagged_address(archive, wanted(std::string(21, '7')), test::office())
            ) ==
            "misuse: \"777777777777777777777\" cannot be used as number of an address; use 1 to 20 "
            "digits"
        );
    }

    TEST_CASE("an open address ends with its extension and begins with a token that checks itself"
    ) {
        test::World world;
        Archive& archive = world.archive();
        const auto address = add_open_address(archive, open_wanted(), test::office());
        REQUIRE_GOOD(address);
        CHECK(is_token(address->address.substr(0, 10)));
        CHECK(address->address.substr(10) == "-rechnungen@in.example.com");
        CHECK(address->symbol == "ER");
        NewOpenAddress wanted = open_wanted();
        wanted.extension = std::string(32, 'e');
        CHECK(test::refusal(add_open_address(archive, wanted, test::office())) == "taken");
        for (const std::string& extension :
             {std::string(33, 'e'), std::string("Rechnung"), std::string()}) {
            wanted.extension = extension;
            CHECK(
                test::refusal(add_open_address(archive, wanted, test::office())) ==
                "misuse: \"" + extension +
                    "\" cannot be used as extension of an address; use 1 to 32 of the letters a to "
                    "z, "
                    "digits or hyphens"
            );
        }
        wanted = open_wanted();
        wanted.symbol.clear();
        CHECK(
            test::refusal(add_open_address(archive, wanted, test::office())).substr(0, 8) ==
            "misuse: "
        );
    }

    TEST_CASE("an address is found without regard to case, with its client") {
        test::World world;
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
        test::World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(disable_address(archive, test::tagged_address, test::office()));
        CHECK_FALSE((*find_address(archive, test::tagged_address))->enabled);
        REQUIRE_GOOD(set_address(
            archive,
            test::tagged_address,
            {.label = "Zakupy", .expires_at = test::at_ten()},
            is_open,
            test::office()
        ));
        REQUIRE_GOOD(enable_address(archive, test::tagged_address, test::office()));
        const auto address = find_address(archive, test::tagged_address);
        REQUIRE_GOOD(address);
        CHECK((*address)->enabled);
        CHECK((*address)->label == "Zakupy");
        CHECK((*address)->expires_at == test::at_ten());
        REQUIRE_GOOD(set_address(
            archive,
            test::tagged_address,
            {.expires_at = std::optional<Time>()},
            is_open,
            test::office()
        ));
        CHECK_FALSE((*find_address(archive, test::tagged_address))->expires_at.has_value());
        CHECK(
            test::refusal(enable_address(archive, "x@in.example.com", test::office())) ==
            "refused: there is no import address x@in.example.com; see kwit address list for those "
            "there are"
        );
    }

    TEST_CASE("a rotation makes a new address like the old one, which is taken for the grace") {
        test::World world;
        Archive& archive = world.archive();
        const ImportAddress before = open_address(archive);
        const auto entries = journal_head(archive)->n;
        const auto made = rotate_address(archive, before.address, a_day, test::office());
        REQUIRE_GOOD(made);
        CHECK(made->fresh.address != before.address);
        CHECK(is_token(made->fresh.address.substr(0, 10)));
        CHECK(made->fresh.address.substr(10) == "-rechnungen@in.example.com");
        CHECK(made->fresh.client == "10023");
        CHECK(made->fresh.symbol == "ER");
        CHECK(made->fresh.label == "Eingang");
        CHECK_FALSE(made->fresh.expires_at.has_value());
        CHECK(encode(found(archive, made->fresh.address)) == encode(made->fresh));
        const ImportAddress old = found(archive, before.address);
        CHECK(encode(old) == encode(made->old));
        CHECK(old.replaced_by == made->fresh.address);
        CHECK(old.enabled);
        const Time end = test::at_ten() + a_day;
        CHECK(old.expires_at == end);
        CHECK(state_of(old, end - Milliseconds(1)) == AddressState::replaced);
        CHECK(state_of(old, end) == AddressState::expired);
        CHECK(journal_head(archive)->n == entries + 2);
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("a rotated tagged address keeps its base and gets ten new digits") {
        test::World world;
        Archive& archive = world.archive();
        const auto made = rotate_address(archive, test::tagged_address, {}, test::office());
        REQUIRE_GOOD(made);
        CHECK(made->fresh.address.starts_with("faktury+"));
        CHECK(made->fresh.address.size() == test::tagged_address.size());
        CHECK(made->fresh.address != test::tagged_address);
        CHECK(state_of(made->old, test::at_ten()) == AddressState::expired);
    }

    TEST_CASE("no address is taken longer for being rotated, and a disabled one gets a usable one"
    ) {
        test::World world;
        Archive& archive = world.archive();
        const Time soon = test::at_ten() + std::chrono::hours(1);
        const ImportAddress before = open_address(archive, soon);
        REQUIRE_GOOD(disable_address(archive, before.address, test::office(), "leaked"));
        const auto made = rotate_address(archive, before.address, a_day, test::office());
        REQUIRE_GOOD(made);
        CHECK(made->old.expires_at == soon);
        CHECK_FALSE(made->old.enabled);
        CHECK(made->old.disabled_reason == "leaked");
        CHECK(made->fresh.expires_at == soon);
        CHECK(made->fresh.enabled);
        CHECK(made->fresh.disabled_reason.empty());
    }

    TEST_CASE("what was replaced, has expired or is not there is not rotated") {
        test::World world;
        Archive& archive = world.archive();
        const auto told = [&](const std::string& address) {
            const auto made = rotate_address(archive, address, a_day, test::office());
            return made ? std::string("rotated") : test::told(made.error());
        };
        const std::string first = open_address(archive).address;
        REQUIRE(told(first) == "rotated");
        const std::string second = found(archive, first).replaced_by;
        CHECK(
            told(first) == "address " + first + " was replaced by " + second +
                               " already; kwit address rotate " + second + " replaces that one"
        );
        CHECK(told(second) == "rotated");
        const std::string gone = open_address(archive, test::at_ten()).address;
        CHECK(
            told(gone) == "address " + gone +
                              " has expired, and so would a new one; first: kwit address set " +
                              gone + " --expires TIME"
        );
        CHECK(told("x@in.example.com").starts_with("there is no import address"));
        CHECK(told("nobody").starts_with("\"nobody\" cannot be used as e-mail address"));
    }

    TEST_CASE("an address is disabled with a reason, which enabling it forgets") {
        test::World world;
        Archive& archive = world.archive();
        const std::string address(test::tagged_address);
        const auto disable = [&](const std::optional<std::string>& reason) {
            const auto changed = disable_address(archive, address, test::office(), reason);
            REQUIRE_GOOD(changed);
            return *changed;
        };
        CHECK(disable("books are closed") == Changed::yes);
        CHECK(found(archive, address).disabled_reason == "books are closed");
        CHECK(disable(std::nullopt) == Changed::no);
        CHECK(disable("moved") == Changed::yes);
        CHECK(disable("") == Changed::yes);
        CHECK(found(archive, address).disabled_reason.empty());
        CHECK(disable("closed") == Changed::yes);
        REQUIRE_GOOD(enable_address(archive, address, test::office()));
        CHECK(found(archive, address).disabled_reason.empty());
        CHECK(disable(std::string(200, 'x')) == Changed::yes);
        for (const std::string& reason : {std::string(201, 'x'), std::string("two\nlines")})
            CHECK(
                test::told(disable_address(archive, address, test::office(), reason).error()) ==
                "\"" + reason.substr(0, 200) +
                    "\" cannot be used as reason; use 1 to 200 bytes of UTF-8 without control "
                    "characters"
            );
    }

    TEST_CASE("a record without a reason and a successor, as it was written before, is read") {
        test::World world;
        const std::string key = keys::address(test::tagged_address);
        const Json before = {
            {"address", test::tagged_address},
            {"client", "10023"},
            {"policy", "tagged"},
            {"symbol", nullptr},
            {"extension", nullptr},
            {"label", "old"},
            {"enabled", false},
            {"expires_at", "2026-11-21T10:00:00.000Z"},
            {"created_at", "2024-11-21T10:00:00.000Z"}};
        world.tamper("addresses", key, to_cbor(before));
        const std::string address(test::tagged_address);
        const ImportAddress read = found(world.archive(), address);
        CHECK_FALSE(read.enabled);
        CHECK(read.disabled_reason.empty());
        CHECK(read.replaced_by.empty());
        CHECK(read.label == "old");
        // What differs in nothing that is said writes nothing.
        CHECK(*disable_address(world.archive(), address, test::office()) == Changed::no);
        REQUIRE_GOOD(enable_address(world.archive(), address, test::office()));
        CHECK(found(world.archive(), address).label == "old");
        CHECK(test::faults_of(world.archive()).empty());
    }
}
