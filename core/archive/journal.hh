// The journal: an append-only chain of every change. Each entry holds the SHA-256 of the one before
// it, so that whoever knows the head knows whether anything before it was altered.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/json_fwd.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

struct JournalHead {
    std::uint64_t n = 0; ///< of the last entry; 0: there is none
    std::string sha256;  ///< of its stored bytes; 64 zeros when there is none
};

/// Adds an entry inside the transaction of the change it tells of.
Result<void> append_journal(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const By& by,
    std::string_view what,
    const Json& about
);

/// The entry that would prove all others: note it outside the archive.
Result<JournalHead> journal_head(const Archive& archive);

/// The same inside a transaction.
Result<JournalHead> journal_head(const Archive& archive, const lmdb::Txn& txn);

/// Entries as JSON (n, at, by, what, about, prev), oldest first.
Result<std::vector<Json>> list_journal(const Archive& archive, const Page& page = {});

struct JournalCheck {
    std::uint64_t entries = 0;
    JournalHead head{};
    std::vector<std::string> faults{}; ///< sentences; empty: the chain is whole
};

Result<JournalCheck> verify_journal(const Archive& archive);

} // namespace kwit
