#include "core/archive/by_hand.hh"

#include "core/archive/directory_rows.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/seen.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

/// The documents of one person on their way into the index, inside one transaction.
struct HandWork {
    const Archive& archive;
    lmdb::WriteTxn& txn;
    const By& by;
    std::optional<Receipt> receipt{}; ///< as it will be
    bool receipt_differs = false;
};

Result<std::optional<Receipt>>
receipt_of(const Archive& archive, const lmdb::Txn& txn, const std::string& text) {
    if (text.empty()) return std::optional<Receipt>();
    const Ulid id = TRY(Ulid::parse(text));
    auto receipt = TRY(load_receipt(archive, txn, id));
    if (!receipt) return fail(no_receipt(text));
    return receipt;
}

/// The oldest document with the same bytes for the same client, category and period.
Result<std::optional<Document>> twin_of(const HandWork& to, const Document& document) {
    std::optional<Document> twin;
    const Digest digest = TRY(Digest::parse(document.sha256));
    const std::string prefix = keys::digest(digest);
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const Ulid id = TRY(keys::to_ulid(entry.key.substr(prefix.size())));
        const auto other = TRY(load_document(to.archive, to.txn, id));
        const bool same = other && other->client == document.client &&
                          other->category == document.category && other->period == document.period;
        if (same) twin = other;
        return same ? lmdb::Walk::stop : lmdb::Walk::on;
    };
    TRY(to.txn.scan(to.archive.tables().documents_by_digest, lmdb::Range::prefix(prefix), look));
    return twin;
}

// ── parts of the receipt ─────────────────────────────────────────────────────────────────────────

PartRecord* part_numbered(Receipt& receipt, std::uint32_t number) {
    const auto part =
        std::find_if(receipt.parts.begin(), receipt.parts.end(), [&](const PartRecord& candidate) {
            return candidate.number == number;
        });
    return part == receipt.parts.end() ? nullptr : &*part;
}

/// The part that the draft is made of: the one that was named, else the first that has the bytes
/// and was not filed; null when there is none of these.
Result<PartRecord*> part_of(HandWork& to, const HandDraft& draft) {
    if (!to.receipt) return nullptr;
    std::vector<PartRecord>& parts = to.receipt->parts;
    if (!draft.part) {
        const auto same = std::find_if(parts.begin(), parts.end(), [&](const PartRecord& part) {
            return is_unfiled(part) && part.sha256 == draft.document.sha256;
        });
        return same == parts.end() ? nullptr : &*same;
    }
    PartRecord* const part = part_numbered(*to.receipt, *draft.part);
    if (part == nullptr)
        return fail(
            Kind::refused,
            fmt::format("receipt {} has no part {}", to.receipt->id, *draft.part),
            fmt::format("see kwit receipt show {}", to.receipt->id)
        );
    if (part->sha256 == draft.document.sha256) return part;
    return fail(
        Kind::corrupt,
        fmt::format("part {} of receipt {} has other bytes", part->number, to.receipt->id),
        "run kwit verify"
    );
}

/// A part is filed once: `refused` unless what is asked for is the document that it became.
Result<void>
check_unfiled(const HandWork& to, const PartRecord* part, const std::optional<Document>& twin) {
    const bool filed = part != nullptr && becomes_document(part->disposition);
    if (!filed || (twin && twin->id == part->document)) return {};
    return fail(
        Kind::refused,
        fmt::format(
            "part {} of receipt {} is filed as document {}",
            part->number,
            to.receipt->id,
            part->document
        ),
        fmt::format("change that one: kwit document set {}", part->document)
    );
}

/// Notes what became of the part, and of others with its bytes that were not filed.
void settle_parts(
    HandWork& to, PartRecord* part, Disposition disposition, const std::string& document
) {
    if (part == nullptr || becomes_document(part->disposition)) return;
    to.receipt_differs = true;
    part->disposition = disposition;
    part->document = document;
    for (PartRecord& other : to.receipt->parts) {
        if (!is_unfiled(other) || other.sha256 != part->sha256) continue;
        other.disposition = Disposition::duplicate;
        other.document = document;
    }
}

// ── documents ────────────────────────────────────────────────────────────────────────────────────

