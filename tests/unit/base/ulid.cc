#include "core/base/ulid.hh"

#include "tests/unit/result.hh"

namespace kwit {

TEST_SUITE("base/ulid") {
    TEST_CASE("the text of an id reads back to the same id, in either case") {
        const Ulid id = Ulid::random(Time(Milliseconds(1'795'000'000'123)));
        const auto again = Ulid::parse(id.text());
        REQUIRE_GOOD(again);
        CHECK(*again == id);
        CHECK(id.text().size() == 26);
        CHECK(id.time() == Time(Milliseconds(1'795'000'000'123)));
    }

    TEST_CASE("the known text of the specification is the known time") {
        const auto id = Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        REQUIRE_GOOD(id);
        CHECK(id->time() == Time(Milliseconds(1469922850259)));
        CHECK(id->text() == "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    }

    TEST_CASE("what is no id is refused") {
        for (const char* text :
             {"",
              "01ARZ3NDEKTSV4RRFFQ69G5FA",
              "01ARZ3NDEKTSV4RRFFQ69G5FAVX",
              "81ARZ3NDEKTSV4RRFFQ69G5FAV",
              "01ARZ3NDEKTSV4RRFFQ69G5FAU"}) {
            CAPTURE(text);
            CHECK_FALSE(Ulid::parse(text).has_value());
        }
    }

    TEST_CASE("a minted id is greater than the last, also when the clock went back") {
        const Ulid last = Ulid::random(Time(Milliseconds(2000)));
        const Ulid next = Ulid::mint(Time(Milliseconds(1000)), last);
        CHECK(next > last);
        CHECK(next.time() == last.time());
    }
}

} // namespace kwit
