// Random texts that are easy to read aloud, the last character of which checks the others: a wrong
// character, and any two exchanged, are noticed. The token of an open import address has ten, the
// secret in a tagged one sixteen (74 bits that nobody guesses, and a check).
#pragma once

#include <string>
#include <string_view>

namespace kwit {

/// A new random token.
std::string draw_token();

/// Whether the text is a token whose check character fits.
bool is_token(std::string_view text);

/// A new random secret.
std::string draw_secret();

/// Whether the text, in lower case, is a secret whose check character fits.
bool is_secret(std::string_view text);

/// What is kept of a secret, so that who reads the archive does not know it: its SHA-256 in
/// hexadecimal digits.
std::string digest_of_secret(std::string_view secret);

/// Whether a local part in lower case begins as that of an open address does, ten letters or digits
/// and a hyphen, but with a check character that does not fit: a token that somebody mistyped.
bool has_mistyped_token(std::string_view local);

/// The token that the local part of an open address begins with; empty when there is none.
std::string_view token_of(std::string_view local);

} // namespace kwit
