#include "core/archive/outbox.hh"

#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/outbox_rows.hh"
#include "core/archive/rows.hh"
#include "core/archive/seen.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

constexpr std::size_t time_size = 8;

Result<std::optional<OutboxRow>>
load_row(const Archive& archive, const lmdb::Txn& txn, const Ulid& id) {
    return load<OutboxRow>(txn, archive.tables().outbox, keys::ulid(id), id.text());
}

Result<OutboxRow> required(std::optional<OutboxRow>&& row, std::string_view id) {
    if (row) return std::move(*row);
    return fail(
        Kind::refused, fmt::format("there is no mail {} in the outbox", id), "see kwit outbox list"
    );
}

Result<OutboxRow> require_row(const Archive& archive, const lmdb::Txn& txn, std::string_view id) {
    const Ulid key = TRY(Ulid::parse(id));
    auto row = TRY(load_row(archive, txn, key));
    return required(std::move(row), id);
}

std::string due_key(const OutboxRow& row, const std::string& id_key) {
    return keys::time(row.next_attempt.value_or(row.created_at)) + id_key;
}

/// What stands in outbox-due, so that held rows are known without reading them.
std::string mark_of(Held held) {
    return held == Held::no ? std::string() : to_cbor(Json(name_of(held)));
}

Result<void> erase_due(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row) {
    const Ulid id = TRY(Ulid::parse(row.id));
    TRY(txn.erase(archive.tables().outbox_due, due_key(row, keys::ulid(id))));
    return {};
}

Result<void> replace_row(
    const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& before, const OutboxRow& after
) {
    TRY(erase_due(archive, txn, before));
    return put_outbox(archive, txn, after);
}

/// What became of a mail, for its receipt (a letter has none) and the journal.
struct End {
    std::string state;
    std::string what; ///< of the journal entry
    std::string queue_id{};
    std::string error{};
};

std::string state_of_notice(const Receipt& receipt, const std::string& id) {
    const auto notice =
        std::find_if(receipt.notices.begin(), receipt.notices.end(), [&](const NoticeRecord& n) {
            return n.outbox == id;
        });
    return notice == receipt.notices.end() ? std::string() : notice->state;
}

/// Notes the end in the notices of the receipt.
Result<void> note_in_receipt(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    Receipt& receipt,
    const Ulid& id,
    const End& end,
    const By& by
) {
    for (NoticeRecord& notice : receipt.notices) {
        if (notice.outbox != id.text()) continue;
        notice.state = end.state;
        notice.at = by.at;
        if (!end.queue_id.empty()) notice.queue_id = end.queue_id;
    }
    if (end.state == "bounced" || end.state == "dead") {
        // Whoever settled it did not know that nobody was told.
        receipt.resolved_at.reset();
        receipt.resolved_by.clear();
    }
    return put_receipt(archive, txn, receipt);
}

Json ids_of(const std::vector<Receipt>& receipts) {
    Json ids = Json::array();
    for (const Receipt& receipt : receipts)
        ids.push_back(receipt.id);
    return ids;
}

enum class Owed { by_receipt, letter };

/// Notes the end in the journal and in the receipts that the mail tells of.
Result<void> note_end(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const Ulid& id,
    Owed owed,
    const End& end,
    const By& by
) {
    Json about = {{"outbox", id.text()}};
    auto receipts = TRY(load_receipts_of_notice(archive, txn, id));
    if (receipts.empty() && owed == Owed::by_receipt)
        return fail(
            Kind::refused, fmt::format("no receipt owes or owed the mail {}", id.text()), ""
        );
    for (Receipt& receipt : receipts)
        TRY(note_in_receipt(archive, txn, receipt, id, end, by));
    if (receipts.size() == 1)
        about["receipt"] = receipts.front().id;
    else if (!receipts.empty())
        about["receipts"] = ids_of(receipts);
    if (!end.queue_id.empty()) about["queue_id"] = end.queue_id;
    if (!end.error.empty()) about["error"] = end.error;
    return append_journal(archive, txn, by, end.what, about);
}

/// The row leaves, or stays in another state.
Result<void> end_row(
    Archive& archive,
    std::string_view id,
    const End& end,
    const By& by,
    const std::function<Result<void>(lmdb::WriteTxn&, const OutboxRow&)>& change
) {
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const OutboxRow row = TRY(require_row(archive, txn, id));
        const Ulid key = TRY(Ulid::parse(row.id));
        TRY(change(txn, row));
        const Owed owed = is_letter(row.kind) ? Owed::letter : Owed::by_receipt;
        return note_end(archive, txn, key, owed, end, by);
    });
}

Result<std::optional<OutboxRow>>
row_of_due(const Archive& archive, const lmdb::Txn& txn, std::string_view due_key) {
    const Ulid id = TRY(keys::to_ulid(due_key.substr(time_size)));
    return load_row(archive, txn, id);
}

} // namespace

Result<void> put_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row) {
    const Ulid id = TRY(Ulid::parse(row.id));
    const std::string key = keys::ulid(id);
    TRY(txn.put(archive.tables().outbox, key, encode(row)));
    if (row.state != "queued") return {};
    return txn.put(archive.tables().outbox_due, due_key(row, key), mark_of(row.held));
}

Result<void> erase_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row) {
    TRY(erase_due(archive, txn, row));
    const Ulid id = TRY(Ulid::parse(row.id));
    TRY(txn.erase(archive.tables().outbox, keys::ulid(id)));
    return {};
}

