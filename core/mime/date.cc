#include "core/mime/date.hh"

#include "core/base/text.hh"
#include "core/mime/header.hh"
#include "core/mime/lexer.hh"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace kwit::mime {

namespace {

using std::chrono::minutes;

std::optional<unsigned> number(Lexer& in, std::size_t least, std::size_t most) {
    if (!in.skip_cfws()) return std::nullopt;
    const std::string_view digits = in.take_while(is_digit);
    if (digits.size() < least || digits.size() > most) return std::nullopt;
    return static_cast<unsigned>(*parse_number(digits));
}

std::string word(Lexer& in) {
    return in.skip_cfws() ? lower(in.take_while(is_alpha)) : std::string();
}

/// The name of a day, right or wrong: the date says which day it is.
bool skip_weekday(Lexer& in) {
    if (!in.skip_cfws()) return false;
    if (!is_alpha(in.peek())) return true;
    in.take_while([](char c) { return is_alpha(c) || c == '.'; });
    if (!in.skip_cfws()) return false;
    in.take(',');
    return true;
}

std::optional<unsigned> month(Lexer& in) {
    constexpr std::array<std::string_view, 12> names = {
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    const std::string name = word(in);
    for (unsigned i = 0; i < names.size(); ++i)
        if (name == names[i]) return i + 1;
    return std::nullopt;
}

/// Two and three digits count as RFC 5322 §4.3 says.
std::optional<int> year(Lexer& in) {
    if (!in.skip_cfws()) return std::nullopt;
    const std::string_view digits = in.take_while(is_digit);
    if (digits.size() < 2 || digits.size() > 4) return std::nullopt;
    const int value = static_cast<int>(*parse_number(digits));
    if (digits.size() == 2) return value < 50 ? 2000 + value : 1900 + value;
    return digits.size() == 3 ? 1900 + value : value;
}

std::optional<std::chrono::seconds> time_of_day(Lexer& in) {
    const auto hour = number(in, 1, 2);
    if (!hour || *hour > 23 || !in.skip_cfws() || !in.take(':')) return std::nullopt;
    const auto minute = number(in, 2, 2);
    if (!minute || *minute > 59 || !in.skip_cfws()) return std::nullopt;
    std::chrono::seconds time = std::chrono::hours(*hour) + minutes(*minute);
    if (!in.take(':')) return time;
    const auto second = number(in, 2, 2);
    if (!second || *second > 60) return std::nullopt; // 60: a leap second
    return time + std::chrono::seconds(*second);
}

/// Names that say nothing certain (military letters, "CET") and a zone left out mean UTC, as -0000.
std::optional<minutes> named_zone(const std::string& name) {
    struct Zone {
        std::string_view name;
        int hours;
    };

    constexpr std::array<Zone, 8> zones = {
        {{"est", -5},
         {"edt", -4},
         {"cst", -6},
         {"cdt", -5},
         {"mst", -7},
         {"mdt", -6},
         {"pst", -8},
         {"pdt", -7}}};
    for (const Zone& zone : zones)
        if (name == zone.name) return std::chrono::hours(zone.hours);
    return minutes(0);
}

std::optional<minutes> zone(Lexer& in) {
    if (!in.skip_cfws()) return std::nullopt;
    const char sign = in.peek();
    if (sign != '+' && sign != '-') return named_zone(word(in));
    in.skip(1);
    const std::string_view digits = in.take_while(is_digit);
    if (digits.size() != 4) return std::nullopt;
    const auto value = static_cast<int>(*parse_number(digits));
    if (value % 100 > 59 || value / 100 > 23) return std::nullopt;
    const minutes offset = std::chrono::hours(value / 100) + minutes(value % 100);
    return sign == '-' ? -offset : offset;
}

} // namespace

std::optional<Time> parse_date(std::string_view value) {
    const std::string text = unfold(value);
    Lexer in(text);
    if (has_control(text) || !skip_weekday(in)) return std::nullopt;
    const auto day = number(in, 1, 2);
    if (!day) return std::nullopt;
    const auto in_month = month(in);
    if (!in_month) return std::nullopt;
    const auto in_year = year(in);
    if (!in_year) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(*in_year), std::chrono::month(*in_month), std::chrono::day(*day)};
    const auto time = time_of_day(in);
    if (!date.ok() || !time) return std::nullopt;
    const auto offset = zone(in);
    if (!offset || !in.skip_cfws() || !in.done()) return std::nullopt;
    return std::chrono::sys_days(date) + *time - *offset;
}

} // namespace kwit::mime
