// Characters as Unicode means them. The door to libunistring.
#pragma once

#include <string>
#include <string_view>

namespace kwit {

/// Letters, and the marks that stand on them (general categories L and M).
bool is_letter(char32_t c);

/// White space of any kind: the no-break and the ideographic space too (White_Space).
bool is_white_space(char32_t c);

/// Characters that show nothing: soft hyphen, zero-width and bidirectional marks, variation
/// selectors (Default_Ignorable_Code_Point).
bool is_invisible(char32_t c);

/// Upper case of no particular language, composed (NFC): "ä" in one or in two characters is the
/// same "Ä". Ill-formed bytes become U+FFFD.
std::string upper_text(std::string_view text);

/// Normalization Form C (UAX 15), so that one name has one spelling; text that is not well-formed
/// UTF-8 comes back as it is.
std::string nfc(std::string_view text);

} // namespace kwit
