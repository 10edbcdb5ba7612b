// Receipts inside a transaction: found by id, by the mail's identity, by a notice; settled.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/ulid.hh"
#include "core/model/digest.hh"
#include "core/model/receipt.hh"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

Result<std::optional<Receipt>>
load_receipt(const Archive& archive, const lmdb::Txn& txn, const Ulid& id);

/// There is none of that id.
Error no_receipt(std::string_view id);

/// Marks a receipt that is unresolved as settled and writes it, with its journal entry.
Result<void>
settle_receipt(const Archive& archive, lmdb::WriteTxn& txn, Receipt& receipt, const By& by);

/// SHA-256 of the address's key, NUL and the identity, and "refused" behind it for that verdict:
/// the key of table mail-seen. A refusal is told once, and does not keep the mail from being judged
/// anew.
std::string seen_key(std::string_view address, const Digest& identity, Verdict verdict);

Result<std::optional<Receipt>>
load_seen(const Archive& archive, const lmdb::Txn& txn, const std::string& key);

/// The receipts that a mail with this outbox id tells or told of: one for a notice, several for a
/// digest or summary; none for another letter and for an id that was never owed.
Result<std::vector<Receipt>>
load_receipts_of_notice(const Archive& archive, const lmdb::Txn& txn, const Ulid& outbox_id);

/// The value of table notices for a mail that tells of several receipts.
std::string encode_ids(const std::vector<std::string>& ids);

/// The value of tables mail-seen and notices: a receipt's id as CBOR text.
std::string encode_id(const std::string& id);

} // namespace kwit
