#include "core/rules/period.hh"

#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

using test::at;

TEST_SUITE("rules/period") {
    TEST_CASE("the period is the month of the date in the domain's time zone") {
        const Flags none{};
        const Flags of_receipt{"period-of-receipt"};
        const Flags year_change{"year-change"};

        struct Case {
            std::string_view label;
            DateFacts date;
            std::string_view now;
            std::string_view period;
            Flags flags;
        };

        const auto date = [](std::string_view text) { return DateFacts{1, at(text)}; };
        for (const Case& c : {
                 Case{
                     "this month",
                     date("2026-11-14T09:00:00Z"),
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     none},
                 Case{
                     "already November in Warsaw",
                     date("2026-11-01T04:30:00Z"),
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     none},
                 Case{
                     "minutes into the month",
                     date("2026-10-31T23:10:00Z"),
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     none},
                 Case{
                     "minutes into the year",
                     date("2025-12-31T23:10:00Z"),
                     "2026-01-01T08:00:00Z",
                     "2026-01",
                     none},
                 Case{
                     "New Year's Eve",
                     date("2026-12-31T22:59:00Z"),
                     "2027-01-01T08:00:00Z",
                     "2026-12",
                     year_change},
                 Case{"absent", DateFacts{}, "2026-11-21T10:00:00Z", "2026-11", of_receipt},
                 Case{
                     "unreadable",
                     DateFacts{1, std::nullopt},
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     of_receipt},
                 Case{
                     "there twice",
                     DateFacts{2, at("2026-10-14T09:00:00Z")},
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     of_receipt},
                 Case{
                     "two days ahead",
                     date("2026-11-23T10:00:00Z"),
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     of_receipt},
                 Case{
                     "a day ahead",
                     date("2026-12-01T10:00:00Z"),
                     "2026-11-30T10:00:00Z",
                     "2026-12",
                     none},
                 Case{
                     "a second more than a day ahead",
                     date("2026-12-01T10:00:01Z"),
                     "2026-11-30T10:00:00Z",
                     "2026-11",
                     of_receipt},
                 Case{
                     "1970",
                     date("1970-01-01T00:00:00Z"),
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     of_receipt},
                 Case{
                     "13 months old",
                     date("2025-10-21T10:00:00Z"),
                     "2026-11-21T10:00:00Z",
                     "2025-10",
                     year_change},
                 Case{
                     "a second older",
                     date("2025-10-21T09:59:59Z"),
                     "2026-11-21T10:00:00Z",
                     "2026-11",
                     of_receipt},
                 Case{
                     "13 months before the 31st is the last of a short month",
                     date("2026-02-28T10:00:00Z"),
                     "2027-03-31T10:00:00Z",
                     "2026-02",
                     year_change},
                 Case{
                     "and no second more",
                     date("2026-02-28T09:59:59Z"),
                     "2027-03-31T10:00:00Z",
                     "2027-03",
                     of_receipt},
             }) {
            CAPTURE(c.label);
            const PeriodReading reading = period_of(c.date, at(c.now), "Europe/Warsaw");
            CHECK(reading.period.text() == c.period);
            CHECK(reading.flags == c.flags);
        }
    }

    TEST_CASE("a zone that this machine does not know is read as UTC") {
        CHECK(period_at(at("2026-10-31T23:30:00Z"), "Nowhere/Land").text() == "2026-10");
        CHECK(period_at(at("2026-10-31T23:30:00Z"), "Europe/Warsaw").text() == "2026-11");
    }

    TEST_CASE("month and year of a tag have their bounds") {
        struct Case {
            const char* month;
            const char* year;
            PeriodFault fault;
        };

        for (const Case& c : {
                 Case{"1", "2024", PeriodFault::none},
                 Case{"01", "2024", PeriodFault::none},
                 Case{"12", "2024", PeriodFault::none},
                 Case{"13", "2024", PeriodFault::month},
                 Case{"0", "2024", PeriodFault::month},
                 Case{"00", "2024", PeriodFault::month},
                 Case{"011", "2024", PeriodFault::month},
                 Case{"99999999999999999999999", "2024", PeriodFault::month},
                 Case{"11", "1999", PeriodFault::year},
                 Case{"11", "2000", PeriodFault::none},
                 Case{"11", "2027", PeriodFault::none},
                 Case{"11", "2028", PeriodFault::year},
                 Case{"11", "24", PeriodFault::short_year},
                 Case{"11", "4", PeriodFault::year},
                 Case{"11", "202", PeriodFault::year},
                 Case{"11", "02024", PeriodFault::year},
             }) {
            CAPTURE(c.month);
            CAPTURE(c.year);
            CHECK(fault_of(c.month, c.year, 2027) == c.fault);
        }
        // On New Year's Eve in UTC it is the next year in Warsaw already.
        CHECK(last_year(at("2026-12-31T23:30:00Z"), "Europe/Warsaw") == 2028);
        CHECK(last_year(at("2026-12-31T22:30:00Z"), "Europe/Warsaw") == 2027);
    }
}

} // namespace kwit::rules
