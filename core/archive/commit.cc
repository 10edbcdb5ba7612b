#include "core/archive/commit.hh"

#include "core/archive/document_rows.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/notice_counts.hh"
#include "core/archive/object_rows.hh"
#include "core/archive/outbox_rows.hh"
#include "core/archive/rows.hh"
#include "core/archive/seen.hh"
#include "core/archive/usage.hh"
#include "core/archive/warm_up.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

/// One mail on its way into the index, inside one transaction.
struct Keeping {
    const Archive& archive;
    lmdb::WriteTxn& txn;
    const By& by;
    const NoticeCaps& caps;
    std::uint64_t forward_max;
    const std::optional<PublishedRecipe>& recipe;
};

/// What the original is made of. The same mail may be there from another time: it stays as it was
/// kept then, and what was published now is rubbish.
Result<std::vector<Digest>> objects_for(const Keeping& to, const Digest& original) {
    if (!to.recipe || to.recipe->original != original)
        return objects_of_original(to.archive, to.txn, original);
    // In the order in which it is looked for by who reads it.
    auto before = TRY(load_recipe(to.archive, to.txn, original));
    if (before) return std::move(before->objects);
    if (TRY(load_object(to.archive, to.txn, original))) return std::vector{original};
    TRY(put_recipe(to.archive, to.txn, original, to.recipe->row));
    return to.recipe->row.objects;
}

Result<void> refer_to_original(const Keeping& to, const Receipt& receipt) {
    if (receipt.original.empty()) return {};
    const Digest original = TRY(Digest::parse(receipt.original));
    const std::vector<Digest> objects = TRY(objects_for(to, original));
    for (const Digest& object : objects)
        TRY(refer_to_object(to.archive, to.txn, object, Reference::original));
    return {};
}

/// Names the document in the part that it was made of.
Result<void> name_in_part(Receipt& receipt, std::uint32_t number, const std::string& document) {
    const auto part =
        std::find_if(receipt.parts.begin(), receipt.parts.end(), [&](const PartRecord& candidate) {
            return candidate.number == number;
        });
    if (part == receipt.parts.end())
        return fail(
            Kind::misuse, fmt::format("a document was made of part {}, which is not there", number)
        );
    part->document = document;
    return {};
}

Result<void> file_document(const Keeping& to, const DocumentDraft& draft, Receipt& receipt) {
    Document document = draft.document;
    const Ulid id = TRY(mint_id(to.archive, to.txn, to.by.at));
    document.id = id.text();
    document.receipt = receipt.id;
    document.client = receipt.client;
    document.address = receipt.address;
    document.sender = receipt.sender;
    document.received_at = receipt.received_at;
    TRY(name_in_part(receipt, draft.part, document.id));
    receipt.documents.push_back(document.id);
    return insert_document(to.archive, to.txn, document);
}

/// Lets it wait for others where its recipient is to get them together.
Result<void>
hold(const Keeping& to, const NoticePlan& plan, const Receipt& receipt, OutboxRow& row) {
    if (plan.digest_at) {
        row.held = Held::digest;
        row.next_attempt = *plan.digest_at;
        return {};
    }
    NoticeCounts more{.notices = 1};
    const bool has_original = !receipt.original.empty() && receipt.size <= to.forward_max;
    if (plan.kind == NoticeKind::failure && has_original)
        more = {.notices = 1, .forwards = 1, .forward_bytes = receipt.size};
    if (TRY(count_notice(to.archive, to.txn, plan.to, to.by.at, more, to.caps))) return {};
    row.held = Held::cap;
    row.next_attempt = std::chrono::ceil<std::chrono::hours>(to.by.at);
    return {};
}

Result<void> owe_notice(const Keeping& to, const NoticePlan& plan, Receipt& receipt) {
    const Ulid id = TRY(mint_id(to.archive, to.txn, to.by.at));
    OutboxRow row{};
    row.id = id.text();
    row.kind = plan.kind;
    row.to = plan.to;
    row.next_attempt = to.by.at;
    row.receipt = receipt.id;
    row.created_at = to.by.at;
    TRY(hold(to, plan, receipt, row));
    TRY(put_outbox(to.archive, to.txn, row));
    TRY(to.txn.put(to.archive.tables().notices, keys::ulid(id), encode_id(receipt.id)));
    NoticeRecord notice{};
    notice.kind = plan.kind;
    notice.to = plan.to;
    notice.state = row.state;
    notice.at = to.by.at;
    notice.outbox = row.id;
    receipt.notices.push_back(std::move(notice));
    return {};
}

