#include "core/mime/magic.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <array>
#include <optional>

namespace kwit::mime {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t pdf_window = 1024; ///< ISO 32000-1, Annex H.3.4.1: what readers accept

bool starts(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

std::uint32_t little32(std::string_view text, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4 && at + i < text.size(); ++i)
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])) << 8U * i;
    return value;
}

bool is_tiff(std::string_view head) {
    return starts(head, "II*\0"sv) || starts(head, "MM\0*"sv) || starts(head, "II+\0"sv) ||
           starts(head, "MM\0+"sv);
}

bool is_bmp(std::string_view head) {
    constexpr std::array<std::uint32_t, 7> header_sizes = {12, 40, 52, 56, 64, 108, 124};
    return starts(head, "BM") && head.size() >= 26 &&
           std::find(header_sizes.begin(), header_sizes.end(), little32(head, 14)) !=
               header_sizes.end();
}

bool is_heic(std::string_view head) {
    constexpr std::array<std::string_view, 9> brands = {
        "heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "mif1", "msf1"};
    return head.size() >= 12 && head.substr(4, 4) == "ftyp" &&
           std::find(brands.begin(), brands.end(), head.substr(8, 4)) != brands.end();
}

bool is_pe(std::string_view head) {
    if (!starts(head, "MZ") || head.size() < 64) return false;
    const std::uint32_t at = little32(head, 60);
    // A header further off than we look is none of a text that happens to begin with MZ.
    return at < head.size() ? head.substr(at, 2) == "PE" || head.substr(at, 2) == "NE"
                            : head.find('\0') != std::string_view::npos;
}

bool is_executable(std::string_view head) {
    constexpr std::array<std::string_view, 6> magics = {
        "\x7F"
        "ELF"sv,
        "\xFE\xED\xFA\xCE"sv,
        "\xFE\xED\xFA\xCF"sv,
        "\xCE\xFA\xED\xFE"sv,
        "\xCF\xFA\xED\xFE"sv,
        "\xCA\xFE\xBA\xBE"sv};
    return starts(head, "#!") || is_pe(head) ||
           std::any_of(magics.begin(), magics.end(), [&](auto magic) {
               return starts(head, magic);
           });
}

/// The names of the first members tell an office document from a plain archive.
Format zip_kind(std::string_view head) {
    constexpr std::string_view local = "PK\3\4"sv;
    for (std::size_t at = head.find(local); at != std::string_view::npos;
         at = head.find(local, at + 4)) {
        if (at + 30 > head.size()) break;
        const std::size_t name_size = little32(head, at + 26) & 0xFFFFU;
        const std::size_t extra_size = little32(head, at + 28) & 0xFFFFU;
        const std::string_view name = head.substr(at + 30, name_size);
        if (name == "[Content_Types].xml" || name == "_rels/.rels") return Format::office;
        if (name != "mimetype" || at + 30 + name_size + extra_size > head.size()) continue;
        const std::string_view content = head.substr(at + 30 + name_size + extra_size);
        if (starts(content, "application/vnd.oasis.opendocument")) return Format::office;
    }
    return Format::zip;
}

std::optional<Format> by_signature(std::string_view head) {
    struct Signature {
        std::string_view magic;
        Format format;
    };

    constexpr std::array<Signature, 10> signatures = {{
        {"%PDF-", Format::pdf},
        {"\xFF\xD8\xFF", Format::jpeg},
        {"\x89PNG\r\n\x1A\n", Format::png},
        {"GIF87a", Format::gif},
        {"GIF89a", Format::gif},
        {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Format::office},
        {"{\\rtf", Format::rtf},
        {"\x78\x9F\x3E\x22", Format::tnef},
        {"PK\5\6", Format::zip},
        {"PK\7\x8", Format::zip},
    }};
    for (const Signature& signature : signatures)
        if (starts(head, signature.magic)) return signature.format;
    if (starts(head, "PK\3\4")) return zip_kind(head);
    if (is_tiff(head)) return Format::tiff;
    if (starts(head, "RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP")
        return Format::webp;
    if (is_heic(head)) return Format::heic;
    if (is_bmp(head)) return Format::bmp;
    if (is_executable(head)) return Format::executable;
    return std::nullopt;
}

/// "%PDF-1.7" may stand behind a little rubbish; the word alone in a text is no PDF.
bool is_late_pdf(std::string_view head) {
    constexpr std::string_view mark = "%PDF-";
    const std::size_t at = head.substr(0, pdf_window).find(mark);
    if (at == std::string_view::npos || at + mark.size() + 2 >= head.size()) return false;
    return is_digit(head[at + mark.size()]) && head[at + mark.size() + 1] == '.';
}

std::string_view without_comments(std::string_view text) {
    text = trim(text);
    while (starts(text, "<!--")) {
        const std::size_t end = text.find("-->");
        if (end == std::string_view::npos) return {};
        text = trim(text.substr(end + 3));
    }
    return text;
}

bool is_html(std::string_view text) {
    constexpr std::array<std::string_view, 10> beginnings = {
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<script",
        "<meta",
        "<title",
        "<table",
        "<div",
        "<iframe"};
    text = without_comments(text);
    return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) {
        return starts_with_word(text, beginning);
    });
}

