// Encoded words and names of files: always UTF-8, and what our own encoder writes is read as it
// was.
#include "core/base/code_points.hh"
#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "core/mime/encoded_word.hh"
#include "core/mime/filename.hh"
#include "core/mime/header.hh"
#include "core/mime/lexer.hh"
#include "tests/fuzz/input.hh"

#include <string>

namespace kwit::fuzz {

namespace {

/// A line is no longer than RFC 5322 and RFC 2047 would have it, and holds no control.
void check_lines(std::string_view folded, std::size_t name_length) {
    std::size_t at = name_length;
    for (const std::string_view line : split(folded, '\n')) {
        const std::string_view text =
            !line.empty() && line.back() == '\r' ? line.substr(0, line.size() - 1) : line;
        HOLDS(!mime::has_control(text));
        HOLDS(at + text.size() <= 998);
        at = 0;
    }
}

void words(std::string_view value) {
    const mime::DecodedText decoded = mime::decode_words(value);
    HOLDS(is_utf8(decoded.text));
    const std::string written = header_text(decoded.text, 9);
    check_lines(written, 9);
    const std::string again = mime::decode_words(mime::unfold(written)).text;
    HOLDS(header_text(again, 9) == written);
    bool shown = trim(decoded.text) == decoded.text;
    each_code_point(decoded.text, [&shown](char32_t c) {
        shown = shown && !is_control(c) && !is_bidi_control(c);
    });
    if (shown) HOLDS(again == decoded.text);
}

void names(std::string_view value) {
    const std::string clean = mime::clean_filename(value);
    HOLDS(is_utf8(clean) && clean.size() <= mime::max_filename && !mime::has_control(clean));
    HOLDS(clean.find_first_of("/\\") == std::string::npos);
    HOLDS(mime::clean_filename(clean) == clean);
    const std::string exported = export_name(value);
    HOLDS(!exported.empty() && exported.size() <= max_export_name && is_utf8(exported));
    HOLDS(exported.find_first_of("/\\:") == std::string::npos && exported.front() != '.');
    HOLDS(export_name(exported) == exported);
}

void sinks(std::string_view value) {
    for (const char c : smtp_text(value))
        HOLDS(c >= 0x20 && c < 0x7F);
    HOLDS(is_utf8(html_text(value)) && html_text(value).find('<') == std::string::npos);
    HOLDS(is_utf8(terminal_text(value)) && !mime::has_control(terminal_text(value)));
    HOLDS(log_text(value).size() <= max_log_text + 100);
    HOLDS(csv_field(value).find('\n') == std::string::npos);
    check_lines(header_phrase(value, 6), 6);
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value = kwit::fuzz::text_of(data, size);
    kwit::fuzz::words(value);
    kwit::fuzz::names(value);
    kwit::fuzz::sinks(value);
    return 0;
}
