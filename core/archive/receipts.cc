#include "core/archive/receipts.hh"

#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/rows.hh"
#include "core/archive/seen.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

Result<Receipt> required(std::optional<Receipt>&& receipt, std::string_view id) {
    if (receipt) return std::move(*receipt);
    return fail(no_receipt(id));
}

bool fits(const Receipt& receipt, const ReceiptFilter& filter) {
    return (filter.client.empty() || receipt.client == filter.client) &&
           (filter.address.empty() || receipt.address == filter.address) &&
           (!filter.verdict || receipt.verdict == *filter.verdict) &&
           (filter.resolution == Resolution::any || is_unresolved(receipt));
}

std::string why_settled(const Receipt& receipt) {
    if (!receipt.resolved_at) return fmt::format("receipt {} needs nothing more", receipt.id);
    return fmt::format("receipt {} was resolved by {}", receipt.id, receipt.resolved_by);
}

struct Source {
    const lmdb::Table& table;
    std::string prefix;
};

/// The smallest table that holds all that the filter wants. All end their keys with the id.
Source source_of(const Archive& archive, const ReceiptFilter& filter) {
    const Tables& tables = archive.tables();
    if (filter.resolution == Resolution::unresolved) return {tables.receipts_unresolved, {}};
    if (!filter.client.empty()) return {tables.receipts_by_client, keys::group(filter.client)};
    return {tables.receipts, {}};
}

} // namespace

Result<std::optional<Receipt>>
load_receipt(const Archive& archive, const lmdb::Txn& txn, const Ulid& id) {
    return load<Receipt>(txn, archive.tables().receipts, keys::ulid(id), id.text());
}

Error no_receipt(std::string_view id) {
    return {Kind::refused, fmt::format("there is no receipt {}", id), "see kwit receipt list"};
}

Result<void>
settle_receipt(const Archive& archive, lmdb::WriteTxn& txn, Receipt& receipt, const By& by) {
    receipt.resolved_at = by.at;
    receipt.resolved_by = by.who;
    TRY(put_receipt(archive, txn, receipt));
    return append_journal(archive, txn, by, "receipt-resolved", {{"receipt", receipt.id}});
}

Result<Digest> original_of(const Receipt& receipt) {
    if (receipt.original.empty())
        return fail(
            Kind::refused,
            fmt::format("the mail of receipt {} was not kept", receipt.id),
            "mail that was refused is not: its sender was told so"
        );
    if (receipt.original_removed_at)
        return fail(
            Kind::refused,
            fmt::format(
                "the mail of receipt {} was removed on {}: nothing more was to be done, and "
                "[archive] keep_originals was over",
                receipt.id,
                rfc3339(*receipt.original_removed_at)
            ),
            "its documents are kept; a backup of before may still have the mail"
        );
    return Digest::parse(receipt.original);
}

Result<std::optional<Receipt>> find_receipt(const Archive& archive, std::string_view id) {
    const Ulid key = TRY(Ulid::parse(id));
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_receipt(archive, txn, key);
}

Result<Receipt> get_receipt(const Archive& archive, std::string_view id) {
    auto receipt = TRY(find_receipt(archive, id));
    return required(std::move(receipt), id);
}

Result<void> each_receipt(
    const Archive& archive,
    const ReceiptFilter& filter,
    const Page& page,
    const std::function<Result<lmdb::Walk>(const Receipt&)>& step
) {
    ReceiptFilter wanted = filter;
    if (!filter.address.empty())
        wanted.address = address_key(filter.address).value_or(filter.address);
    const Source source = source_of(archive, wanted);
    const auto pick = [&](const lmdb::Txn& txn,
                          const lmdb::Entry& entry) -> Result<std::optional<Receipt>> {
        const Ulid id = TRY(keys::to_ulid(entry.key.substr(source.prefix.size())));
        auto receipt = TRY(load_receipt(archive, txn, id));
        if (receipt && !fits(*receipt, wanted)) receipt.reset();
        return receipt;
    };
    const lmdb::Range range = keys::ids(source.prefix, filter.since, filter.until, page.order);
    return each_record<Receipt>(archive, source.table, range, page.limit, pick, step);
}

Result<std::vector<Receipt>>
list_receipts(const Archive& archive, const ReceiptFilter& filter, const Page& page) {
    return collect<Receipt>([&](const auto& step) {
        return each_receipt(archive, filter, page, step);
    });
}

Result<std::optional<Receipt>>
find_seen(const Archive& archive, std::string_view address, const Digest& identity) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_seen(archive, txn, seen_key(address, identity, Verdict::imported));
}

Result<std::optional<Receipt>>
find_receipt_of_notice(const Archive& archive, std::string_view outbox_id) {
    const auto id = Ulid::parse(outbox_id);
    if (!id) return std::optional<Receipt>();
    const lmdb::ReadTxn txn = TRY(archive.read());
    auto receipts = TRY(load_receipts_of_notice(archive, txn, *id));
    if (receipts.empty()) return std::optional<Receipt>();
    return std::optional(std::move(receipts.front()));
}

Result<void> resolve_receipt(Archive& archive, std::string_view id, const By& by) {
    const Ulid key = TRY(Ulid::parse(id));
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        auto found = TRY(load_receipt(archive, txn, key));
        Receipt receipt = TRY(required(std::move(found), id));
        if (!is_unresolved(receipt)) return fail(Kind::refused, why_settled(receipt));
        return settle_receipt(archive, txn, receipt, by);
    });
}

} // namespace kwit
