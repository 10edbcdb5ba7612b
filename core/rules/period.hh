// The accounting month of a mail of route "address": the month of its Date: in the time zone of the
// domain, or of the receipt where the date cannot be used.
#pragma once

#include "core/base/time.hh"
#include "core/model/facts.hh"
#include "core/model/period.hh"
#include "core/model/verdict.hh"

#include <cstdint>
#include <string>

namespace kwit::rules {

struct PeriodReading {
    Period period;
    Flags flags{}; ///< "period-of-receipt", "year-change"
};

/// A date is used unless it is absent, there twice, unreadable, more than 24 hours ahead of now or
/// more than 13 calendar months (UTC) old; then the period is that of now and flagged
/// "period-of-receipt". "year-change": the date was used and its year is not that of now.
PeriodReading period_of(const DateFacts& date, Time now, const std::string& zone);

/// What is wrong with the month and year of a subject tag.
enum class PeriodFault : std::uint8_t { none, month, year, short_year };

/// Years from 2000 to the one after this are taken.
constexpr int first_year = 2000;
int last_year(Time now, const std::string& zone);

/// Digits as SubjectReading has them: a month of one or two, a year of four.
PeriodFault fault_of(const std::string& month, const std::string& year, int last);

/// The month of a time in the zone; in UTC where this machine does not know the zone.
Period period_at(Time time, const std::string& zone);

} // namespace kwit::rules
