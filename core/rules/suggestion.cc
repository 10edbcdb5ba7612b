#include "core/base/text.hh"
#include "core/base/unicode.hh"
#include "core/rules/categories.hh"
#include "core/rules/period.hh"
#include "core/rules/subject.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::rules {

namespace {

using Piece = std::optional<std::string>;
using Tag = SubjectReading::Tag;

/// What one tag says, or several of them alike; else the piece that was read without a tag.
Piece piece_of(const SubjectReading& reading, std::string Tag::*field, const Piece& loose) {
    if (reading.tags.empty()) return loose;
    const std::string& first = reading.tags.front().*field;
    const bool alike = std::all_of(reading.tags.begin(), reading.tags.end(), [&](const Tag& tag) {
        return tag.*field == first;
    });
    return alike ? Piece(first) : std::nullopt;
}

std::string category_for(const SubjectReading& reading, const Policy& policy) {
    const Piece& loose = reading.category ? reading.category : reading.word;
    const Piece read = piece_of(reading, &Tag::category, loose);
    const std::string* known = read ? category_named(policy, *read) : nullptr;
    return known != nullptr ? *known : join(policy.categories, "|");
}

/// A month whose year cannot be meant is the last such month that has begun.
Period nearest(unsigned month, Period current) {
    const int year = month <= current.month() ? current.year() : current.year() - 1;
    return Period::of({year, month}).value();
}

Period period_for(const SubjectReading& reading, const RecipientFacts& recipient, Time now) {
    const Period current = period_at(now, recipient.timezone);
    const Piece month = piece_of(reading, &Tag::month, reading.month);
    Piece year = piece_of(reading, &Tag::year, reading.year);
    if (!month || !year) return current;
    if (year->size() == 2) year->insert(0, "20");
    const PeriodFault fault = fault_of(*month, *year, last_year(now, recipient.timezone));
    if (fault == PeriodFault::month) return current;
    const auto month_number = static_cast<unsigned>(*parse_number(*month));
    if (fault != PeriodFault::none) return nearest(month_number, current);
    return Period::of({static_cast<int>(*parse_number(*year)), month_number}).value();
}

std::string code_for(const SubjectReading& reading, const RecipientFacts& recipient) {
    if (recipient.user) return recipient.user->code;
    if (recipient.sender) return recipient.sender->code;
    // Nobody's own code is known where anyone may send: a tag that names an unknown one keeps a
    // gap.
    const Piece read = code_read(reading);
    if (read && reading.tags.size() != 1) return *read;
    return recipient.locale == "pl" ? "KOD" : "CODE";
}

} // namespace

std::optional<std::string> code_read(const SubjectReading& reading) {
    return piece_of(reading, &Tag::code, reading.code);
}

std::string
suggest_subject(const SubjectReading& reading, const RecipientFacts& recipient, Time now) {
    return fmt::format(
        "[{}] {} ({})",
        category_for(reading, recipient.policy),
        period_for(reading, recipient, now).slashed(),
        code_for(reading, recipient)
    );
}

} // namespace kwit::rules
