#include "core/base/time.hh"

#include "tests/unit/result.hh"

namespace kwit {

TEST_SUITE("base/time") {
    TEST_CASE("RFC 3339 goes there and back") {
        const auto time = parse_rfc3339("2026-11-21T10:00:00.123Z");
        REQUIRE(time.has_value());
        CHECK(rfc3339(*time) == "2026-11-21T10:00:00.123Z");
        CHECK(rfc5322(*time) == "Sat, 21 Nov 2026 10:00:00 +0000");
        CHECK(rfc3339(*parse_rfc3339("2026-11-21T10:00:00Z")) == "2026-11-21T10:00:00.000Z");
    }

    TEST_CASE("what is no time is not read") {
        for (const char* text :
             {"",
              "2026-11-21",
              "2026-02-30T10:00:00Z",
              "2026-11-21T24:00:00Z",
              "2026-11-21T10:00:00.1Z",
              "2026-11-21T10:00:00+01:00"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_rfc3339(text).has_value());
        }
    }

    TEST_CASE("the month depends on the zone") {
        const auto time = parse_rfc3339("2026-10-31T23:30:00Z");
        REQUIRE(time.has_value());
        const auto warsaw = month_in(*time, "Europe/Warsaw");
        REQUIRE_GOOD(warsaw);
        CHECK(*warsaw == YearMonth{2026, 11});
        CHECK(*month_in(*time, "UTC") == YearMonth{2026, 10});
        CHECK(local_text(*time, "Europe/Warsaw") == "2026-11-01 00:30");
    }

    TEST_CASE("a local day or minute is a moment, also where clocks are changed") {
        struct Case {
            std::string_view text;
            std::string_view utc;
        };

        for (const Case& c :
             {Case{"2026-11-21", "2026-11-20T23:00:00.000Z"},
              {"2026-07-01", "2026-06-30T22:00:00.000Z"},
              {"2026-11-21 10:30", "2026-11-21T09:30:00.000Z"},
              {"2026-10-25 02:30", "2026-10-25T00:30:00.000Z"},    // comes twice
              {"2026-03-29 02:30", "2026-03-29T01:00:00.000Z"}}) { // is left out
            CAPTURE(c.text);
            const auto time = parse_local(c.text, "Europe/Warsaw");
            REQUIRE(time.has_value());
            CHECK(rfc3339(*time) == c.utc);
        }
        for (const char* text :
             {"", "2026-11", "2026-02-30", "2026-11-21T10:30", "2026-11-21 24:00", "21.11.2026"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_local(text, "Europe/Warsaw").has_value());
        }
        CHECK_FALSE(parse_local("2026-11-21", "Europe/Warszawa").has_value());
    }

    TEST_CASE("an unknown zone is an error with a remedy") {
        const auto zone = check_zone("Europe/Warszawa");
        REQUIRE_FALSE(zone.has_value());
        CHECK(zone.error().remedy.find("IANA") != std::string::npos);
    }

    TEST_CASE("the next time of day is the next one that clocks there show, in summer and winter") {
        const std::string zone = "Europe/Warsaw";
        const auto next = [&](std::string_view time, std::chrono::minutes of_day) {
            return rfc3339(next_time_of_day(*parse_rfc3339(time), of_day, zone)).substr(0, 16);
        };
        using std::chrono::hours;
        CHECK(next("2026-11-21T05:59:59Z", hours(7)) == "2026-11-21T06:00");
        CHECK(next("2026-11-21T06:00:00Z", hours(7)) == "2026-11-22T06:00");
        CHECK(next("2026-07-01T06:00:00Z", hours(7)) == "2026-07-02T05:00");
        CHECK(next("2026-11-21T22:59:00Z", hours(0)) == "2026-11-21T23:00");
        CHECK(next("2026-11-21T23:30:00Z", std::chrono::minutes(1439)) == "2026-11-22T22:59");
        // Clocks go from 02:00 to 03:00, and from 03:00 back to 02:00.
        CHECK(next("2026-03-28T12:00:00Z", hours(2)) == "2026-03-29T01:00");
        CHECK(next("2026-10-24T12:00:00Z", hours(2)) == "2026-10-25T00:00");
        CHECK(next("2026-10-25T00:30:00Z", hours(2)) == "2026-10-26T01:00");
    }
}

} // namespace kwit
