#include "core/base/time.hh"

#include "core/base/text.hh"

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <ctime>

namespace kwit {

namespace {

using std::chrono::duration_cast;
using std::chrono::floor;

struct Clock {
    int year;
    unsigned month, day, hour, minute, second, millisecond;
    unsigned weekday; // 0 is Sunday
};

/// Calendar and clock of a count of milliseconds since 1970, whatever zone they are counted in.
Clock clock_of(Milliseconds since_epoch) {
    const date::sys_time<Milliseconds> time(since_epoch);
    const auto day = date::floor<date::days>(time);
    const date::year_month_day date(day);
    const auto rest = time - day;
    const auto part = [&rest](auto unit, int modulus) {
        return static_cast<unsigned>(duration_cast<decltype(unit)>(rest).count() % modulus);
    };
    return {
        .year = int(date.year()),
        .month = unsigned(date.month()),
        .day = unsigned(date.day()),
        .hour = part(std::chrono::hours(), 24),
        .minute = part(std::chrono::minutes(), 60),
        .second = part(std::chrono::seconds(), 60),
        .millisecond = part(Milliseconds(), 1000),
        .weekday = date::weekday(day).c_encoding()};
}

std::string minute_text(const Clock& clock) {
    return fmt::format(
        "{:04}-{:02}-{:02} {:02}:{:02}",
        clock.year,
        clock.month,
        clock.day,
        clock.hour,
        clock.minute
    );
}

constexpr const char* zones_remedy = "install the package tzdata: times and months need its data";

Result<Milliseconds> local_count(Time time, const std::string& zone) try {
    if (zone == "UTC") return time.time_since_epoch();
    if (!has_zones()) return fail(Kind::temporary, "there is no time zone data", zones_remedy);
    const date::sys_time<Milliseconds> utc(time.time_since_epoch());
    return date::locate_zone(zone)->to_local(utc).time_since_epoch();

} catch (const std::exception& problem) {

    return fail(
        Kind::misuse,
        fmt::format("time zone \"{}\" cannot be used: {}", zone, problem.what()),
        "use a name of the IANA database such as Europe/Warsaw, and install the package tzdata"
    );
}

} // namespace

bool has_zones() {
    // The library reads the list of zones once and keeps it, an empty one, too: it is asked only
    // when there is one.
    static std::atomic<bool> seen = false;
    if (!seen && ::access("/usr/share/zoneinfo/UTC", R_OK) == 0) seen = true;
    return seen;
}

Time now() {
    return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

std::string rfc3339(Time time) {
    const Clock c = clock_of(time.time_since_epoch());
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        c.year,
        c.month,
        c.day,
        c.hour,
        c.minute,
        c.second,
        c.millisecond
    );
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    // Fixed places: 2026-11-21T10:00:00[.000]Z
    if (text.size() < 20 || text.back() != 'Z') return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t length) {
        return parse_number(text.substr(at, length));
    };
    const auto year = number(0, 4);
    const auto month = number(5, 2);
    const auto day = number(8, 2);
    const auto hour = number(11, 2);
    const auto minute = number(14, 2);
    const auto second = number(17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    std::uint64_t millisecond = 0;
    if (text.size() != 20) {
        const auto fraction = text.size() == 24 && text[19] == '.' ? number(20, 3) : std::nullopt;
        if (!fraction) return std::nullopt;
        millisecond = *fraction;
    }
    const date::year_month_day date(
        date::year(static_cast<int>(*year)),
        date::month(static_cast<unsigned>(*month)),
        date::day(static_cast<unsigned>(*day))
    );
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return Time(
        Milliseconds(date::sys_days(date).time_since_epoch()) + std::chrono::hours(*hour) +
        std::chrono::minutes(*minute) + std::chrono::seconds(*second) + Milliseconds(millisecond)
    );
}

std::string rfc5322(Time time) {
    constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Clock c = clock_of(time.time_since_epoch());
    return fmt::format(
        "{}, {} {} {:04} {:02}:{:02}:{:02} +0000",
        days.at(c.weekday),
        c.day,
        months.at(c.month - 1),
        c.year,
        c.hour,
        c.minute,
        c.second
    );
}

Result<YearMonth> month_in(Time time, const std::string& zone) {
    const Clock clock = clock_of(TRY(local_count(time, zone)));
    return YearMonth{clock.year, clock.month};
}

std::string local_text(Time time, const std::string& zone) {
    const auto local = local_count(time, zone);
    if (!local) return minute_text(clock_of(time.time_since_epoch())) + "Z";
    return minute_text(clock_of(*local));
}

std::optional<Time> parse_local(std::string_view text, const std::string& zone) try {
    if (!has_zones()) return std::nullopt;
    constexpr std::size_t date_size = 10;
    constexpr std::size_t minute_size = 16;
    std::string whole(text);
    if (whole.size() == date_size) whole += " 00:00";
    if (whole.size() != minute_size || whole[date_size] != ' ') return std::nullopt;
    whole[date_size] = 'T';
    const auto as_utc = parse_rfc3339(whole + ":00Z");
    if (!as_utc) return std::nullopt;
    const date::local_time<Milliseconds> local(as_utc->time_since_epoch());
    return Time(date::locate_zone(zone)->to_sys(local, date::choose::earliest).time_since_epoch());

} catch (const std::exception&) {

    return std::nullopt; // the zone
}

Time next_time_of_day(Time time, std::chrono::minutes of_day, const std::string& zone) {
    constexpr std::size_t date_size = 10;
    constexpr int enough_days = 2;
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(of_day);
    for (int day = 0; day <= enough_days; ++day) {
        const std::string date =
            local_text(time + std::chrono::days(day), zone).substr(0, date_size);
        const auto moment = parse_local(
            fmt::format("{} {:02}:{:02}", date, hours.count(), (of_day - hours).count()), zone
        );
        if (moment && *moment > time) return *moment;
    }
    return time + std::chrono::days(1); // the zone is unknown
}

std::string local_text(Time time) {
    const std::time_t seconds =
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm local{};
    if (localtime_r(&seconds, &local) == nullptr)
        return minute_text(clock_of(time.time_since_epoch())) + "Z";
    return minute_text(clock_of(time.time_since_epoch() + std::chrono::seconds(local.tm_gmtoff)));
}

Result<void> check_zone(const std::string& zone) {
    TRY(local_count(Time{}, zone));
    return {};
}

} // namespace kwit
