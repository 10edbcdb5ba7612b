// An accounting month, written YYYY-MM.
#pragma once

#include "core/base/result.hh"
#include "core/base/time.hh"

#include <string>
#include <string_view>

namespace kwit {

class Period {
public:
    /// "2026-11": four digits, a hyphen, 01 to 12.
    static Result<Period> parse(std::string_view text);

    /// `misuse` unless the month is 1 to 12 and the year has four digits.
    static Result<Period> of(YearMonth month);

    [[nodiscard]] int year() const { return value_.year; }

    [[nodiscard]] unsigned month() const { return value_.month; }

    /// "2026-11": what records hold.
    [[nodiscard]] std::string text() const;

    /// "11/2026": what subjects and people say.
    [[nodiscard]] std::string slashed() const;

    friend auto operator<=>(const Period&, const Period&) = default;

private:
    explicit Period(YearMonth value) : value_(value) {}

    YearMonth value_;
};

} // namespace kwit