/// The draft as it would be filed, but for its id.
Result<Document> document_of(const HandWork& to, const HandDraft& draft) {
    Document document = draft.document;
    document.receipt = to.receipt ? to.receipt->id : std::string();
    document.address = to.receipt ? to.receipt->address : std::string();
    document.sender = to.receipt ? to.receipt->sender : std::string();
    document.received_at = to.receipt ? to.receipt->received_at : to.by.at;
    TRY(load_client(to.archive, to.txn, document.client));
    TRY(set_user(to.archive, to.txn, draft.user, document));
    TRY(check_parameters(document));
    return document;
}

Json journal_of(
    const Document& document, const PartRecord* part, const std::vector<Reason>& overrode
) {
    const Json whole = to_json(document);
    Json about = {{"document", whole["id"]}};
    for (const char* field :
         {"receipt", "client", "category", "period", "code", "filename", "sha256"})
        about[field] = whole[field];
    about["part"] = part != nullptr ? Json(part->number) : Json();
    about["overrode"] = Json::array();
    for (const Reason reason : overrode)
        about["overrode"].push_back(code_of(reason));
    return about;
}

/// It is there: only the part that it came with as well has to be noted.
Result<HandFiled> note_twin(HandWork& to, PartRecord* part, Document twin) {
    const bool differs =
        part != nullptr && !becomes_document(part->disposition) && part->document != twin.id;
    if (differs) {
        settle_parts(to, part, Disposition::duplicate, twin.id);
        const Json about = {
            {"document", twin.id},
            {"receipt", to.receipt->id},
            {"part", part->number},
            {"sha256", twin.sha256}};
        TRY(append_journal(to.archive, to.txn, to.by, "document-repeated", about));
    }
    return HandFiled{HandFiled::How::duplicate, std::move(twin)};
}

Result<HandFiled>
file_new(HandWork& to, PartRecord* part, Document document, const std::vector<Reason>& overrode) {
    const Ulid id = TRY(mint_id(to.archive, to.txn, to.by.at));
    document.id = id.text();
    TRY(insert_document(to.archive, to.txn, document));
    if (to.receipt) {
        to.receipt->documents.push_back(document.id);
        to.receipt_differs = true;
    }
    settle_parts(to, part, Disposition::filed, document.id);
    const Json about = journal_of(document, part, overrode);
    TRY(append_journal(to.archive, to.txn, to.by, "document-imported", about));
    return HandFiled{HandFiled::How::filed, std::move(document)};
}

Result<HandFiled> file_one(HandWork& to, const HandDraft& draft) {
    Document document = TRY(document_of(to, draft));
    PartRecord* const part = TRY(part_of(to, draft));
    auto twin = TRY(twin_of(to, document));
    const bool repeats = twin && draft.twin == Twin::keep_one;
    TRY(check_unfiled(to, part, repeats ? twin : std::nullopt));
    if (repeats) return note_twin(to, part, std::move(*twin));
    std::vector<Reason> overrode = draft.overrode;
    if (twin) overrode.push_back(Reason::duplicate_refused);
    return file_new(to, part, std::move(document), overrode);
}

Result<void> finish_receipt(HandWork& to, bool resolve) {
    if (!to.receipt) return {};
    if (resolve && is_unresolved(*to.receipt))
        return settle_receipt(to.archive, to.txn, *to.receipt, to.by);
    return to.receipt_differs ? put_receipt(to.archive, to.txn, *to.receipt) : Result<void>{};
}

} // namespace

Result<HandKept> file_by_hand(Archive& archive, const HandCommit& commit) {
    HandKept kept;
    const auto file_all = [&](lmdb::WriteTxn& txn) -> Result<void> {
        HandWork to{archive, txn, commit.by};
        to.receipt = TRY(receipt_of(archive, txn, commit.receipt));
        for (const HandDraft& draft : commit.drafts) {
            HandFiled one = TRY(file_one(to, draft));
            kept.filed.push_back(std::move(one));
        }
        TRY(finish_receipt(to, commit.resolve));
        kept.receipt = std::move(to.receipt);
        return {};
    };
    TRY(archive.change(file_all));
    return kept;
}

bool is_unfiled(const PartRecord& part) {
    return part.disposition == Disposition::refused;
}

} // namespace kwit
