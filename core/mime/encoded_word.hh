// Encoded words in headers (RFC 2047), by our own decoder: several padded words stand for one text,
// a character may be split over two words, and what no charset explains is read as Latin-1 and
// flagged. Bytes outside of words are UTF-8 (RFC 6532), else Latin-1.
#pragma once

#include <string>
#include <string_view>

namespace kwit::mime {

struct DecodedText {
    std::string text{};           ///< UTF-8, always well-formed
    bool unknown_charset = false; ///< some word named a charset that iconv does not know
    bool damaged = false;         ///< some bytes were not of the charset or of the encoding
    bool had_words = false;       ///< there was at least one encoded word
};

/// Decodes an unstructured value; unfold() it first.
DecodedText decode_words(std::string_view value);

} // namespace kwit::mime
