#include "core/mime/date.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

TEST_SUITE("mime/date") {
    TEST_CASE("a date is read as RFC 5322 allows it, obsolete forms too") {
        struct Case {
            std::string_view label;
            std::string_view value;
            std::string_view time; // empty: unreadable
        };

        for (const Case& c : {
                 Case{"usual", "Sat, 14 Nov 2026 10:00:00 +0100", "2026-11-14T09:00:00.000Z"},
                 Case{"west", "Sat, 31 Oct 2026 23:30:00 -0500", "2026-11-01T04:30:00.000Z"},
                 Case{"no weekday", "1 Jan 2026 00:10:00 +0100", "2025-12-31T23:10:00.000Z"},
                 Case{
                     "wrong weekday",
                     "Mon, 14 Nov 2026 10:00:00 +0000",
                     "2026-11-14T10:00:00.000Z"},
                 Case{
                     "two-digit year, named zone",
                     "Sat, 14 Nov 26 10:00 GMT",
                     "2026-11-14T10:00:00.000Z"},
                 Case{"year 49", "14 Nov 49 10:00 UT", "2049-11-14T10:00:00.000Z"},
                 Case{"year 50", "14 Nov 50 10:00 UT", "1950-11-14T10:00:00.000Z"},
                 Case{"three-digit year", "14 Nov 126 10:00 UT", "2026-11-14T10:00:00.000Z"},
                 Case{
                     "zone in a comment", "14 Nov 2026 10:00:00 (CET)", "2026-11-14T10:00:00.000Z"},
                 Case{
                     "comment behind",
                     "14 Nov 2026 10:00:00 +0100 (CET)",
                     "2026-11-14T09:00:00.000Z"},
                 Case{"EST", "14 Nov 2026 10:00:00 EST", "2026-11-14T15:00:00.000Z"},
                 Case{
                     "a zone that says nothing",
                     "14 Nov 2026 10:00:00 CET",
                     "2026-11-14T10:00:00.000Z"},
                 Case{
                     "comments and spaces",
                     "Sat (x), 14 (y) Nov 2026 10 : 00 : 00 +0000",
                     "2026-11-14T10:00:00.000Z"},
                 Case{
                     "folded", "Sat,\r\n 14 Nov 2026\n 10:00:00 +0000", "2026-11-14T10:00:00.000Z"},
                 Case{"leap second", "31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00.000Z"},
                 Case{"29 February", "29 Feb 2024 10:00 +0000", "2024-02-29T10:00:00.000Z"},
                 Case{"1970", "1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00.000Z"},
                 Case{"no 29 February", "29 Feb 2026 10:00 +0000", ""},
                 Case{"a word", "yesterday", ""},
                 Case{"empty", "", ""},
                 Case{"day 32", "32 Nov 2026 10:00 +0000", ""},
                 Case{"hour 24", "14 Nov 2026 24:00 +0000", ""},
                 Case{"minute 60", "14 Nov 2026 10:60 +0000", ""},
                 Case{"second 61", "14 Nov 2026 10:00:61 +0000", ""},
                 Case{"no such month", "14 Nox 2026 10:00 +0000", ""},
                 Case{"zone of three digits", "14 Nov 2026 10:00 +010", ""},
                 Case{"zone with minute 60", "14 Nov 2026 10:00 +0160", ""},
                 Case{"text behind", "14 Nov 2026 10:00 +0100 x", ""},
                 Case{"five-digit year", "14 Nov 12026 10:00 +0000", ""},
                 Case{"ISO", "2026-11-14T10:00:00Z", ""},
             }) {
            CAPTURE(c.label);
            const auto time = parse_date(c.value);
            CHECK((time ? rfc3339(*time) : std::string()) == c.time);
        }
    }
}

} // namespace kwit::mime
