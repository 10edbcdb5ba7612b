// Header fields: folding (RFC 5322 §2.2.3) and encoded words (RFC 2047).
#include "core/base/code_points.hh"
#include "core/base/encode.hh"
#include "core/base/text.hh"

#include <algorithm>

namespace kwit {

namespace {

constexpr std::size_t max_line = 76;
constexpr std::size_t max_name = 56; // leaves room for one character as an encoded word
constexpr std::string_view word_begin = "=?UTF-8?B?";
constexpr std::string_view word_end = "?=";

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        unsigned bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= group.size() ? alphabet[(bits >> (18U - 6U * i)) & 0x3FU] : '=';
    }
    return out;
}

/// One line of well-formed UTF-8: controls are one space, none at the ends.
std::string one_line(std::string_view text) {
    constexpr char32_t replacement = 0xFFFD;
    std::string out;
    each_code_point(text, [&](char32_t c) {
        if (is_control(c)) {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else {
            append_utf8(out, is_bidi_control(c) ? replacement : c);
        }
    });
    return std::string(trim(out));
}

/// Whether every reader takes it for just this ASCII text, and it can be folded at its spaces.
bool is_plain(std::string_view text, std::size_t name_length) {
    const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
    if (!std::all_of(text.begin(), text.end(), printable)) return false;
    // A run of spaces would not survive folding; "=?" could be taken for an encoded word.
    if (text.find("  ") != std::string_view::npos || text.find("=?") != std::string_view::npos)
        return false;
    const auto words = split(text, ' ');
    return words.front().size() <= max_line - name_length &&
           std::all_of(words.begin(), words.end(), [](std::string_view word) {
               return word.size() < max_line; // the space of the fold before it
           });
}

std::string fold(std::string_view text, std::size_t name_length) {
    std::string out;
    std::size_t column = name_length;
    for (const std::string_view word : split(text, ' ')) {
        if (!out.empty()) {
            const bool fits = column + 1 + word.size() <= max_line;
            out += fits ? " " : "\r\n ";
            column = fits ? column + 1 : 1;
        }
        out += word;
        column += word.size();
    }
    return out;
}

std::string encoded_words(std::string_view text, std::size_t name_length) {
    constexpr std::size_t frame = word_begin.size() + word_end.size();
    std::string out;
    std::size_t column = name_length;
    while (!text.empty()) {
        // RFC 2047 §2: a word is at most 75 characters; §5: it holds whole characters.
        const std::size_t room = std::min(max_line - column, max_line - 1);
        const std::string_view piece = cut_utf8(text, (room - frame) / 4 * 3);
        if (!out.empty()) out += "\r\n ";
        out += std::string(word_begin) + base64(piece) + std::string(word_end);
        text.remove_prefix(piece.size());
        column = 1;
    }
    return out;
}

bool is_atoms(std::string_view text) {
    constexpr std::string_view atext = "!#$%&'*+-/=?^_`{|}~ ";
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_alpha(c) || is_digit(c) || atext.find(c) != std::string_view::npos;
    });
}

std::string quoted_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

} // namespace

std::string header_text(std::string_view text, std::size_t name_length) {
    const std::size_t begin = std::min(name_length, max_name);
    const std::string line = one_line(text);
    return is_plain(line, begin) ? fold(line, begin) : encoded_words(line, begin);
}

std::string header_phrase(std::string_view text, std::size_t name_length) {
    const std::size_t begin = std::min(name_length, max_name);
    const std::string line = one_line(text);
    if (line.empty()) return {};
    const std::string ascii = is_atoms(line) ? line : quoted_string(line);
    return is_plain(ascii, begin) ? fold(ascii, begin) : encoded_words(line, begin);
}

} // namespace kwit
