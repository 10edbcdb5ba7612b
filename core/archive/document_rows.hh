// Rows of documents, inside a transaction: what keep(), by_hand.hh and document_change.hh share.
#pragma once

#include "core/archive/object_rows.hh"
#include "core/archive/rows.hh"
#include "core/base/ulid.hh"
#include "core/model/receipt.hh"

#include <optional>
#include <string>
#include <string_view>

namespace kwit {

/// The keys of a document's row and of its index rows.
struct DocumentKeys {
    std::string row;
    std::string by_client;
    std::string by_period;
    std::string by_digest;
};

/// `corrupt` when its id or its digest is none.
Result<DocumentKeys> keys_of(const Document& document);

Result<std::optional<Document>>
load_document(const Archive& archive, const lmdb::Txn& txn, const Ulid& id);

/// There is none of that id.
Error no_document(std::string_view id);

/// Counts one more row that names the object, whose file must be there; its size. A file that is
/// not there is `corrupt` when other rows name it, else `temporary`: publish it again.
Result<std::uint64_t> refer_to_object(
    const Archive& archive, lmdb::WriteTxn& txn, const Digest& digest, Reference reference
);

/// A new document with its id: its object must be there with its size.
Result<void> insert_document(const Archive& archive, lmdb::WriteTxn& txn, const Document& document);

/// Other parameters of the same bytes; index rows go where they belong now.
Result<void> replace_document(
    const Archive& archive, lmdb::WriteTxn& txn, const Document& before, const Document& after
);

/// `misuse` unless it is filed or annex.
Result<void> check_status(const std::string& status);

/// What a person may choose freely: `misuse` unless it is a category, a period, a file name and a
/// status.
Result<void> check_parameters(const Document& document);

/// Whose document it is: the code or the address of a sender of its client, or both. Nothing: as it
/// is; an empty text takes both away.
struct UserWanted {
    std::optional<std::string> code{};
    std::optional<std::string> user{};
};

/// `refused` when there is no such sender, or they are two.
Result<void> set_user(
    const Archive& archive, const lmdb::Txn& txn, const UserWanted& wanted, Document& document
);

} // namespace kwit
