#include "core/rules/period.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <chrono>

namespace kwit::rules {

namespace {

constexpr std::chrono::months oldest_date{13};
constexpr std::chrono::hours farthest_date{24};

/// The same day and time of day some calendar months earlier (UTC), or the last day of a month that
/// is too short.
Time months_before(Time time, std::chrono::months months) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day date = std::chrono::year_month_day(day) - months;
    if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
    return std::chrono::sys_days(date) + (time - day);
}

bool can_be_used(const DateFacts& date, Time now) {
    return date.count == 1 && date.time && *date.time <= now + farthest_date &&
           *date.time >= months_before(now, oldest_date);
}

} // namespace

Period period_at(Time time, const std::string& zone) {
    if (const auto month = month_in(time, zone)) return Period::of(*month).value();
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    return Period::of({int(date.year()), unsigned(date.month())}).value();
}

PeriodReading period_of(const DateFacts& date, Time now, const std::string& zone) {
    const Period of_receipt = period_at(now, zone);
    if (!can_be_used(date, now)) return {of_receipt, {"period-of-receipt"}};
    PeriodReading reading{period_at(*date.time, zone)};
    if (reading.period.year() != of_receipt.year()) reading.flags.emplace_back("year-change");
    return reading;
}

int last_year(Time now, const std::string& zone) {
    return period_at(now, zone).year() + 1;
}

PeriodFault fault_of(const std::string& month, const std::string& year, int last) {
    const auto month_number = parse_number(month);
    if (month.size() > 2 || !month_number || *month_number < 1 || *month_number > 12)
        return PeriodFault::month;
    if (year.size() == 2) return PeriodFault::short_year;
    const auto year_number = parse_number(year);
    const bool taken = year.size() == 4 && year_number &&
                       std::cmp_greater_equal(*year_number, first_year) &&
                       std::cmp_less_equal(*year_number, last);
    return taken ? PeriodFault::none : PeriodFault::year;
}

} // namespace kwit::rules
