// Kinds of Unicode code points that encoders treat alike.
#pragma once

namespace kwit {

/// C0, DEL and C1.
constexpr bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/// What turns the direction of writing round, and the line ends that are no controls: with them a
/// text shows something other than what it says.
constexpr bool is_bidi_control(char32_t c) {
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

/// What takes no place on a screen: two texts that look the same may differ by it.
constexpr bool is_invisible(char32_t c) {
    return is_bidi_control(c) || c == 0x00AD || c == 0x034F || c == 0x115F || c == 0x1160 ||
           c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0xFFA0 ||
           (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

} // namespace kwit
