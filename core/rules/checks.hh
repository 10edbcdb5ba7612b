// The single rules: each a pure function of what is known, used by the table of engine.cc alone.
#pragma once

#include "core/rules/engine.hh"
#include "core/rules/sender.hh"

#include <optional>
#include <string>
#include <vector>

namespace kwit::rules {

/// The facts, and what several rules conclude from them. Lives no longer than the facts.
struct Case {
    const Facts& facts;
    const EmailAddress* author = nullptr; ///< null: ambiguous
    Proven proven{};
    std::vector<PartOutcome> parts{}; ///< empty at the end of headers
};

/// No finding: the rule passes.
struct Answer {
    std::optional<Finding> finding{};
    std::string note{}; ///< what was seen, for people
};

Answer asks_nothing(const Case& it);

Answer one_author(const Case& it);
Answer authenticated(const Case& it);
Answer registered(const Case& it);

Answer headers_within_limits(const Case& it);
Answer headers_unambiguous(const Case& it);

Answer one_tag(const Case& it);
Answer known_category(const Case& it);
Answer valid_period(const Case& it);
Answer known_code(const Case& it);

Answer body_within_limits(const Case& it);
Answer structure_unambiguous(const Case& it);

Answer parts_accepted(const Case& it);
Answer documents_within_limit(const Case& it);
Answer document_present(const Case& it);

/// How many parts of the case have the disposition.
std::size_t count_of(const Case& it, Disposition disposition);

} // namespace kwit::rules
