#include "core/mime/header_facts.hh"

#include "core/base/text.hh"
#include "core/mime/address_header.hh"
#include "core/mime/address_list.hh"
#include "core/mime/auth_results.hh"
#include "core/mime/charset.hh"
#include "core/mime/content.hh"
#include "core/mime/date.hh"
#include "core/mime/encoded_word.hh"
#include "core/mime/signature.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit::mime {

namespace {

using Fields = std::span<const HeaderField>;

/// A Message-ID longer than a line may be is nobody's (RFC 5322 §2.1.1).
constexpr std::size_t max_message_id = 998;

/// Nobody's thread is so long that its newest mails are not among these.
constexpr std::size_t max_answers = 50;

void check_limits(Fields fields, const LimitSettings& limits, HeaderFacts& out) {
    std::uint64_t bytes = 0;
    bool address = false;
    for (const HeaderField& field : fields) {
        const std::uint64_t size = field.name.size() + 1 + field.value.size();
        bytes += size + 2; // its line end
        address = address || (size > max_address_header && is_address_header(field.name));
    }
    if (fields.size() > limits.headers) out.over.push_back(Limit::headers);
    if (bytes > limits.header_bytes) out.over.push_back(Limit::header_bytes);
    if (address) out.over.push_back(Limit::address_header);
}

void read_subject(Fields fields, SubjectFacts& out) {
    out.count = count_fields(fields, "subject");
    const HeaderField* field = find_field(fields, "subject");
    if (field == nullptr) return;
    DecodedText decoded = decode_words(unfold(field->value));
    out.text = std::string(trim(decoded.text));
    out.unknown_charset = decoded.unknown_charset;
    out.damaged = decoded.damaged;
}

void read_from(Fields fields, FromFacts& out) {
    out.count = count_fields(fields, "from");
    const HeaderField* field = find_field(fields, "from");
    if (field == nullptr) return;
    out.text = decode_words(unfold(field->value)).text;
    if (field->value.size() > max_address_header) {
        out.problem = "too-long";
        return;
    }
    AddressList list = parse_address_list(field->value);
    out.mailboxes = std::move(list.mailboxes);
    out.problem = std::move(list.problem);
}

void read_date(Fields fields, DateFacts& out) {
    out.count = count_fields(fields, "date");
    if (const HeaderField* field = find_field(fields, "date")) out.time = parse_date(field->value);
}

std::string first_word(std::string_view value) {
    const std::string text = lower(unfold(value));
    return text.substr(0, text.find_first_of(" \t;("));
}

void read_automatic(Fields fields, AutomaticFacts& out) {
    for (const HeaderField& field : fields) {
        const std::string name = lower(trim(field.name));
        const auto is = [&name](std::string_view other) { return name == other; };
        if (is("auto-submitted"))
            out.auto_submitted = out.auto_submitted || first_word(field.value) != "no";
        if (is("precedence")) {
            const std::string word = first_word(field.value);
            out.bulk = out.bulk || word == "bulk" || word == "list" || word == "junk";
        }
        if (is("x-auto-response-suppress")) out.suppressed = true;
        if (name.starts_with("list-")) out.list = true;
    }
}

/// The ids in a list of them; what is between them is nobody's.
void add_ids(std::string_view value, std::vector<std::string>& out) {
    for (std::size_t open = value.find('<'); open != std::string_view::npos;
         open = value.find('<', open + 1)) {
        const std::size_t close = value.find('>', open);
        if (close == std::string_view::npos) return;
        if (close - open < max_message_id)
            out.push_back(utf8_or_latin1(value.substr(open, close - open + 1)));
    }
}

void read_answers(Fields fields, std::vector<std::string>& out) {
    for (const std::string_view name : {"references", "in-reply-to"})
        if (const HeaderField* field = find_field(fields, name)) add_ids(unfold(field->value), out);
    // A thread's newest ids stand last.
    if (out.size() > max_answers)
        out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(max_answers));
}

void read_results(Fields fields, HeaderFacts& out) {
    unsigned received = 0;
    for (const HeaderField& field : fields) {
        if (same_word(trim(field.name), "received")) ++received;
        if (!same_word(trim(field.name), "authentication-results")) continue;
        auto results = parse_authentication_results(field.value);
        if (!results) {
            if (!out.unreadable_results) out.unreadable_results = received;
            continue;
        }
        results->received_above = received;
        out.results.push_back(std::move(*results));
    }
}

void count_duplicates(Fields fields, std::vector<std::string>& ambiguities) {
    constexpr std::array<std::string_view, 4> singles = {
        "subject", "date", "message-id", "mime-version"};
    for (const std::string_view name : singles)
        if (count_fields(fields, name) > 1)
            add_once(ambiguities, fmt::format("duplicate-{}", name));
}

} // namespace

HeaderFacts read_headers(std::span<const HeaderField> fields, const LimitSettings& limits) {
    HeaderFacts out;
    check_limits(fields, limits, out);
    fields = fields.first(std::min<std::size_t>(fields.size(), limits.headers));
    read_subject(fields, out.subject);
    read_from(fields, out.from);
    read_date(fields, out.date);
    if (const HeaderField* field = find_field(fields, "message-id")) {
        const std::string id = utf8_or_latin1(unfold(field->value));
        out.message_id = cut_utf8(id, max_message_id);
    }
    read_answers(fields, out.answers);
    read_automatic(fields, out.automatic);
    read_results(fields, out);
    out.signatures = read_signatures(fields);
    out.arc = read_arc(fields);
    ContentFacts content = read_content(fields);
    out.automatic.report = content.media_type == "multipart/report";
    count_duplicates(fields, out.ambiguities);
    for (const std::string& word : content.ambiguities)
        add_once(out.ambiguities, word);
    return out;
}

} // namespace kwit::mime
