#include "core/outbox/plain.hh"

#include "core/base/code_points.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <array>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_line = 76;
constexpr std::string_view hex_digits = "0123456789ABCDEF";

std::string escaped(char mark, char c) {
    const auto byte = static_cast<unsigned char>(c);
    return {mark, hex_digits[byte >> 4U], hex_digits[byte & 0xFU]};
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view unreserved = "-._~";
    std::string out;
    for (const char c : text) {
        const bool plain =
            is_alpha(c) || is_digit(c) || unreserved.find(c) != std::string_view::npos;
        out += plain ? std::string(1, c) : escaped('%', c);
    }
    return out;
}

/// One line of text without its end; soft breaks keep every line within 76 octets.
void append_quoted_line(std::string& out, std::string_view line) {
    std::size_t column = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        const bool last = at + 1 == line.size();
        const bool plain = (c > ' ' && c <= '~' && c != '=') || (is_blank(c) && !last);
        const std::string piece = plain ? std::string(1, c) : escaped('=', c);
        // The last one needs no room for the "=" of a soft break behind it.
        if (column + piece.size() > max_line - (last ? 0 : 1)) {
            out += "=\r\n";
            column = 0;
        }
        out += piece;
        column += piece.size();
    }
    out += "\r\n";
}

} // namespace

std::string one_line(std::string_view text, std::size_t max) {
    constexpr char32_t replacement = 0xFFFD;
    std::string out;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_code_point(text, at);
        if (is_control(c)) {
            if (out.empty() || out.back() == ' ') continue;
            out += ' ';
        } else {
            append_utf8(out, is_bidi_control(c) ? replacement : c);
        }
        if (++count == max && at < text.size()) return std::string(trim(out)) + "…";
    }
    return std::string(trim(out));
}

std::string mailto(std::string_view address, std::string_view subject) {
    return fmt::format(
        "mailto:{}@{}?subject={}",
        percent_encoded(before_at(address)),
        percent_encoded(behind_at(address)),
        percent_encoded(subject)
    );
}

std::string quoted_printable(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    std::string out;
    for (const std::string_view line : split(text, '\n'))
        append_quoted_line(out, line);
    return out;
}

std::string base64_lines(Bytes bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve(base64_size(bytes.size()));
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const Bytes group = bytes.subspan(at, std::min<std::size_t>(3, bytes.size() - at));
        unsigned bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = (bits << 8U) | (i < group.size() ? std::to_integer<unsigned>(group[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= group.size() ? alphabet[(bits >> (18U - 6U * i)) & 0x3FU] : '=';
        const std::size_t done = at + group.size();
        if (done % base64_line_in == 0 || done == bytes.size()) out += "\r\n";
    }
    return out;
}

std::uint64_t base64_size(std::uint64_t octets) {
    const std::uint64_t rest = octets % base64_line_in;
    return octets / base64_line_in * base64_line_out + (rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2);
}

std::string size_text(std::uint64_t octets, std::string_view locale) {
    constexpr std::array<std::string_view, 4> units = {"B", "kB", "MB", "GB"};
    constexpr std::uint64_t step = 1000;
    if (octets < step) return fmt::format("{} B", octets);
    // In tenths, rounded; 999.95 kB is 1.0 MB.
    std::uint64_t tenths = (octets + step / 20) / (step / 10);
    std::size_t unit = 1;
    for (; tenths >= step * 10 && unit + 1 < units.size(); ++unit)
        tenths = (tenths + step / 2) / step;
    const std::string_view sign = locale == "pl" || locale == "de" ? "," : ".";
    return fmt::format("{}{}{} {}", tenths / 10, sign, tenths % 10, units.at(unit));
}

std::string_view plural_form(std::uint64_t count, std::string_view locale) {
    if (count == 1) return "one";
    if (locale != "pl") return "many";
    const std::uint64_t units = count % 10;
    const std::uint64_t tens = count / 10 % 10;
    return units >= 2 && units <= 4 && tens != 1 ? "few" : "many";
}

} // namespace kwit::outbox