/// What the journal says of a receipt: enough to prove which bytes came when, and what became of
/// them.
Json journal_of(const Receipt& receipt, const std::vector<DocumentDraft>& drafts) {
    const Json whole = to_json(receipt);
    Json about = {{"receipt", whole["id"]}};
    for (const char* field :
         {"queue_id",
          "address",
          "client",
          "sender",
          "message_id",
          "verdict",
          "reasons",
          "original"})
        about[field] = whole[field];
    about["documents"] = Json::array();
    for (std::size_t i = 0; i < drafts.size(); ++i)
        about["documents"].push_back(
            {{"id", receipt.documents.at(i)}, {"sha256", drafts.at(i).document.sha256}}
        );
    about["notices"] = whole["notices"];
    return about;
}

/// The earlier receipt when this draft would only repeat it.
Result<std::optional<Receipt>> repeated(const Keeping& to, const ReceiptDraft& draft) {
    if (!draft.identity) return std::optional<Receipt>();
    const auto key = seen_key(draft.receipt.address, *draft.identity, draft.receipt.verdict);
    auto earlier = TRY(load_seen(to.archive, to.txn, key));
    if (earlier && earlier->documents.size() < draft.documents.size()) earlier.reset();
    return earlier;
}

Result<void> index_receipt(const Keeping& to, const Receipt& receipt, const ReceiptDraft& draft) {
    const Tables& tables = to.archive.tables();
    const Ulid id = TRY(Ulid::parse(receipt.id));
    TRY(put_receipt(to.archive, to.txn, receipt));
    if (!receipt.client.empty())
        TRY(to.txn.put(tables.receipts_by_client, keys::pair(receipt.client, keys::ulid(id)), {}));
    if (!draft.identity) return {};
    const auto key = seen_key(receipt.address, *draft.identity, receipt.verdict);
    return to.txn.put(tables.mail_seen, key, encode_id(receipt.id));
}

/// The receipt with its ids, its documents and notices written.
Result<Receipt> file_receipt(const Keeping& to, const ReceiptDraft& draft) {
    Receipt receipt = draft.receipt;
    const Ulid id = TRY(mint_id(to.archive, to.txn, to.by.at));
    receipt.id = id.text();
    receipt.documents.clear();
    receipt.notices.clear();
    receipt.address = address_key(receipt.address).value_or(receipt.address);
    TRY(refer_to_original(to, receipt));
    for (const DocumentDraft& document : draft.documents)
        TRY(file_document(to, document, receipt));
    for (const NoticePlan& notice : draft.notices)
        TRY(owe_notice(to, notice, receipt));
    return receipt;
}

/// A mail is one use of a sender or a client, however many of their addresses it went to.
Result<void>
count_use(const Keeping& to, const ReceiptDraft& draft, std::vector<UsageKey>& counted) {
    const Receipt& receipt = draft.receipt;
    for (const UsageKey& who : draft.usage) {
        if (std::find(counted.begin(), counted.end(), who) != counted.end()) continue;
        TRY(count_usage(to.archive, to.txn, who.by, who.name, receipt.received_at, receipt.size));
        counted.push_back(who);
    }
    return {};
}

Result<Kept>
keep_receipt(const Keeping& to, const ReceiptDraft& draft, std::vector<UsageKey>& counted) {
    const auto earlier = TRY(repeated(to, draft));
    if (earlier) return Kept{Kept::How::repeated, earlier->id, earlier->documents};
    const Receipt receipt = TRY(file_receipt(to, draft));
    TRY(index_receipt(to, receipt, draft));
    TRY(count_use(to, draft, counted));
    TRY(append_journal(to.archive, to.txn, to.by, "mail-kept", journal_of(receipt, draft.documents))
    );
    return Kept{Kept::How::filed, receipt.id, receipt.documents};
}

} // namespace

Result<std::vector<Kept>> keep(Archive& archive, const MailCommit& mail) {
    std::vector<Kept> kept;
    const auto keep_all = [&](lmdb::WriteTxn& txn) -> Result<void> {
        const Keeping to{archive, txn, mail.by, mail.caps, mail.forward_max, mail.recipe};
        std::vector<UsageKey> counted;
        for (const ReceiptDraft& draft : mail.receipts) {
            Kept one = TRY(keep_receipt(to, draft, counted));
            kept.push_back(std::move(one));
        }
        return {};
    };
    warm_up(archive, mail);
    TRY(archive.change(keep_all));
    return kept;
}

} // namespace kwit
