#include "core/mime/holder.hh"

#include "core/base/text.hh"
#include "core/mime/header.hh"

#include <algorithm>
#include <array>
#include <string>

namespace kwit::mime {

namespace {

using namespace std::string_view_literals;

template <typename List>
bool contains(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_mail_field(std::string_view name) {
    constexpr std::array names = {
        "from"sv,
        "to"sv,
        "subject"sv,
        "date"sv,
        "received"sv,
        "return-path"sv,
        "message-id"sv,
        "mime-version"sv,
        "content-type"sv,
        "content-transfer-encoding"sv,
        "content-disposition"sv};
    return contains(names, lower(name));
}

/// ContentInfo (RFC 5652 §3) with an id of signed, enveloped or authenticated enveloped data:
/// SEQUENCE, its length in whatever form, then the id.
bool is_cms(std::string_view head) {
    constexpr std::array ids = {
        "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"sv,
        "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03"sv,
        "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x04"sv,
        "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x06"sv,
        "\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17"sv};
    constexpr std::size_t longest_length = 9;
    if (!head.starts_with('\x30')) return false;
    const std::size_t at = head.substr(0, 2 + longest_length).find('\x06');
    return at != std::string_view::npos &&
           std::any_of(ids.begin(), ids.end(), [&](std::string_view id) {
               return head.substr(at).starts_with(id);
           });
}

bool is_cms_type(const PartFacts& part) {
    return part.media_type == "application/pkcs7-mime" ||
           part.media_type == "application/x-pkcs7-mime" || lower(part.name).ends_with(".p7m");
}

bool is_mail(const PartFacts& part, std::string_view head) {
    const bool named = part.media_type == "message/rfc822" || part.media_type == "message/global" ||
                       lower(part.name).ends_with(".eml");
    return named && reads_as_mail(head);
}

/// A ZIP called rechnung.pdf is a disguise, and not looked into.
bool claims_document(const PartFacts& part) {
    constexpr std::array endings = {
        ".pdf"sv,
        ".jpg"sv,
        ".jpeg"sv,
        ".png"sv,
        ".tif"sv,
        ".tiff"sv,
        ".gif"sv,
        ".bmp"sv,
        ".webp"sv,
        ".heic"sv,
        ".xml"sv};
    const std::string name = lower(part.name);
    const auto ends = [&name](std::string_view ending) { return name.ends_with(ending); };
    return std::any_of(endings.begin(), endings.end(), ends) ||
           part.media_type == "application/pdf" || part.media_type.starts_with("image/");
}

} // namespace

namespace {

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// Before a mail that an mbox held, or the second line of a field.
bool is_beside_fields(std::string_view line, bool first) {
    return first ? line.starts_with("From ") || line.starts_with(">From ") : is_blank(line.front());
}

} // namespace

bool reads_as_mail(std::string_view head) {
    bool known = false;
    for (bool first = true; !head.empty(); first = false) {
        const std::string_view line = take_line(head);
        if (line.empty()) return known;
        if (is_beside_fields(line, first)) continue;
        const std::size_t colon = line.find(':');
        // Where the head of the file ends, so may the line.
        if (colon == std::string_view::npos) return known && head.empty();
        const std::string_view name = trim(line.substr(0, colon));
        if (!is_field_name(name)) return false;
        known = known || is_mail_field(name);
    }
    return known;
}

bool may_be_uuencoded(const PartFacts& part) {
    constexpr std::array types = {
        "text/plain"sv,
        "text/x-uuencode"sv,
        "application/x-uuencode"sv,
        "application/x-uuencoded"sv,
        "application/uuencode"sv};
    const std::string name = lower(part.name);
    return contains(types, part.media_type) || name.ends_with(".uu") || name.ends_with(".uue");
}

Holder holder_of(const PartFacts& part, std::string_view head) {
    if (part.place == Place::signature) return Holder::none;
    const bool disguised = claims_document(part);
    if (part.format == Format::zip) return disguised ? Holder::none : Holder::zip;
    if (part.format == Format::tnef) return disguised ? Holder::none : Holder::tnef;
    if (is_cms_type(part) && is_cms(head)) return Holder::cms;
    return is_mail(part, head) ? Holder::mail : Holder::none;
}

} // namespace kwit::mime
