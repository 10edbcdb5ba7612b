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

} // namespace kwit