bool is_text(std::string_view head) {
    if (starts(head, "\xFF\xFE") || starts(head, "\xFE\xFF")) return true; // UTF-16
    return std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7F : is_space(c) || byte == 0x1B || byte == 0x08;
    });
}

/// An element with a namespace begins it: XML may go without its declaration.
bool is_xml_root(std::string_view text) {
    text = without_comments(text);
    if (text.size() < 2 || text[0] != '<' || !(is_alpha(text[1]) || text[1] == '_')) return false;
    const std::string_view tag = text.substr(0, text.find('>'));
    const std::size_t at = tag.find("xmlns");
    if (at == std::string_view::npos || !is_space(tag[at - 1])) return false;
    const std::string_view rest = trim(tag.substr(at + 5)); // behind the word
    return starts(rest, ":") || starts(rest, "=");
}

/// XML or HTML; nothing: neither.
std::optional<Format> markup_in(std::string_view text) {
    text = trim(text);
    if (starts(text, "<?xml")) {
        const std::size_t end = text.find("?>");
        const bool html = end != std::string_view::npos && is_html(text.substr(end + 2));
        return html ? Format::html : Format::xml;
    }
    if (is_html(text)) return Format::html;
    return is_xml_root(text) ? std::optional(Format::xml) : std::nullopt;
}

/// Of UTF-16 in either order, with its byte order mark or without, the ASCII characters; nothing:
/// it is none that markup could stand in.
std::optional<std::string> narrowed(std::string_view head) {
    const bool marked = starts(head, "\xFF\xFE") || starts(head, "\xFE\xFF");
    if (!marked && !starts(head, "<\0"sv) && !starts(head, "\0<"sv)) return std::nullopt;
    const std::size_t low = starts(head, "\xFF\xFE") || starts(head, "<\0"sv) ? 0 : 1;
    std::string text;
    for (std::size_t at = marked ? 2 : 0; at + 1 < head.size(); at += 2)
        text += head[at + 1 - low] == '\0' ? head[at + low] : '?';
    return text;
}

Format by_markup(std::string_view head) {
    const auto narrow = narrowed(head);
    std::string_view text = narrow ? std::string_view(*narrow) : head;
    if (starts(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
    if (const auto markup = markup_in(text)) return *markup;
    return is_text(head) ? Format::text : Format::unknown;
}

} // namespace

Format recognise(std::string_view head, std::uint64_t size) {
    if (size == 0) return Format::empty;
    if (const auto format = by_signature(head)) return *format;
    const Format markup = by_markup(head);
    if (markup != Format::html && markup != Format::xml && is_late_pdf(head)) return Format::pdf;
    return markup;
}

} // namespace kwit::mime
