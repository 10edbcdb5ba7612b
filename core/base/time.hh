// Points in time. There is no hidden clock in kwit: main and the callbacks ask now() and hand it
// down.
//
// Records hold UTC with milliseconds (RFC 3339); people read the time of their own zone. The door
// to the date library, as g++ 12 has no time zones.
#pragma once

#include "core/base/result.hh"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kwit {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

Time now();

/// RFC 3339 in UTC with milliseconds: "2026-11-21T10:00:00.000Z".
std::string rfc3339(Time time);

/// Reads what rfc3339() writes, also without the fraction.
std::optional<Time> parse_rfc3339(std::string_view text);

/// RFC 5322 §3.3 date-time in UTC: "Sat, 21 Nov 2026 10:00:00 +0000".
std::string rfc5322(Time time);

struct YearMonth {
    int year{};
    unsigned month{}; ///< 1 to 12
    friend auto operator<=>(const YearMonth&, const YearMonth&) = default;
};

/// The calendar month at a time in a zone of the IANA database ("Europe/Warsaw").
Result<YearMonth> month_in(Time time, const std::string& zone);

/// "2026-11-21 11:00" in the zone, for people; in UTC with a Z when the zone is unknown.
std::string local_text(Time time, const std::string& zone);

/// "2026-11-21 11:00" in the zone of this machine (TZ), for the tables of the command line.
std::string local_text(Time time);

/// The inverse: "2026-11-21" (its first moment) and "2026-11-21 11:00" in the zone; of an hour that
/// comes twice the first, of one that is left out the moment it is left out at. Nothing for any
/// other text and for an unknown zone.
std::optional<Time> parse_local(std::string_view text, const std::string& zone);

/// The first moment after the time at which the clocks of the zone show that time of day.
Time next_time_of_day(Time time, std::chrono::minutes of_day, const std::string& zone);

/// Whether the zone is in the IANA database of this machine (UTC needs none): `temporary` while the
/// data of time zones is missing, `misuse` when there is no such zone.
Result<void> check_zone(const std::string& zone);

/// Whether the system has the data of time zones (the package tzdata).
bool has_zones();

} // namespace kwit
