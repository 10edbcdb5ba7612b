#include "core/outbox/vcard.hh"

#include "core/base/code_points.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_line = 75; // octets without CRLF

/// A text value (§5.8.4): line ends as \\n, what ends a value escaped, controls as spaces.
std::string text_value(std::string_view text) {
    std::string out;
    each_code_point(text, [&](char32_t c) {
        if (c == U'\n')
            out += "\\n";
        else if (is_control(c))
            out += ' ';
        else if (c == U'\\' || c == U',' || c == U';')
            append_utf8(out += '\\', c);
        else
            append_utf8(out, c);
    });
    return out;
}

/// Folded, and never inside of a character.
std::string line(std::string_view name, std::string_view value) {
    const std::string whole = fmt::format("{}:{}", name, value);
    std::string out;
    std::string_view rest = whole;
    while (!rest.empty()) {
        const std::size_t room = out.empty() ? max_line : max_line - 1;
        const std::string_view piece = cut_utf8(rest, room);
        out += fmt::format("{}{}\r\n", out.empty() ? "" : " ", piece);
        rest.remove_prefix(piece.size());
    }
    return out;
}

} // namespace

std::string vcard(const Contact& contact) {
    constexpr std::string_view line_ends = "\n";
    std::string_view note = contact.note;
    while (note.ends_with(line_ends))
        note.remove_suffix(line_ends.size());
    std::string card = line("BEGIN", "VCARD") + line("VERSION", "3.0");
    card += line("FN", text_value(contact.name));
    card += line("N", text_value(contact.name) + ";;;;");
    if (!contact.organisation.empty()) card += line("ORG", text_value(contact.organisation));
    card += line("EMAIL;TYPE=INTERNET", text_value(contact.email));
    if (!note.empty()) card += line("NOTE", text_value(note));
    card += line("UID", text_value(contact.email));
    card += line("REV", rfc3339(contact.changed_at));
    return card + line("END", "VCARD");
}

} // namespace kwit::outbox
