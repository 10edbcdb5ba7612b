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

/// The receipts that a mail tells of, as far as they can be read: one that is damaged must neither
/// keep the mail in the outbox, from where it would be sent again and again, nor the other rows.
struct Told {
    std::vector<Receipt> receipts{};
    std::vector<std::string> damaged{}; ///< what is wrong with the others
};

Result<void> add(Result<std::optional<Receipt>> read, Told& told) {
    if (!read && read.error().kind != Kind::corrupt) return fail(read.error());
    if (!read)
        told.damaged.push_back(read.error().what);
    else if (*read)
        told.receipts.push_back(**std::move(read));
    return {};
}

Result<Told> receipts_told_of(const Archive& archive, const lmdb::Txn& txn, const Ulid& notice) {
    Told told;
    const auto listed = load_ids_of_notice(archive, txn, notice);
    if (!listed && listed.error().kind != Kind::corrupt) return fail(listed.error());
    if (!listed) told.damaged.push_back(listed.error().what);
    for (const Ulid& id : listed.value_or(std::vector<Ulid>()))
        TRY(add(load_receipt(archive, txn, id), told));
    return told;
}

/// Notes the end in the journal and in the receipts that the mail tells of.
Result<void> note_end(
    const Archive& archive, lmdb::WriteTxn& txn, const Ulid& id, const End& end, const By& by
) {
    Json about = {{"outbox", id.text()}};
    Told told = TRY(receipts_told_of(archive, txn, id));
    for (Receipt& receipt : told.receipts)
        TRY(note_in_receipt(archive, txn, receipt, id, end, by));
    if (told.receipts.size() == 1)
        about["receipt"] = told.receipts.front().id;
    else if (!told.receipts.empty())
        about["receipts"] = ids_of(told.receipts);
    if (!told.damaged.empty()) about["damaged"] = told.damaged;
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
        return note_end(archive, txn, key, end, by);
    });
}

} // namespace

std::string due_key(const OutboxRow& row, std::string_view id_key) {
    return keys::time(row.next_attempt.value_or(row.created_at)) + std::string(id_key);
}

std::string due_mark(Held held) {
    return held == Held::no ? std::string() : to_cbor(Json(name_of(held)));
}

Result<void> put_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row) {
    const Ulid id = TRY(Ulid::parse(row.id));
    const std::string key = keys::ulid(id);
    TRY(txn.put(archive.tables().outbox, key, encode(row)));
    if (row.state != "queued") return {};
    return txn.put(archive.tables().outbox_due, due_key(row, key), due_mark(row.held));
}

Result<void> erase_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row) {
    TRY(erase_due(archive, txn, row));
    const Ulid id = TRY(Ulid::parse(row.id));
    TRY(txn.erase(archive.tables().outbox, keys::ulid(id)));
    return {};
}

Result<void> each_due(
    const Archive& archive,
    const lmdb::Txn& txn,
    Time now,
    const std::function<Result<lmdb::Walk>(const lmdb::Entry&)>& step
) {
    bool enough = false;
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const lmdb::Walk walk = TRY(step(entry));
        enough = walk == lmdb::Walk::stop;
        return walk;
    };
    const lmdb::Table& table = archive.tables().outbox_due;
    TRY(txn.scan(table, {.to = keys::time(now + Milliseconds(1))}, look));
    if (enough) return {};
    const std::string too_long = keys::time(now + longest_hold);
    const std::string digest = due_mark(Held::digest);
    const auto look_later = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const bool may_wait = entry.value == digest && entry.key < too_long;
        return may_wait ? lmdb::Walk::on : look(entry);
    };
    return txn.scan(table, {.from = keys::time(now + longest_wait)}, look_later);
}

Result<std::optional<OutboxRow>>
row_of_due(const Archive& archive, const lmdb::Txn& txn, const lmdb::Entry& entry) {
    const Ulid id = TRY(keys::to_ulid(entry.key.substr(time_size)));
    return load_row(archive, txn, id);
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
    Due& due
) {
    auto row = row_of_due(archive, txn, entry);
    if (!row && row.error().kind != Kind::corrupt) return fail(row.error());
    if (!row && due.unreadable.size() < limit) due.unreadable.push_back(row.error());
    if (row && *row) due.rows.push_back(**std::move(row));
    return due.rows.size() == limit ? lmdb::Walk::stop : lmdb::Walk::on;
}

} // namespace

Result<Due> due_outbox(const Archive& archive, Time now, std::size_t limit) {
    Due due;
    if (limit == 0) return due;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto take = [&](const lmdb::Entry& entry) {
        return take_due(archive, txn, entry, limit, due);
    };
    TRY(each_due(archive, txn, now, take));
    return due;
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
        const Told told = TRY(receipts_told_of(archive, txn, key));
        if (told.receipts.empty() && told.damaged.empty())
            return fail(
                Kind::refused, fmt::format("no receipt owes or owed the mail {}", key.text()), ""
            );
        // The same bounce again is no news, and nothing that a person has settled meanwhile.
        const auto is_new_to = [&](const Receipt& receipt) {
            return state_of_notice(receipt, key.text()) != end.state;
        };
        if (std::none_of(told.receipts.begin(), told.receipts.end(), is_new_to)) return {};
        return note_end(archive, txn, key, end, by);
    });
}

} // namespace kwit
