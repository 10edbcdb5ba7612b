#include "core/mime/content.hh"

#include "core/base/text.hh"
#include "core/mime/charset.hh"
#include "core/mime/parameters.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit::mime {

namespace {

constexpr std::size_t max_boundary = 70; ///< RFC 2046 §5.1.1

bool is_named(const HeaderField& field, std::string_view name) {
    return same_word(trim(field.name), name);
}

/// A boundary that every program reads alike: written once and plainly, of characters that mean the
/// same with and without quotes.
bool is_plain_boundary(const Parameter& boundary, const ParametrizedValue& type) {
    const std::string& text = boundary.raw;
    const auto plain = [](char c) {
        return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != ';';
    };
    const bool ends = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                      !(text.front() == '\'' && text.back() == '\'');
    return ends && !type.malformed && !type.loose && !boundary.extended && boundary.value == text &&
           text.size() <= max_boundary && std::all_of(text.begin(), text.end(), plain);
}

void read_boundary(const ParametrizedValue& type, const std::string& value, ContentFacts& out) {
    const auto is_boundary = [](const Parameter& p) { return p.name == "boundary"; };
    const auto found = std::find_if(type.parameters.begin(), type.parameters.end(), is_boundary);
    if (found == type.parameters.end()) {
        add_once(out.ambiguities, "multipart-without-boundary");
        return;
    }
    out.boundary = found->value;
    const bool once =
        std::count_if(type.parameters.begin(), type.parameters.end(), is_boundary) == 1;
    if (type.duplicate || !once) add_once(out.ambiguities, "duplicate-boundary");
    if (!is_plain_boundary(*found, type) || value.find('\\') != std::string::npos)
        add_once(out.ambiguities, "odd-boundary");
    if (out.boundary.empty()) add_once(out.ambiguities, "multipart-without-boundary");
}

bool mentions(std::string_view value, std::string_view word) {
    return lower(value).find(word) != std::string::npos;
}

void read_type(const HeaderField& field, ContentFacts& out) {
    const std::string value = unfold(field.value);
    const ParametrizedValue type = parse_parametrized(value);
    const std::size_t slash = type.value.find('/');
    const bool whole = slash != std::string::npos && slash > 0 && slash + 1 < type.value.size();
    if (whole) {
        out.media_type = type.value;
        out.typed = true;
    }
    if (out.is_multipart()) {
        read_boundary(type, value, out);
    } else if (!whole && (mentions(value, "multipart") || mentions(value, "boundary"))) {
        // Some program will take it for a multipart.
        add_once(out.ambiguities, "malformed-content-type");
    }
    if (const Parameter* name = type.find("name")) out.filename = name->value;
}

void read_disposition(const HeaderField& field, ContentFacts& out) {
    const std::string value = unfold(field.value);
    const ParametrizedValue disposition = parse_parametrized(value);
    // RFC 2183 §2.8: an unknown disposition counts as attachment.
    if (disposition.value == "inline")
        out.presentation = Presentation::inline_;
    else if (!disposition.value.empty())
        out.presentation = Presentation::attachment;
    const Parameter* name = disposition.find("filename");
    if (name != nullptr && !name->value.empty()) out.filename = name->value;
}

void read_encoding(const HeaderField& field, ContentFacts& out) {
    const std::string value = unfold(field.value);
    if (value.empty()) return;
    const auto word = parse_single_token(value);
    if (!word) add_once(out.ambiguities, "malformed-content-transfer-encoding");
    const auto encoding = word ? encoding_named(*word) : std::nullopt;
    out.encoding_known = encoding.has_value();
    out.encoding = encoding.value_or(Encoding::identity);
}

std::string content_id_of(const HeaderField& field) {
    std::string value = unfold(field.value);
    const std::size_t open = value.find('<');
    const std::size_t close = value.find('>', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos) return value;
    return value.substr(open + 1, close - open - 1);
}

void count_duplicates(std::span<const HeaderField> fields, ContentFacts& out) {
    constexpr std::array<std::string_view, 3> singles = {
        "content-type", "content-transfer-encoding", "content-disposition"};
    for (const std::string_view name : singles)
        if (count_fields(fields, name) > 1)
            add_once(out.ambiguities, fmt::format("duplicate-{}", name));
}

/// A CR that is no part of a line end (of a fold): some programs end the line there.
bool has_bare_cr(std::string_view value) {
    for (std::size_t at = value.find('\r'); at != std::string_view::npos;
         at = value.find('\r', at + 1))
        if (value.substr(at + 1, 1) != "\n") return true;
    return false;
}

void look_at_names(std::span<const HeaderField> fields, ContentFacts& out) {
    for (const HeaderField& field : fields) {
        if (has_bare_cr(field.value)) add_once(out.ambiguities, "header-with-cr");
        if (!is_field_name(field.name)) add_once(out.ambiguities, "malformed-header-name");
        if (field.name.find('\0') != std::string::npos ||
            field.value.find('\0') != std::string::npos)
            add_once(out.ambiguities, "header-with-nul");
    }
}

} // namespace

void add_once(std::vector<std::string>& words, std::string_view word) {
    if (std::find(words.begin(), words.end(), word) == words.end()) words.emplace_back(word);
}

const HeaderField* find_field(std::span<const HeaderField> fields, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const HeaderField& field) {
        return is_named(field, name);
    });
    return found == fields.end() ? nullptr : &*found;
}

unsigned count_fields(std::span<const HeaderField> fields, std::string_view name) {
    return static_cast<unsigned>(std::count_if(
        fields.begin(),
        fields.end(),
        [&](const HeaderField& field) { return is_named(field, name); }
    ));
}

ContentFacts read_content(std::span<const HeaderField> fields) {
    ContentFacts out;
    look_at_names(fields, out);
    count_duplicates(fields, out);
    if (const HeaderField* type = find_field(fields, "content-type")) read_type(*type, out);
    if (const HeaderField* field = find_field(fields, "content-disposition"))
        read_disposition(*field, out);
    if (const HeaderField* field = find_field(fields, "content-transfer-encoding"))
        read_encoding(*field, out);
    if (const HeaderField* field = find_field(fields, "content-id"))
        out.content_id = content_id_of(*field);
    const bool encoded = out.encoding != Encoding::identity || !out.encoding_known;
    if (out.is_multipart() && encoded) add_once(out.ambiguities, "encoded-multipart");
    return out;
}

} // namespace kwit::mime
