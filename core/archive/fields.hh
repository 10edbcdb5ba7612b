// What the fields of the directory may hold; anything else is `misuse` with the rule in the remedy.
#pragma once

#include "core/base/result.hh"

#include <string>
#include <string_view>

namespace kwit {

/// 1 to 64 of letters, digits, "-", "_", ".".
Result<void> check_client_id(std::string_view id);

/// 1 to 200 bytes of UTF-8 without control characters; `what` names the field in the error.
Result<void> check_text(std::string_view what, std::string_view text);

/// The same, or empty.
Result<void> check_optional_text(std::string_view what, std::string_view text);

/// A locale there are texts for, or empty.
Result<void> check_locale(std::string_view locale);

/// 1 to 16 of letters, digits, "-".
Result<void> check_code(std::string_view code);

/// 1 to 20 digits.
Result<void> check_number(std::string_view number);

/// 1 to 32 of "a" to "z", digits, "-".
Result<void> check_extension(std::string_view extension);

/// EmailAddress::key() of the text, `misuse` when it is no address.
Result<std::string> check_email(std::string_view text);

/// The same of a sender, or "@" and a domain in the form of domain_key(): all of its addresses.
/// `misuse` for a public suffix, which is nobody's.
Result<std::string> check_sender_email(std::string_view text);

/// domain_key() of a domain that somebody can register, or empty for an empty text.
Result<std::string> check_optional_domain(std::string_view what, std::string_view text);

} // namespace kwit
