// The subject tag of route "subject": "[CATEGORY] MM/YYYY (CODE)", tolerant in form, strict in
// meaning. Reading knows no policy and no directory: whether the values exist is asked by the
// rules.
//
// Tolerated: case, white space of any kind, full-width characters, invisible characters such as the
// soft hyphen, 11/2024 11.2024 11-2024 1/2024 2024-11, anything before and after the tag. Reply and
// forward prefixes ("Re:", "WG:", "Podaj dalej:") and marks of mail gateways ("[EXT]",
// "***SPAM***") are no part of the note.
#pragma once

#include "core/base/time.hh"
#include "core/model/facts.hh"

#include <optional>
#include <string>
#include <string_view>

namespace kwit::rules {

/// Reads a subject that is decoded to UTF-8. Looks at no more than max_subject bytes of it.
SubjectReading read_subject(std::string_view decoded_subject);

/// A longer subject is cut before it is read: a line has 998 bytes (RFC 5322 §2.1.1), and folded
/// ones a few of them.
constexpr std::size_t max_subject = 8192;

/// The code that was read, from the one tag, from several that agree, or from the pieces; what
/// RecipientFacts::user is looked up by.
std::optional<std::string> code_read(const SubjectReading& reading);

/// The subject to send instead: what was read and can be used, the sender's own code and the
/// current month of the domain where it was not. A category is never guessed: where it is missing
/// or unknown, all of them stand in its place, "[FK|FZ|FS|INNE] 11/2026 (932498)".
std::string
suggest_subject(const SubjectReading& reading, const RecipientFacts& recipient, Time now);

} // namespace kwit::rules
