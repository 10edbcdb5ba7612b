// Work by hand on documents that are filed: other parameters for the same bytes. What tells which
// bytes came when (sha256, size, media_type, received_at, receipt) is never changed.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/receipt.hh"

#include <optional>
#include <string>
#include <vector>

namespace kwit {

/// Nothing: as it is. An empty text takes code, user, sender or address away.
struct DocumentChange {
    std::optional<std::string> client{};
    std::optional<std::string> category{};
    std::optional<std::string> period{};
    std::optional<std::string> code{}; ///< of a sender of the client; user follows from it
    std::optional<std::string> user{}; ///< a sender of the client; code follows from it
    std::optional<std::string> sender{};
    std::optional<std::string> address{}; ///< an import address of the client
    std::optional<std::string> filename{};
    std::optional<std::string> status{};
};

struct DocumentSet {
    Document document; ///< as it is now
    Changed changed = Changed::no;
};

/// Documents in one change at most: all of it is one transaction.
constexpr std::size_t max_documents_set = 1000;

/// All of them or none, each id once, in order; a journal entry for each that differs. `refused`
/// when a document, client, sender or address is not there, and when a document would go to another
/// client with a code of the old one.
Result<std::vector<DocumentSet>> set_documents(
    Archive& archive,
    const std::vector<std::string>& ids,
    const DocumentChange& change,
    const By& by
);

} // namespace kwit
