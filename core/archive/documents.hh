// Documents: stored files with their parameters. They are made by keep() (commit.hh) and by hand
// (by_hand.hh), and changed by set_documents() (document_change.hh).
#pragma once

#include "core/archive/archive.hh"
#include "core/model/digest.hh"
#include "core/model/receipt.hh"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

struct DocumentFilter {
    std::string client{};   ///< empty: of all
    std::string period{};   ///< Period::text(); empty: all
    std::string category{}; ///< empty: all
    std::string address{};  ///< of one import address, as any text; empty: all
    std::string receipt{};  ///< id; empty: all
    std::string status{};   ///< empty: all
    std::optional<Time> since{};
    std::optional<Time> until{};
};

/// The id in any case; nothing when there is none, `misuse` for a text that is no id.
Result<std::optional<Document>> find_document(const Archive& archive, std::string_view id);

/// `refused` when there is none.
Result<Document> get_document(const Archive& archive, std::string_view id);

/// Calls step for each as far as the page goes, a few dozen a transaction, so that step may be
/// slow.
Result<void> each_document(
    const Archive& archive,
    const DocumentFilter& filter,
    const Page& page,
    const std::function<Result<lmdb::Walk>(const Document&)>& step
);

Result<std::vector<Document>>
list_documents(const Archive& archive, const DocumentFilter& filter = {}, const Page& page = {});

/// The oldest document with these very bytes that fits. Only a few are looked at, however many
/// there are.
Result<std::optional<Document>> find_document_with(
    const Archive& archive, const Digest& digest, const std::function<bool(const Document&)>& fits
);

/// The documents with these very bytes, oldest first.
Result<std::vector<Document>> documents_with(const Archive& archive, const Digest& digest);

} // namespace kwit
