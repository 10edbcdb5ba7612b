#include "core/archive/letters.hh"

#include "core/archive/directory_rows.hh"
#include "core/archive/fields.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/outbox_rows.hh"
#include "core/archive/rows.hh"
#include "core/archive/seen.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

enum class Form { line, lines, html };

std::size_t max_of(Form form) {
    switch (form) {
    case Form::line:
        return max_letter_subject;
    case Form::lines:
        return max_letter_text;
    case Form::html:
        return max_letter_html;
    }
    return 0;
}

bool is_plain(std::string_view text, Form form) {
    const bool is_one_line = text.find_first_of("\n\t") == std::string_view::npos;
    return is_plain_text(text) && (is_one_line || form != Form::line);
}

Result<void> check_words(std::string_view what, const std::string& text, Form form) {
    const std::size_t max = max_of(form);
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
    TRY(check_words("text", letter.text, Form::lines));
    if (letter.html.empty()) return {};
    return check_words("HTML", letter.html, Form::html);
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

/// The row of a letter, not yet written.
Result<OutboxRow>
row_of(const Archive& archive, lmdb::WriteTxn& txn, const Letter& letter, const By& by) {
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
    row.html = letter.html;
    row.locale = letter.locale;
    row.to_sender = letter.to_sender;
    return row;
}

Result<std::string>
queue(const Archive& archive, lmdb::WriteTxn& txn, const Letter& letter, const By& by) {
    if (!letter.client.empty()) TRY(load_client(archive, txn, letter.client));
    const OutboxRow row = TRY(row_of(archive, txn, letter, by));
    TRY(put_outbox(archive, txn, row));
    TRY(append_journal(archive, txn, by, "letter-queued", journal_of(row)));
    return row.id;
}

// ── in the place of notices ──────────────────────────────────────────────────────────────────────

/// The receipt's notice is from now on the letter.
Result<void> repoint(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const OutboxRow& held,
    const std::string& letter,
    const By& by
) {
    const Ulid id = TRY(Ulid::parse(held.receipt));
    auto receipt = TRY(load_receipt(archive, txn, id));
    if (!receipt) return fail(no_receipt(held.receipt));
    for (NoticeRecord& notice : receipt->notices) {
        if (notice.outbox != held.id) continue;
        notice.outbox = letter;
        notice.at = by.at;
    }
    return put_receipt(archive, txn, *receipt);
}

/// The row as it is now; nothing when it left or is not held any more.
Result<std::optional<OutboxRow>>
still_held(const Archive& archive, const lmdb::Txn& txn, const OutboxRow& row) {
    const Ulid id = TRY(Ulid::parse(row.id));
    auto now = TRY(load<OutboxRow>(txn, archive.tables().outbox, keys::ulid(id), row.id));
    if (now && (now->state != "queued" || now->held == Held::no)) now.reset();
    return now;
}

/// All of them; nothing when one of them is not held any more.
Result<std::optional<std::vector<OutboxRow>>>
still_held(const Archive& archive, const lmdb::Txn& txn, const std::vector<OutboxRow>& rows) {
    std::vector<OutboxRow> held;
    for (const OutboxRow& row : rows) {
        auto now = TRY(still_held(archive, txn, row));
        if (!now) return std::optional<std::vector<OutboxRow>>();
        held.push_back(*std::move(now));
    }
    return std::optional(std::move(held));
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

namespace {

bool belongs_with(const OutboxRow& row, const OutboxRow& first) {
    return row.held == first.held && row.id != first.id &&
           address_key(row.to) == address_key(first.to) &&
           is_to_sender(row.kind) == is_to_sender(first.kind);
}

Result<void>
insert_letter(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row, const By& by) {
    TRY(put_outbox(archive, txn, row));
    const Ulid id = TRY(Ulid::parse(row.id));
    TRY(txn.put(archive.tables().notices, keys::ulid(id), encode_ids(row.receipts)));
    Json about = journal_of(row);
    about["receipts"] = row.receipts;
    return append_journal(archive, txn, by, "notices-put-together", about);
}

/// The letter in the place of the rows, in their transaction; its id.
Result<std::string> replace_by(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const std::vector<OutboxRow>& rows,
    const Letter& letter,
    const By& by
) {
    OutboxRow row = TRY(row_of(archive, txn, letter, by));
    for (const OutboxRow& one : rows) {
        TRY(erase_outbox(archive, txn, one));
        TRY(repoint(archive, txn, one, row.id, by));
        row.receipts.push_back(one.receipt);
    }
    TRY(insert_letter(archive, txn, row, by));
    return row.id;
}

/// The row of an entry of outbox-due joins the others when it is held as the first one is. One that
/// cannot be read is told where due rows are looked for.
Result<void> take_held(
    const Archive& archive,
    const lmdb::Txn& txn,
    const lmdb::Entry& entry,
    std::vector<OutboxRow>& rows
) {
    if (entry.value.empty()) return {}; // not held
    auto row = row_of_due(archive, txn, entry);
    if (!row && row.error().kind != Kind::corrupt) return fail(row.error());
    if (row && *row && belongs_with(**row, rows.front())) rows.push_back(**std::move(row));
    return {};
}

/// Whether it was held until now.
Result<bool>
release(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row, const By& by) {
    auto held = TRY(still_held(archive, txn, row));
    if (!held) return false;
    TRY(erase_outbox(archive, txn, *held));
    held->held = Held::no;
    held->next_attempt = by.at;
    TRY(put_outbox(archive, txn, *held));
    return true;
}

} // namespace

Result<std::vector<OutboxRow>>
held_with(const Archive& archive, const OutboxRow& first, Time now, std::size_t max) {
    std::vector<OutboxRow> rows{first};
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        TRY(take_held(archive, txn, entry, rows));
        return rows.size() < max ? lmdb::Walk::on : lmdb::Walk::stop;
    };
    if (rows.size() < max) TRY(each_due(archive, txn, now, look));
    return rows;
}

Result<std::optional<std::string>> put_together(
    Archive& archive, const std::vector<OutboxRow>& rows, const Letter& letter, const By& by
) {
    TRY(check(letter));
    std::optional<std::string> made;
    const auto change = [&](lmdb::WriteTxn& txn) -> Result<void> {
        made.reset();
        const auto held = TRY(still_held(archive, txn, rows));
        if (held) made = TRY(replace_by(archive, txn, *held, letter, by));
        return {};
    };
    TRY(archive.change(change));
    return made;
}

Result<void> release_held(Archive& archive, const std::vector<OutboxRow>& rows, const By& by) {
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        Json released = Json::array();
        for (const OutboxRow& row : rows)
            if (TRY(release(archive, txn, row, by))) released.push_back(row.id);
        if (released.empty()) return {};
        return append_journal(archive, txn, by, "notices-released", {{"outbox", released}});
    });
}

} // namespace kwit
