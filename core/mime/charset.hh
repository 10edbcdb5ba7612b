// Bytes of a named charset to UTF-8, through iconv(3).
#pragma once

#include <string>
#include <string_view>

namespace kwit::mime {

struct Converted {
    std::string text{};           ///< UTF-8; U+FFFD where the bytes are not of the charset
    bool unknown_charset = false; ///< read as Latin-1
    bool damaged = false;
};

Converted to_utf8(std::string_view bytes, std::string_view charset);

/// What 8-bit bytes without a charset mean: UTF-8 when they are, else Latin-1.
std::string utf8_or_latin1(std::string_view bytes);

} // namespace kwit::mime
