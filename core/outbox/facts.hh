// What one notice is rendered from: an outbox row with its receipt, documents, client, address and
// sender, read from the archive and owned; of a letter the row alone. Rendering (notice.hh) sees
// nothing else of the archive, so the same facts give the same mail.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/directory.hh"
#include "core/model/receipt.hh"

#include <cstdint>
#include <optional>
#include <vector>

namespace kwit::outbox {

struct NoticeFacts {
    OutboxRow row{};
    Receipt receipt{};                      ///< empty for a letter, as all that follows
    std::vector<Document> documents{};      ///< of the receipt, in its order
    std::optional<Client> client{};         ///< nothing: removed since
    std::optional<ImportAddress> address{}; ///< nothing: removed since
    std::string successor{}; ///< what is to be used in the place of a replaced address; empty: none
    std::optional<Sender> sender{}; ///< the registered person who mailed; nothing: nobody's
    std::optional<std::uint64_t> original_size{}; ///< nothing: not kept, or swept since
};

/// `corrupt` when the row names a receipt that is not there; other errors are the archive's.
Result<NoticeFacts> gather(const Archive& archive, const OutboxRow& row);

} // namespace kwit::outbox
