// keep(): one transaction per mail that holds its receipts, documents, outbox rows and journal
// entries. Mails that end together share one commit (group.hh).
//
// Order is safety: the objects are published before (publish_object(), publish_recipe()), keep()
// checks inside its transaction that each is there, and only after it returned may SMTP say 250.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/originals.hh"
#include "core/model/digest.hh"
#include "core/model/rate.hh"
#include "core/model/receipt.hh"
#include "core/model/verdict.hh"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

struct DocumentDraft {
    /// category, period, code, user, sha256, size, media_type, filename, status; the rest is taken
    /// from the receipt
    Document document;
    std::uint32_t part = 0; ///< the number of the receipt's part that it was made of
};

/// What limits on use count a mail for.
struct UsageKey {
    UsedBy by{};
    std::string name{}; ///< the import address, the sender's address, the client's id

    friend bool operator==(const UsageKey&, const UsageKey&) = default;
};

struct ReceiptDraft {
    Receipt receipt; ///< without ids: id, documents, notices and each part's document are filled in
    std::vector<DocumentDraft> documents{};
    std::vector<NoticePlan> notices{};
    /// The mail's identity (design of the key: core/intake), without the address. Nothing for a
    /// mail that is judged anew each time.
    std::optional<Digest> identity{};
    std::vector<UsageKey> usage{}; ///< each counts once for all receipts of a commit
};

/// Receipts that stand or fall together: those of one mail, or a batch of refusals.
struct MailCommit {
    std::vector<ReceiptDraft> receipts{};
    By by;
    NoticeCaps caps{}; ///< what is beyond them is held to be told together
    /// A larger original does not go with the notice of its failure, and counts as none that does.
    std::uint64_t forward_max = std::numeric_limits<std::uint64_t>::max();
    /// How the receipts' original is made; nothing when it is published itself.
    std::optional<PublishedRecipe> recipe{};
};

struct Kept {
    enum class How {
        filed,
        repeated, ///< the same mail was answered before: nothing was written, the ids are the
                  ///< earlier ones
    };

    How how = How::filed;
    std::string receipt_id{};
    std::vector<std::string> document_ids{};
};

/// One Kept for each receipt, in order. A draft is `repeated` when its address has seen its
/// identity before, was answered 250 then (verdict other than refused), and filed at least as many
/// documents as the draft would. An error when an object is missing (`temporary` when a sweep took
/// it) or has another size: nothing of the mail is kept then.
Result<std::vector<Kept>> keep(Archive& archive, const MailCommit& mail);

} // namespace kwit
