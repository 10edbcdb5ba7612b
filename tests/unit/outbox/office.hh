// A small office for tests of core/outbox: settings, texts, and facts of each kind of notice.
#pragma once

#include "core/config/config.hh"
#include "core/mime/decode.hh"
#include "core/mime/encoded_word.hh"
#include "core/outbox/notice.hh"
#include "core/outbox/wire.hh"
#include "tests/unit/result.hh"

#include <fstream>
#include <optional>
#include <string>

namespace kwit::test {

inline const std::string row_id = "01JDA0000000000000000000R1";
inline const std::string receipt_id = "01JDA0000000000000000000C1";
inline const std::string address = "faktury+1543030448@in.example.com";
inline const std::string digest_of_zeros(64, '0');

inline Settings office_settings(const std::string& locale = "en") {
    Settings settings;
    settings.domains.push_back(
        {.name = "in.example.com",
         .locale = locale,
         .timezone = "Europe/Warsaw",
         .from = "Biuro Rachunkowe Żółw <noreply@in.example.com>",
         .reply_to = "biuro@example.com",
         .base = "faktury"}
    );
    settings.policies["tagged"] = tagged_policy();
    settings.policies["open"] = open_policy();
    return settings;
}

inline const Texts& texts() {
    static const Texts loaded = Texts::load({}).value();
    return loaded;
}

inline Time at(std::string_view text) {
    return *parse_rfc3339(text);
}

inline outbox::NoticeFacts facts_of(NoticeKind kind) {
    outbox::NoticeFacts facts;
    facts.row = {
        .id = row_id,
        .kind = kind,
        .to = "anna@kunde.example",
        .receipt = receipt_id,
        .created_at = at("2026-11-21T12:00:00Z")};
    Receipt& receipt = facts.receipt;
    receipt.id = receipt_id;
    receipt.received_at = at("2026-11-21T12:00:00Z");
    receipt.queue_id = "4ABCD";
    receipt.address = address;
    receipt.client = "10023";
    receipt.sender = "anna@kunde.example";
    receipt.subject = "[FZ] 11/2024 (932498)";
    receipt.message_id = "<1@kunde.example>";
    receipt.verdict = Verdict::imported;
    receipt.size = 70000;
    receipt.original = digest_of_zeros;
    receipt.parts.push_back(
        {.number = 1, .media_type = "text/plain", .size = 6, .disposition = Disposition::body}
    );
    facts.original_size = receipt.size;
    facts.client = Client{.id = "10023", .name = "Kunde sp. z o.o."};
    facts.address = ImportAddress{.address = address, .client = "10023", .policy = "tagged"};
    facts.sender = Sender{.client = "10023", .email = "anna@kunde.example", .code = "932498"};
    return facts;
}

/// One more attachment that was filed.
inline void add_document(outbox::NoticeFacts& facts, const std::string& name) {
    Receipt& receipt = facts.receipt;
    const std::string id =
        "01JDA0000000000000000000D" + std::to_string(receipt.documents.size() + 1);
    const std::string sha256(64, static_cast<char>('a' + receipt.documents.size() % 6));
    receipt.documents.push_back(id);
    receipt.parts.push_back(
        {.number = static_cast<std::uint32_t>(receipt.parts.size() + 1),
         .name = name,
         .media_type = "application/pdf",
         .size = 48213,
         .sha256 = sha256,
         .disposition = Disposition::filed,
         .document = id}
    );
    facts.documents.push_back(
        {.id = id,
         .receipt = receipt.id,
         .client = "10023",
         .address = address,
         .category = "FZ",
         .period = "2024-11",
         .code = "932498",
         .sha256 = sha256,
         .size = 48213,
         .filename = name}
    );
}

/// One more attachment that was not.
inline void add_refused(outbox::NoticeFacts& facts, const std::string& name) {
    Receipt& receipt = facts.receipt;
    const auto number = static_cast<std::uint32_t>(receipt.parts.size() + 1);
    receipt.parts.push_back(
        {.number = number,
         .name = name,
         .media_type = "application/octet-stream",
         .size = 12000,
         .disposition = Disposition::refused,
         .reason = "part-not-accepted"}
    );
    receipt.findings.push_back(
        {.reason = Reason::part_not_accepted,
         .detail = "office",
         .values = {{"accepted", "PDF, JPEG"}, {"name", name}, {"read", "OFFICE"}},
         .part = number}
    );
    receipt.verdict = receipt.documents.empty() ? Verdict::failed : Verdict::partial;
}

/// The mail whose subject could not be read.
inline outbox::NoticeFacts malformed(NoticeKind kind) {
    outbox::NoticeFacts facts = facts_of(kind);
    facts.receipt.verdict = Verdict::failed;
    facts.receipt.subject = "faktura listopad";
    facts.receipt.suggestion = "[FK|FZ|FS|INNE] 11/2026 (932498)";
    facts.receipt.findings.push_back(
        {.reason = Reason::subject_malformed,
         .detail = "category-period-code",
         .values = {{"read", "faktura listopad"}}}
    );
    return facts;
}

inline outbox::Notice rendered(const outbox::NoticeFacts& facts, const std::string& locale = "en") {
    auto notice = outbox::render(facts, office_settings(locale), texts());
    REQUIRE_GOOD(notice);
    return *std::move(notice);
}

inline std::string read_all(outbox::Wire& wire, std::size_t step = 4096) {
    std::string whole;
    std::string buffer(step, '\0');
    for (;;) {
        const auto got = wire.read(std::as_writable_bytes(std::span(buffer)));
        REQUIRE_GOOD(got);
        if (*got == 0) return whole;
        whole += buffer.substr(0, *got);
    }
}

/// The whole mail; with an original where one is given.
inline std::string
wired(const outbox::Notice& notice, std::optional<File> original = {}, std::size_t step = 4096) {
    auto wire = outbox::Wire::of(notice, std::move(original));
    REQUIRE_GOOD(wire);
    std::string whole = read_all(*wire, step);
    CHECK(whole.size() == wire->size());
    return whole;
}

inline File file_with(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    auto file = File::open(path);
    REQUIRE_GOOD(file);
    return *std::move(file);
}

/// The unfolded values of a field in a header block, one a line; empty: none.
inline std::string header(std::string_view block, std::string_view name) {
    std::string values;
    bool inside = false;
    for (std::size_t at = 0; at < block.size();) {
        const std::size_t end = block.find("\r\n", at);
        REQUIRE(end != std::string_view::npos);
        const std::string_view line = block.substr(at, end - at);
        at = end + 2;
        if (line.empty()) break;
        const bool folded = line.front() == ' ' || line.front() == '\t';
        if (!folded) inside = line.starts_with(std::string(name) + ": ");
        if (!inside) continue;
        if (!folded && !values.empty()) values += '\n';
        values += folded ? line : line.substr(name.size() + 2);
    }
    return values;
}

inline std::string decoded_header(std::string_view block, std::string_view name) {
    return mime::decode_words(header(block, name)).text;
}

/// What follows the header block.
inline std::string_view body_of(std::string_view mail) {
    return mail.substr(mail.find("\r\n\r\n") + 4);
}

inline std::string undone(mime::Encoding encoding, std::string_view text) {
    mime::Decoder decoder(encoding);
    std::string out;
    decoder.feed(as_bytes(text), out);
    decoder.finish(out);
    CHECK(decoder.damage().empty());
    return out;
}

/// The pieces between the boundaries of a multipart mail, without the line ends that belong to
/// these.
inline std::vector<std::string> parts_of(std::string_view mail) {
    const std::string type = header(mail, "Content-Type");
    constexpr std::string_view name = "boundary=\"";
    const std::size_t open = type.find(name) + name.size();
    const std::string line = "\r\n--" + type.substr(open, type.find('"', open) - open);
    std::vector<std::string> parts;
    std::size_t at = mail.find(line);
    for (;;) {
        REQUIRE(at != std::string_view::npos);
        at += line.size();
        if (mail.substr(at, 2) == "--") return parts;
        const std::size_t end = mail.find(line, at);
        parts.emplace_back(mail.substr(at + 2, end - at - 2));
        at = end;
    }
}

} // namespace kwit::test
