// Mails in files as mail programs keep them (RFC 4155): a line "From …" before each.
#pragma once

#include "core/intake/range.hh"

#include <optional>

namespace kwit {

/// The mail in a file, without the line of an mbox before it; nothing when there are more mails:
/// the second would be text of the first.
Result<std::optional<Range>> the_one_mail(const Range& file);

} // namespace kwit
