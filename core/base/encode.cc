#include "core/base/encode.hh"

#include "core/base/code_points.hh"
#include "core/base/text.hh"
#include "core/base/transliterate.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit {

namespace {

constexpr char32_t replacement = 0xFFFD;

/// A code point with the bytes it was read from.
struct Piece {
    char32_t code_point;
    std::string_view bytes;

    // A real U+FFFD takes three bytes.
    [[nodiscard]] bool ill_formed() const { return code_point == replacement && bytes.size() == 1; }
};

template <typename Step>
void each_piece(std::string_view text, Step step) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char32_t code_point = next_code_point(text, at);
        step(Piece{code_point, text.substr(begin, at - begin)});
    }
}

std::string visible(const Piece& piece) {
    const auto byte = static_cast<unsigned char>(piece.bytes.front());
    if (piece.ill_formed()) return fmt::format("\\x{:02x}", byte);
    switch (piece.code_point) {
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        break;
    }
    if (piece.code_point < 0x80 && is_control(piece.code_point))
        return fmt::format("\\x{:02x}", byte);
    if (is_control(piece.code_point) || is_invisible(piece.code_point))
        return fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(piece.code_point));
    return std::string(piece.bytes);
}

/// One space for any number of controls in a row, none at the ends.
class Spaced {
public:
    void gap() { gap_ = true; }

    void add(std::string_view text) {
        if (text.empty()) return;
        if (gap_ && !out_.empty() && out_.back() != ' ') out_ += ' ';
        gap_ = false;
        out_ += text;
    }

    std::string finish() && { return std::string(trim(out_)); }

private:
    std::string out_;
    bool gap_ = false;
};

std::string_view ascii_of(const Piece& piece) {
    if (piece.code_point < 0x80) return piece.bytes;
    if (const auto known = transliterate(piece.code_point)) return *known;
    return is_invisible(piece.code_point) ? "" : "?";
}

bool begins_formula(std::string_view field) {
    if (field.empty()) return false;
    std::size_t at = 0;
    const char32_t first = next_code_point(field, at);
    constexpr std::u32string_view marks = U"=+-@\t\r\n＝＋－＠";
    return marks.find(first) != std::u32string_view::npos;
}

/// Without what would break a line or show something else than it says.
std::string tame(std::string_view text, char32_t for_control) {
    std::string out;
    each_piece(text, [&](const Piece& piece) {
        if (is_control(piece.code_point)) return append_utf8(out, for_control);
        append_utf8(out, is_bidi_control(piece.code_point) ? replacement : piece.code_point);
    });
    return out;
}

// What Windows gives to devices, whatever the extension.
constexpr std::array devices = {"con",  "prn",  "aux",  "nul",  "com1", "com2", "com3", "com4",
                                "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3",
                                "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"};

bool is_device(std::string_view name) {
    const std::string_view stem = trim(name.substr(0, name.find('.')));
    return std::any_of(devices.begin(), devices.end(), [&](std::string_view device) {
        return same_word(device, stem);
    });
}

bool unfit_for_a_name(char32_t c) {
    constexpr std::u32string_view marks = U"/\\<>:\"|?*";
    return is_control(c) || is_invisible(c) || c == replacement ||
           marks.find(c) != std::u32string_view::npos;
}

/// At most max bytes; the extension stays when it is one.
std::string cut_name(const std::string& name, std::size_t max) {
    constexpr std::size_t longest_extension = 16;
    if (name.size() <= max) return name;
    const std::size_t dot = name.rfind('.');
    const std::string extension =
        dot != std::string::npos && name.size() - dot <= longest_extension ? name.substr(dot) : "";
    return std::string(cut_utf8(name, max - extension.size())) + extension;
}

} // namespace

std::string smtp_text(std::string_view text) {
    Spaced out;
    each_piece(text, [&](const Piece& piece) {
        if (is_control(piece.code_point) || piece.code_point == 0x2028 ||
            piece.code_point == 0x2029)
            return out.gap();
        out.add(ascii_of(piece));
    });
    return std::move(out).finish();
}

std::string terminal_text(std::string_view text) {
    std::string out;
    each_piece(text, [&](const Piece& piece) { out += visible(piece); });
    return out;
}

std::string log_text(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char32_t code_point = next_code_point(text, at);
        const std::string shown = visible({code_point, text.substr(begin, at - begin)});
        if (out.size() + shown.size() > max_log_text)
            return out + fmt::format("... [{} bytes more]", text.size() - begin);
        out += shown;
    }
    return out;
}

std::string csv_field(std::string_view text) {
    std::string field = begins_formula(text) ? "'" : "";
    field += tame(text, ' ');
    if (field.find_first_of(",;\"'") == std::string::npos && trim(field) == field) return field;
    std::string quoted = "\"";
    for (const char c : field)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

std::string html_text(std::string_view text) {
    std::string out;
    each_piece(text, [&](const Piece& piece) {
        switch (piece.code_point) {
        case '&':
            out += "&amp;";
            return;
        case '<':
            out += "&lt;";
            return;
        case '>':
            out += "&gt;";
            return;
        case '"':
            out += "&quot;";
            return;
        case '\'':
            out += "&#39;";
            return;
        case '\t':
        case '\n':
            out += piece.bytes;
            return;
        default:
            break;
        }
        const bool harmful = is_control(piece.code_point) || is_bidi_control(piece.code_point);
        append_utf8(out, harmful ? replacement : piece.code_point);
    });
    return out;
}

std::string export_name(std::string_view text) {
    std::string name;
    each_piece(text, [&](const Piece& piece) {
        append_utf8(name, unfit_for_a_name(piece.code_point) ? U'_' : piece.code_point);
    });
    name = trim(name);
    // Hidden files, options, and "." and "..".
    if (!name.empty() && (name.front() == '.' || name.front() == '-')) name.front() = '_';
    if (is_device(name)) name.insert(0, "_");
    name = cut_name(name, max_export_name);
    while (!name.empty() && (name.back() == '.' || name.back() == ' '))
        name.pop_back(); // Windows drops them
    return name.empty() ? "document" : name;
}

} // namespace kwit
