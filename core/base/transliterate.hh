// ASCII for Latin letters and typographic signs, for sinks that carry nothing else. Used by
// smtp_text() and wherever a word must be typed on any keyboard.
#pragma once

#include <optional>
#include <string_view>

namespace kwit {

/// "ae" for ä, "l" for ł, "" for a combining mark; nothing for what has no ASCII form. ASCII itself
/// is not in the table.
std::optional<std::string_view> transliterate(char32_t code_point);

} // namespace kwit
