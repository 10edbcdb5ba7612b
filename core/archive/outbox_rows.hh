// Writing a row of the outbox inside a transaction.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/receipt.hh"

namespace kwit {

/// Writes the row and keeps its place in outbox-due, in which only queued rows stand, with the word
/// for what they are held for.
Result<void> put_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row);

/// Takes the row away with its place in outbox-due.
Result<void> erase_outbox(const Archive& archive, lmdb::WriteTxn& txn, const OutboxRow& row);

} // namespace kwit
