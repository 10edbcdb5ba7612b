// Small text functions that mean bytes and ASCII: mail syntax is ASCII, and locale must not touch
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

constexpr bool is_space(char c) {
    return is_blank(c) || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr char to_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// Equal but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);
bool starts_with_word(std::string_view text, std::string_view prefix);

/// Without white space at both ends; a view into the argument.
std::string_view trim(std::string_view text);

/// The pieces between separators, empty ones included; views into the argument.
std::vector<std::string_view> split(std::string_view text, char separator);

std::string join(const std::vector<std::string>& pieces, std::string_view separator);

/// A decimal number without sign that fits; nothing for anything else, the empty text too.
std::optional<std::uint64_t> parse_number(std::string_view digits);

/// Lower-case hexadecimal digits, two a byte.
std::string to_hex(std::string_view bytes);

/// The text behind an xtext of RFC 3461: "a+2Bb" is "a+b". What is no xtext is left as it is.
std::string from_xtext(std::string_view text);

/// True when the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// The longest prefix of at most max bytes that does not cut a UTF-8 character in two.
std::string_view cut_utf8(std::string_view text, std::size_t max);

/// Calls step(code_point) for each character; an ill-formed byte comes as U+FFFD.
template <typename Step>
void each_code_point(std::string_view text, Step step);

/// The code point that starts at text[at], which is moved behind it; U+FFFD for an ill-formed byte.
char32_t next_code_point(std::string_view text, std::size_t& at);

void append_utf8(std::string& out, char32_t code_point);

template <typename Step>
void each_code_point(std::string_view text, Step step) {
    for (std::size_t at = 0; at < text.size();)
        step(next_code_point(text, at));
}

} // namespace kwit
