#include "core/outbox/facts.hh"

#include "core/archive/directory.hh"
#include "core/archive/documents.hh"
#include "core/archive/originals.hh"
#include "core/archive/receipts.hh"

#include <fmt/format.h>

namespace kwit::outbox {

namespace {

Result<Receipt> receipt_of(const Archive& archive, const OutboxRow& row) {
    auto receipt = TRY(find_receipt(archive, row.receipt));
    if (receipt) return std::move(*receipt);
    return fail(
        Kind::corrupt,
        fmt::format("the receipt {} of mail {} is not there", row.receipt, row.id),
        "run kwit verify"
    );
}

Result<std::vector<Document>> documents_of(const Archive& archive, const Receipt& receipt) {
    std::vector<Document> documents;
    for (const std::string& id : receipt.documents) {
        auto document = TRY(find_document(archive, id));
        if (document) documents.push_back(std::move(*document));
    }
    return documents;
}

Result<std::optional<std::uint64_t>> size_of_mail(const Archive& archive, const Receipt& receipt) {
    if (receipt.original.empty() || receipt.original_removed_at)
        return std::optional<std::uint64_t>();
    const Digest digest = TRY(Digest::parse(receipt.original));
    return original_size(archive, digest);
}

Result<std::optional<Sender>> sender_of(const Archive& archive, const Receipt& receipt) {
    const auto author = EmailAddress::parse(receipt.sender);
    if (!author) return std::optional<Sender>();
    return find_sender_of(archive, receipt.client, *author);
}

/// The address at the end of the rotations: the next one may be replaced by now, too.
Result<std::string>
successor_of(const Archive& archive, const std::optional<ImportAddress>& address) {
    constexpr std::size_t max_rotations = 1000; // damaged records may go round
    std::string successor = address ? address->replaced_by : "";
    for (std::size_t i = 0; i < max_rotations && !successor.empty(); ++i) {
        const auto next = TRY(find_address(archive, successor));
        if (!next) return std::string();
        if (next->replaced_by.empty()) break;
        successor = next->replaced_by;
    }
    return successor;
}

} // namespace

Result<NoticeFacts> gather(const Archive& archive, const OutboxRow& row) {
    NoticeFacts facts{.row = row};
    if (is_letter(row.kind)) return facts;
    facts.receipt = TRY(receipt_of(archive, row));
    facts.documents = TRY(documents_of(archive, facts.receipt));
    facts.client = TRY(find_client(archive, facts.receipt.client));
    facts.address = TRY(find_address(archive, facts.receipt.address));
    facts.successor = TRY(successor_of(archive, facts.address));
    facts.sender = TRY(sender_of(archive, facts.receipt));
    facts.original_size = TRY(size_of_mail(archive, facts.receipt));
    return facts;
}

} // namespace kwit::outbox
