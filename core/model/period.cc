#include "core/model/period.hh"

#include "core/base/text.hh"

#include <fmt/format.h>

namespace kwit {

Result<Period> Period::parse(std::string_view text) {
    if (text.size() == 7 && text[4] == '-') {
        const auto year = parse_number(text.substr(0, 4));
        const auto month = parse_number(text.substr(5));
        if (year && month && *month >= 1 && *month <= 12)
            return Period({static_cast<int>(*year), static_cast<unsigned>(*month)});
    }
    return fail(
        Kind::misuse,
        fmt::format("\"{}\" is not a period", text),
        "write it as YYYY-MM, for example 2026-11"
    );
}

Result<Period> Period::of(YearMonth month) {
    if (month.month < 1 || month.month > 12 || month.year < 1000 || month.year > 9999)
        return fail(Kind::misuse, fmt::format("{}-{} is not a period", month.year, month.month));
    return Period(month);
}

std::string Period::text() const {
    return fmt::format("{:04}-{:02}", value_.year, value_.month);
}

std::string Period::slashed() const {
    return fmt::format("{:02}/{:04}", value_.month, value_.year);
}

} // namespace kwit
