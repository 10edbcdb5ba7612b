#include "core/archive/letters.hh"

#include "core/archive/directory_rows.hh"
#include "core/archive/fields.hh"
#include "core/archive/journal.hh"
#include "core/archive/outbox_rows.hh"
#include "core/base/code_points.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

enum class Form { line, lines };

bool is_plain(std::string_view text, Form form) {
    bool plain = is_utf8(text);
    each_code_point(text, [&](char32_t c) {
        const bool allowed = form == Form::lines && (c == U'\n' || c == U'\t');
        plain = plain && (allowed || !is_control(c));
    });
    return plain;
}

Result<void> check_words(std::string_view what, const std::string& text, Form form) {
    const std::size_t max = form == Form::line ? max_letter_subject : max_letter_text;
    if (text.empty()) return fail(Kind::misuse, fmt::format("the letter has no {}", what));
    if (text.size() > max)
        return fail(
            Kind::misuse,
            fmt::format(
                "the {} of the letter has {} bytes, the limit is {}", what, text.size(), max
            )
        );
    if (is_plain(text, form)) return {};
    return fail(
        Kind::misuse,
        fmt::format("the {} of the letter is no plain text", what),
        "it must be UTF-8 without control characters"
    );
}

Result<void> check(const Letter& letter) {
    if (!is_letter(letter.kind))
        return fail(
            Kind::misuse, fmt::format("a mail of kind {} is no letter", name_of(letter.kind))
        );
    TRY(check_email(letter.to));
    TRY(check_words("subject", letter.subject, Form::line));
    return check_words("text", letter.text, Form::lines);
}

Json journal_of(const OutboxRow& row) {
    return {
        {"outbox", row.id},
        {"kind", name_of(row.kind)},
        {"to", row.to},
        {"client", row.client.empty() ? Json() : Json(row.client)},
        {"subject", row.subject},
        {"sha256", Digest(sha256(row.text)).hex()}};
}

Result<std::string>
queue(const Archive& archive, lmdb::WriteTxn& txn, const Letter& letter, const By& by) {
    if (!letter.client.empty()) TRY(load_client(archive, txn, letter.client));
    const Ulid id = TRY(mint_id(archive, txn, by.at));
    OutboxRow row{};
    row.id = id.text();
    row.kind = letter.kind;
    row.to = letter.to;
    row.next_attempt = by.at;
    row.created_at = by.at;
    row.client = letter.client;
    row.domain = letter.domain;
    row.subject = letter.subject;
    row.text = letter.text;
    TRY(put_outbox(archive, txn, row));
    TRY(append_journal(archive, txn, by, "letter-queued", journal_of(row)));
    return row.id;
}

} // namespace

Result<std::vector<std::string>>
queue_letters(Archive& archive, const std::vector<Letter>& letters, const By& by) {
    for (const Letter& letter : letters)
        TRY(check(letter));
    std::vector<std::string> ids;
    const auto queue_all = [&](lmdb::WriteTxn& txn) -> Result<void> {
        ids.clear();
        for (const Letter& letter : letters) {
            auto id = TRY(queue(archive, txn, letter, by));
            ids.push_back(std::move(id));
        }
        return {};
    };
    TRY(archive.change(queue_all));
    return ids;
}

} // namespace kwit
