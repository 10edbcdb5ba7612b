// Rows of the outbox inside a transaction: written, taken away, found when their time has come.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/ulid.hh"
#include "core/model/receipt.hh"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kwit {

/// Writes the row and keeps its place in outbox-due, in which only queued rows stand, with the word
/// for what they are held for.
Result<void> put_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row);

/// Takes the row away with its place in outbox-due.
Result<void> erase_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row);

/// Where a queued row stands in outbox-due, and with what value: the word for what it is held for,
/// so that held rows are known without reading them.
std::string due_key(const OutboxRow& row, std::string_view id_key);
std::string due_mark(Held held);

/// Calls step for the entries of outbox-due whose time has come, the longest due first; then for
/// those that would wait impossibly long, as they were put off before the clock went back.
Result<void> each_due(
    const Archive& archive,
    const lmdb::Txn& txn,
    Time now,
    const std::function<Result<lmdb::Walk>(const lmdb::Entry&)>& step
);

/// The row of an entry of outbox-due; nothing when it is gone.
Result<std::optional<OutboxRow>>
row_of_due(const Archive& archive, const lmdb::Txn& txn, const lmdb::Entry& entry);

} // namespace kwit
