// What the files of core/archive share: one record under one key, and walks through many of them.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/records.hh"
#include "core/base/ulid.hh"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

/// The record of the key, decoded inside the transaction; nothing when there is none.
template <typename Record>
Result<std::optional<Record>> load(
    const lmdb::Txn& txn, const lmdb::Table& table, const std::string& key, const std::string& name
) {
    const auto bytes = TRY(txn.get(table, key));
    if (!bytes) return std::optional<Record>();
    auto record = TRY(decode<Record>(*bytes, table.name() + " " + name));
    return std::optional<Record>(std::move(record));
}

/// The next id: greater than every one before it, in whatever process. `at` is its time, as near as
/// that allows.
Result<Ulid> mint_id(const Archive& archive, lmdb::WriteTxn& txn, Time at);

/// Writes a receipt and keeps its place in receipts-unresolved.
Result<void> put_receipt(const Archive& archive, lmdb::WriteTxn& txn, const Receipt& receipt);

/// Of a table whose keys begin with a time, takes away the rows before this one: so many at most,
/// so that the change they are part of stays a small one.
Result<void>
erase_before(lmdb::WriteTxn& txn, const lmdb::Table& table, Time time, std::size_t max);

/// An address as any text in the form of EmailAddress::key(); nothing when it is none.
std::optional<std::string> address_key(std::string_view text);

/// Turns an entry into a record, or nothing to pass it over.
template <typename Record>
using Pick = std::function<Result<std::optional<Record>>(const lmdb::Txn&, const lmdb::Entry&)>;

/// Part of a walk, read in one transaction.
template <typename Record>
struct Slice {
    std::vector<Record> picked{};
    std::string last_key{};
    bool is_last = true;
};

/// As much of the range as max_picked and a number of entries looked at allow.
template <typename Record>
Result<Slice<Record>> read_slice(
    const Archive& archive,
    const lmdb::Table& table,
    const lmdb::Range& range,
    std::size_t max_picked,
    const Pick<Record>& pick
) {
    constexpr std::size_t max_seen = 1000;
    Slice<Record> slice;
    std::size_t seen = 0;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        slice.last_key = entry.key;
        auto record = TRY(pick(txn, entry));
        if (record) slice.picked.push_back(std::move(*record));
        slice.is_last = ++seen < max_seen && slice.picked.size() < max_picked;
        return slice.is_last ? lmdb::Walk::on : lmdb::Walk::stop;
    };
    TRY(txn.scan(table, range, look));
    return slice;
}

template <typename Record>
Result<lmdb::Walk> hand_out(
    const std::vector<Record>& records, const std::function<Result<lmdb::Walk>(const Record&)>& step
) {
    for (const Record& record : records) {
        const lmdb::Walk walk = TRY(step(record));
        if (walk == lmdb::Walk::stop) return walk;
    }
    return lmdb::Walk::on;
}

/// Walks through a range in slices, each its own short transaction. step gets the record when no
/// transaction is open, and says stop when it has had enough; after `limit` records it is over.
template <typename Record>
Result<void> each_record(
    const Archive& archive,
    const lmdb::Table& table,
    lmdb::Range range,
    const std::optional<std::size_t>& limit,
    const Pick<Record>& pick,
    const std::function<Result<lmdb::Walk>(const Record&)>& step
) {
    constexpr std::size_t max_picked = 64;
    std::size_t left = limit.value_or(std::numeric_limits<std::size_t>::max());
    const bool up = range.order == lmdb::Order::ascending;
    while (left > 0) {
        const std::size_t wanted = std::min(left, max_picked);
        const auto slice = TRY(read_slice<Record>(archive, table, range, wanted, pick));
        const lmdb::Walk walk = TRY(hand_out<Record>(slice.picked, step));
        if (slice.is_last || walk == lmdb::Walk::stop) break;
        left -= slice.picked.size();
        (up ? range.from : range.to) = up ? slice.last_key + '\0' : slice.last_key;
    }
    return {};
}

/// What each(step) hands out.
template <typename Record>
Result<std::vector<Record>> collect(
    const std::function<Result<void>(const std::function<Result<lmdb::Walk>(const Record&)>&)>& each
) {
    std::vector<Record> out;
    TRY(each([&](const Record& record) -> Result<lmdb::Walk> {
        out.push_back(record);
        return lmdb::Walk::on;
    }));
    return out;
}

} // namespace kwit
