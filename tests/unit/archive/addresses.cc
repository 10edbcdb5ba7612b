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
