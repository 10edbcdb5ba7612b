#include "core/base/complaints.hh"

#include <doctest/doctest.h>

#include <string>

using namespace kwit;
using std::chrono::seconds;

namespace {

constexpr int level = 3;

Error full(int bytes) {
    return {Kind::temporary, std::to_string(bytes) + " bytes are free", "free some space"};
}

} // namespace

TEST_SUITE("base/complaints") {
    TEST_CASE("the first is told at once, a thousand more within a minute are only counted") {
        Complaints complaints;
        const Complaints::Clock::time_point begin{};
        CHECK(complaints.tell(full(1), level, begin) == "1 bytes are free; free some space");
        for (int i = 0; i < 1000; ++i)
            CHECK_FALSE(complaints.tell(full(i), level, begin + seconds(59)).has_value());
        CHECK(
            complaints.tell(full(7), level, begin + seconds(60)) ==
            "7 bytes are free; free some space (1000 more like this since the last one)"
        );
        CHECK_FALSE(complaints.tell(full(8), level, begin + seconds(61)).has_value());
    }

    TEST_CASE("what is to be done about it makes it the same, else what the system said") {
        Complaints complaints;
        const Complaints::Clock::time_point now{};
        CHECK(complaints.tell(full(1), level, now).has_value());
        CHECK(complaints.tell({Kind::temporary, "x", "mend x"}, level, now).has_value());
        CHECK(complaints.tell({Kind::temporary, "cannot link /a: Stale file"}, level, now));
        CHECK_FALSE(complaints.tell({Kind::temporary, "cannot link /b: Stale file"}, level, now));
        CHECK(complaints.tell({Kind::temporary, "cannot link /a: No such device"}, level, now));
    }

    TEST_CASE("when nothing follows the number is told by itself, once, and the cause is forgotten"
    ) {
        Complaints complaints;
        const Complaints::Clock::time_point begin{};
        complaints.tell(full(1), level, begin);
        complaints.tell(full(2), level, begin);
        complaints.tell(full(3), level, begin);
        CHECK(complaints.rest(begin + seconds(59)).empty());
        const auto rest = complaints.rest(begin + seconds(60));
        REQUIRE(rest.size() == 1);
        CHECK(rest[0].first == level);
        CHECK(rest[0].second == "3 bytes are free; free some space (2 like this were held back)");
        CHECK(complaints.rest(begin + seconds(600)).empty());
        CHECK(complaints.tell(full(4), level, begin + seconds(60)).has_value());
    }

    TEST_CASE("of more causes than are remembered the rest are counted together") {
        Complaints complaints;
        const Complaints::Clock::time_point now{};
        const auto cause = [](std::size_t i) {
            return Error{Kind::temporary, "x", std::to_string(i)};
        };
        for (std::size_t i = 0; i < Complaints::max_causes; ++i)
            CHECK(complaints.tell(cause(i), level, now).has_value());
        CHECK(complaints.tell(cause(Complaints::max_causes), level, now).has_value());
        CHECK_FALSE(complaints.tell(cause(Complaints::max_causes + 1), level, now).has_value());
        CHECK_FALSE(complaints.tell(cause(0), level, now).has_value());
    }
}