Result<std::optional<OutboxRow>> find_outbox(const Archive& archive, std::string_view id) {
    const Ulid key = TRY(Ulid::parse(id));
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_row(archive, txn, key);
}

Result<OutboxRow> get_outbox(const Archive& archive, std::string_view id) {
    auto row = TRY(find_outbox(archive, id));
    return required(std::move(row), id);
}

Result<void> each_outbox(
    const Archive& archive,
    const Page& page,
    const std::function<Result<lmdb::Walk>(const OutboxRow&)>& step
) {
    const auto pick = [](const lmdb::Txn& /*txn*/,
                         const lmdb::Entry& entry) -> Result<std::optional<OutboxRow>> {
        auto row = TRY(decode<OutboxRow>(entry.value, "a row of table outbox"));
        return std::optional(std::move(row));
    };
    return each_record<OutboxRow>(
        archive, archive.tables().outbox, {.order = page.order}, page.limit, pick, step
    );
}

Result<std::vector<OutboxRow>> list_outbox(const Archive& archive, const Page& page) {
    return collect<OutboxRow>([&](const auto& step) { return each_outbox(archive, page, step); });
}

namespace {

/// The row of an entry of outbox-due joins the others until there are enough.
Result<lmdb::Walk> take_due(
    const Archive& archive,
    const lmdb::Txn& txn,
    const lmdb::Entry& entry,
    std::size_t limit,
    std::vector<OutboxRow>& rows
) {
    auto row = TRY(row_of_due(archive, txn, entry.key));
    if (row) rows.push_back(*std::move(row));
    return rows.size() == limit ? lmdb::Walk::stop : lmdb::Walk::on;
}

} // namespace

Result<std::vector<OutboxRow>> due_outbox(const Archive& archive, Time now, std::size_t limit) {
    std::vector<OutboxRow> out;
    if (limit == 0) return out;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const lmdb::Range due{.to = keys::time(now + Milliseconds(1))};
    const auto look = [&](const lmdb::Entry& entry) {
        return take_due(archive, txn, entry, limit, out);
    };
    TRY(txn.scan(archive.tables().outbox_due, due, look));
    if (out.size() == limit) return out;
    const std::string too_long = keys::time(now + longest_hold);
    const std::string digest = mark_of(Held::digest);
    const auto look_later = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const bool may_wait = entry.value == digest && entry.key < too_long;
        return may_wait ? lmdb::Walk::on : look(entry);
    };
    const lmdb::Range later{.from = keys::time(now + longest_wait)};
    TRY(txn.scan(archive.tables().outbox_due, later, look_later));
    return out;
}

Result<void>
mark_sent(Archive& archive, std::string_view id, const std::string& queue_id, const By& by) {
    const End end{.state = "sent", .what = "notice-sent", .queue_id = queue_id};
    return end_row(archive, id, end, by, [&](lmdb::WriteTxn& txn, const OutboxRow& row) {
        return erase_outbox(archive, txn, row);
    });
}

Result<void>
mark_retry(Archive& archive, std::string_view id, const std::string& error, Time next_attempt) {
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const OutboxRow before = TRY(require_row(archive, txn, id));
        OutboxRow after = before;
        ++after.attempts;
        after.last_error = error;
        after.next_attempt = next_attempt;
        return replace_row(archive, txn, before, after);
    });
}

Result<void>
mark_dead(Archive& archive, std::string_view id, const std::string& error, const By& by) {
    const End end{.state = "dead", .what = "notice-dead", .error = error};
    return end_row(archive, id, end, by, [&](lmdb::WriteTxn& txn, const OutboxRow& before) {
        OutboxRow after = before;
        ++after.attempts;
        after.state = "dead";
        after.last_error = error;
        after.next_attempt.reset();
        return replace_row(archive, txn, before, after);
    });
}

Result<void> retry_outbox(Archive& archive, std::string_view id, const By& by) {
    const End end{.state = "queued", .what = "notice-retried"};
    return end_row(archive, id, end, by, [&](lmdb::WriteTxn& txn, const OutboxRow& before) {
        OutboxRow after = before;
        after.state = "queued";
        after.held = Held::no; // by itself, whatever it waited for
        after.attempts = 0;
        after.retried_at = by.at;
        after.next_attempt = by.at;
        return replace_row(archive, txn, before, after);
    });
}

Result<void> drop_outbox(Archive& archive, std::string_view id, const By& by) {
    const End end{.state = "dropped", .what = "notice-dropped"};
    return end_row(archive, id, end, by, [&](lmdb::WriteTxn& txn, const OutboxRow& row) {
        return erase_outbox(archive, txn, row);
    });
}

Result<void> mark_bounced(Archive& archive, std::string_view id, const By& by) {
    const Ulid key = TRY(Ulid::parse(id));
    const End end{.state = "bounced", .what = "notice-bounced"};
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const auto receipts = TRY(load_receipts_of_notice(archive, txn, key));
        // The same bounce again is no news, and nothing that a person has settled meanwhile.
        const bool is_news = std::any_of(receipts.begin(), receipts.end(), [&](const Receipt& one) {
            return state_of_notice(one, key.text()) != end.state;
        });
        if (!receipts.empty() && !is_news) return {};
        return note_end(archive, txn, key, Owed::by_receipt, end, by);
    });
}

} // namespace kwit
