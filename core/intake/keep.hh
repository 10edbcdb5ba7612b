// Keep: makes a decision durable, in the one order that is safe: objects first, each synced and
// linked, then one transaction that names them. Only when it returned may SMTP say 250.
#pragma once

#include "core/archive/commit.hh"
#include "core/intake/decide.hh"

#include <optional>
#include <vector>

namespace kwit {

/// The receipts of a mail as they would be committed, ids empty. original: the mail's digest, when
/// it is kept.
std::vector<ReceiptDraft> drafts_of(
    const MailHead& head,
    const Decision& decision,
    const std::optional<Digest>& original,
    std::uint64_t size
);

/// What becomes of each part, no document named yet. Receipts of refused mails leave it out.
std::vector<PartRecord> part_records(const BodyFacts& body, const Outcome& outcome);

/// Whether anything of the mail is to be kept: not when every import recipient was refused for who
/// sent it.
bool keeps_original(const Decision& decision);

/// What became of the mail at one recipient.
struct KeptReceipt {
    Kept kept;
    Receipt receipt; ///< without ids
};

/// Publishes the documents and the original, as a recipe where that can be, and commits; the
/// decision's files are used up. One for each recipient.
Result<std::vector<KeptReceipt>> keep_mail(
    Archive& archive, const MailHead& head, Decision& decision, Spool spool, const Digest& identity
);

} // namespace kwit
