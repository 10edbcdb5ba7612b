#include "core/mime/filename.hh"

#include "core/base/text.hh"
#include "core/base/unicode.hh"
#include "core/mime/charset.hh"

#include <algorithm>
#include <array>

namespace kwit::mime {

namespace {

constexpr std::size_t max_extension = 16;

struct Range {
    char32_t first;
    char32_t last;
};

/// Controls, and characters that are not seen but change how a name reads.
bool is_hidden(char32_t c) {
    constexpr std::array<Range, 12> ranges = {{
        {0x00, 0x1F},       // C0
        {0x7F, 0x9F},       // DEL, C1
        {0xAD, 0xAD},       // soft hyphen
        {0x61C, 0x61C},     // Arabic letter mark
        {0x180E, 0x180E},   // Mongolian vowel separator
        {0x200B, 0x200F},   // zero width, left-to-right and right-to-left marks
        {0x202A, 0x202E},   // bidi embedding and override
        {0x2060, 0x206F},   // word joiner, bidi isolates, deprecated format characters
        {0xFEFF, 0xFEFF},   // byte order mark
        {0xFFF0, 0xFFFB},   // specials: interlinear annotation
        {0xE0000, 0xE0FFF}, // tags, variation selectors supplement
        {0x1D173, 0x1D17A}, // musical controls
    }};
    return std::any_of(ranges.begin(), ranges.end(), [c](const Range& range) {
        return c >= range.first && c <= range.last;
    });
}

bool is_line_break(char32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
}

std::string visible(std::string_view name) {
    std::string out;
    each_code_point(name, [&out](char32_t c) {
        if (is_line_break(c))
            out += ' ';
        else if (!is_hidden(c))
            append_utf8(out, c);
    });
    return out;
}

/// What stands behind the last separator, of both worlds.
std::string_view last_component(std::string_view name) {
    const std::size_t end = name.find_last_not_of("/\\");
    if (end == std::string_view::npos) return {};
    name = name.substr(0, end + 1);
    const std::size_t separator = name.find_last_of("/\\");
    return separator == std::string_view::npos ? name : name.substr(separator + 1);
}

std::string_view without_ends(std::string_view name) {
    while (!name.empty() && name.front() == ' ')
        name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '.'))
        name.remove_suffix(1);
    return name;
}

std::string shortened(std::string_view name) {
    if (name.size() <= max_filename) return std::string(name);
    const std::size_t dot = name.rfind('.');
    const bool keep = dot != std::string_view::npos && name.size() - dot <= max_extension;
    const std::string_view extension = keep ? name.substr(dot) : std::string_view();
    const std::string_view stem =
        cut_utf8(name.substr(0, name.size() - extension.size()), max_filename - extension.size());
    return std::string(without_ends(stem)).append(extension);
}

} // namespace

std::string clean_filename(std::string_view name) {
    const std::string text = nfc(visible(utf8_or_latin1(name)));
    return shortened(without_ends(last_component(text)));
}

} // namespace kwit::mime
