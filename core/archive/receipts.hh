// Receipts: the records of what came in. They are made by keep() (commit.hh).
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

/// The digest of the mail as it came, when it is still there: `refused`, saying why, when it was
/// never kept, or was removed by a sweep.
Result<Digest> original_of(const Receipt& receipt);

enum class Resolution {
    any,
    unresolved, ///< is_unresolved()
};

struct ReceiptFilter {
    std::string client{};  ///< empty: of all
    std::string address{}; ///< of one import address, as any text; empty: all
    std::optional<Verdict> verdict{};
    Resolution resolution = Resolution::any;
    std::optional<Time> since{}; ///< of the id
    std::optional<Time> until{}; ///< before this
};

/// The id in any case; nothing when there is none, `misuse` for a text that is no id.
Result<std::optional<Receipt>> find_receipt(const Archive& archive, std::string_view id);

/// `refused` when there is none.
Result<Receipt> get_receipt(const Archive& archive, std::string_view id);

/// Calls step for each as far as the page goes, a few dozen a transaction, so that step may be
/// slow.
Result<void> each_receipt(
    const Archive& archive,
    const ReceiptFilter& filter,
    const Page& page,
    const std::function<Result<lmdb::Walk>(const Receipt&)>& step
);

Result<std::vector<Receipt>>
list_receipts(const Archive& archive, const ReceiptFilter& filter = {}, const Page& page = {});

/// The receipt that answered this mail for this address before; nothing for a mail that is new. See
/// keep() for when it counts as the same.
Result<std::optional<Receipt>>
find_seen(const Archive& archive, std::string_view address, const Digest& identity);

/// The receipt that owes or owed the notice with this outbox id (in any case); nothing for any
/// other text.
Result<std::optional<Receipt>>
find_receipt_of_notice(const Archive& archive, std::string_view outbox_id);

/// Marks it as settled by a person; `refused` when it is settled already or needs nothing.
Result<void> resolve_receipt(Archive& archive, std::string_view id, const By& by);

} // namespace kwit
