// The token of an open import address: ten characters that are easy to read aloud, the last of
// which checks the others. A wrong character, and any two exchanged, are noticed.
#pragma once

#include <string>
#include <string_view>

namespace kwit {

/// A new random token.
std::string draw_token();

/// Whether the text is a token whose check character fits.
bool is_token(std::string_view text);

/// Whether a local part in lower case begins as that of an open address does, ten letters or digits
/// and a hyphen, but with a check character that does not fit: a token that somebody mistyped.
bool has_mistyped_token(std::string_view local);

/// The token that the local part of an open address begins with; empty when there is none.
std::string_view token_of(std::string_view local);

} // namespace kwit
