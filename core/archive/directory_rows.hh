// What the three files of the directory share, inside a transaction of theirs.
#pragma once

#include "core/archive/rows.hh"
#include "core/base/json_fwd.hh"
#include "core/model/directory.hh"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kwit {

/// `refused` when there is none.
Result<Client> load_client(const Archive& archive, const lmdb::Txn& txn, const std::string& id);

/// The email as EmailAddress::key().
Result<std::optional<Sender>> load_sender(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const std::string& email
);

/// The sender that has the code now, in whatever case it is written.
Result<std::optional<Sender>>
load_sender_by_code(const Archive& archive, const lmdb::Txn& txn, std::string_view code);

/// The address as EmailAddress::key().
Result<std::optional<ImportAddress>>
load_address(const Archive& archive, const lmdb::Txn& txn, const std::string& address);

Result<void> each_sender_of(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const std::function<void(const Sender&)>& step
);

Result<void> each_address_of(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const std::function<void(const ImportAddress&)>& step
);

/// With its index row and its journal entry.
Result<void>
erase_sender(const Archive& archive, lmdb::WriteTxn& txn, const Sender& sender, const By& by);
Result<void> erase_address(
    const Archive& archive, lmdb::WriteTxn& txn, const ImportAddress& address, const By& by
);

/// The entry of a changed record: null before means added, null after means removed.
Result<void> journal_change(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const By& by,
    std::string_view what,
    const Json& before,
    const Json& after
);

} // namespace kwit
