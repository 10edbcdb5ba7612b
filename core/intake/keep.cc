#include "core/intake/keep.hh"

#include "core/archive/directory.hh"
#include "core/archive/objects.hh"
#include "core/archive/originals.hh"
#include "core/base/text.hh"
#include "core/intake/inside.hh"
#include "core/intake/rates.hh"
#include "core/rules/documents.hh"
#include "core/rules/sender.hh"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kwit {

namespace {

const PartFacts* part_numbered(const BodyFacts& body, std::uint32_t number) {
    const auto part = std::find_if(body.parts.begin(), body.parts.end(), [&](const PartFacts& p) {
        return p.number == number;
    });
    return part == body.parts.end() ? nullptr : &*part;
}

/// What others wrote stands in rows that are kept for years, and in the memory of refusals that
/// wait: a name of 200 kB is not to be there whole. The original has it.
constexpr std::size_t max_foreign_text = 1024;

std::string brief(const std::string& text) {
    return std::string(cut_utf8(text, max_foreign_text));
}

PartRecord record_of(const PartFacts& facts, const PartOutcome& outcome) {
    return {
        .number = facts.number,
        .in = facts.in,
        .path = facts.path,
        .name = facts.name,
        .raw_name = facts.raw_name == facts.name ? std::string() : brief(facts.raw_name),
        .media_type = facts.media_type,
        .size = facts.size,
        .sha256 = facts.digest ? facts.digest->hex() : std::string(),
        .disposition = outcome.disposition,
        .reason = outcome.finding ? std::string(code_of(outcome.finding->reason)) : std::string()};
}

std::string document_name(const PartFacts& facts) {
    if (!facts.name.empty()) return facts.name;
    const Format format = facts.format == Format::xml_invoice ? Format::xml : facts.format;
    return fmt::format("document-{}.{}", facts.number, name_of(format));
}

DocumentDraft document_of(
    const PartFacts& facts, const PartOutcome& outcome, const Filing& filing, const Policy& policy
) {
    DocumentDraft draft;
    draft.part = facts.number;
    draft.document.category = filing.category;
    draft.document.period = filing.period.text();
    draft.document.code = filing.code;
    draft.document.user = filing.user;
    draft.document.sha256 = facts.digest->hex();
    draft.document.size = facts.size;
    draft.document.media_type = media_type_of(facts.format);
    draft.document.filename = document_name(facts);
    draft.document.status = name_of(outcome.disposition);
    note_inside(facts, policy, draft.document);
    return draft;
}

void add_parts(
    ReceiptDraft& draft, const BodyFacts& body, const Outcome& outcome, const Policy& policy
) {
    draft.receipt.parts = part_records(body, outcome);
    for (const PartOutcome& part : outcome.parts) {
        const PartFacts* const facts = part_numbered(body, part.number);
        if (facts == nullptr) continue;
        if (becomes_document(part.disposition) && outcome.filing && facts->digest)
            draft.documents.push_back(document_of(*facts, part, *outcome.filing, policy));
    }
}

/// What stands in the receipt whatever became of the mail.
Receipt receipt_of(
    const MailHead& head,
    const ImportRecipient& recipient,
    const Outcome& outcome,
    std::uint64_t size
) {
    Receipt receipt;
    receipt.received_at = head.received_at;
    receipt.queue_id = head.envelope.queue_id;
    receipt.address = recipient.facts.address.address;
    receipt.client = recipient.facts.client.id;
    receipt.sender = outcome.sender;
    receipt.envelope_from = head.envelope.sender;
    receipt.client_address = head.envelope.client_address;
    receipt.authenticated_by = outcome.authenticated_by;
    receipt.subject = brief(head.header.subject.text);
    receipt.message_id = head.header.message_id;
    receipt.verdict = outcome.verdict;
    receipt.findings = outcome.findings;
    for (Finding& finding : receipt.findings)
        for (auto& [name, value] : finding.values)
            value = brief(value);
    receipt.size = size;
    receipt.suggestion = outcome.suggestion;
    receipt.note = outcome.note;
    receipt.flags = outcome.flags;
    return receipt;
}

/// The notices that are owed. What was filed may wait for the one mail of the day that somebody
/// wants; a failure, which asks for a person, never waits.
std::vector<NoticePlan>
notices_of(const MailHead& head, const ImportRecipient& recipient, const Outcome& outcome) {
    std::vector<NoticePlan> notices = outcome.notices;
    const std::string& address = recipient.facts.address.address;
    const DomainSettings* const domain = head.settings.domain(std::string(behind_at(address)));
    for (NoticePlan& notice : notices) {
        const bool daily = notice.kind == NoticeKind::import && domain != nullptr &&
                           telling_of(recipient.facts.client, notice.to) == Telling::daily;
        if (daily)
            notice.digest_at =
                next_time_of_day(head.received_at, domain->digest_at, domain->timezone);
    }
    return notices;
}

/// What is a document of some recipient.
std::set<Digest> objects_of(const Decision& decision) {
    std::set<Digest> objects;
    for (const rules::Judged& judged : decision.recipients)
        for (const PartOutcome& part : judged.outcome.parts) {
            const PartFacts* const facts = part_numbered(decision.body, part.number);
            if (becomes_document(part.disposition) && facts != nullptr && facts->digest)
                objects.insert(*facts->digest);
        }
    return objects;
}

Result<void> publish_documents(Archive& archive, Decision& decision) {
    for (const Digest& digest : objects_of(decision)) {
        const auto file = decision.files.find(digest);
        if (file == decision.files.end())
            return fail(
                Kind::corrupt,
                fmt::format(
                    "the document {} is to be filed but was not decoded into a file", digest.hex()
                )
            );
        TRY(publish_object(archive, std::move(file->second), digest));
    }
    return {};
}

/// Where the mail has what is an object by now.
std::vector<Stretch> stretches_of(const Decision& decision) {
    const std::set<Digest> objects = objects_of(decision);
    std::vector<Stretch> stretches;
    for (const PartFacts& part : decision.body.parts)
        if (part.in == 0 && part.digest && objects.contains(*part.digest))
            stretches.push_back({part.begin, part.end, *part.digest});
    return stretches;
}

/// As a recipe where that saves something, else whole.
Result<std::optional<PublishedRecipe>>
publish_original(const Archive& archive, const Decision& decision, Spool spool) {
    const Digest original = spool.digest();
    const File mail = TRY(spool.reader()); // what is still in memory goes to the file
    auto recipe = TRY(publish_recipe(archive, mail, original, stretches_of(decision)));
    if (!recipe) TRY(publish_object(archive, std::move(spool).release(), original));
    return recipe;
}

} // namespace

std::vector<ReceiptDraft> drafts_of(
    const MailHead& head,
    const Decision& decision,
    const std::optional<Digest>& original,
    std::uint64_t size
) {
    std::vector<ReceiptDraft> drafts;
    for (std::size_t i = 0; i < decision.recipients.size(); ++i) {
        const Outcome& outcome = decision.recipients[i].outcome;
        ReceiptDraft draft{
            .receipt = receipt_of(head, head.recipients.at(i), outcome, size),
            .notices = notices_of(head, head.recipients.at(i), outcome)};
        if (outcome.verdict != Verdict::refused) {
            if (original) draft.receipt.original = original->hex();
            const RecipientFacts& recipient = head.recipients.at(i).facts;
            add_parts(draft, decision.body, outcome, recipient.policy);
            draft.usage = usage_keys(head.settings.limits.rates, recipient, outcome);
        }
        drafts.push_back(std::move(draft));
    }
    return drafts;
}

std::vector<PartRecord> part_records(const BodyFacts& body, const Outcome& outcome) {
    std::vector<PartRecord> records;
    for (const PartOutcome& part : outcome.parts)
        if (const PartFacts* const facts = part_numbered(body, part.number))
            records.push_back(record_of(*facts, part));
    return records;
}

bool keeps_original(const Decision& decision) {
    return std::any_of(
        decision.recipients.begin(),
        decision.recipients.end(),
        [](const rules::Judged& judged) { return judged.outcome.verdict != Verdict::refused; }
    );
}

Result<std::vector<KeptReceipt>> keep_mail(
    Archive& archive, const MailHead& head, Decision& decision, Spool spool, const Digest& identity
) {
    const std::uint64_t size = spool.size();
    std::optional<Digest> original;
    std::optional<PublishedRecipe> recipe;
    TRY(publish_documents(archive, decision));
    if (keeps_original(decision)) {
        original = spool.digest();
        recipe = TRY(publish_original(archive, decision, std::move(spool)));
    }
    MailCommit commit{
        .receipts = drafts_of(head, decision, original, size),
        .by = {.who = "kwit-milter", .at = head.received_at},
        .caps = head.settings.outbox.per_day,
        .forward_max = head.settings.outbox.forward_max,
        .recipe = std::move(recipe)};
    for (ReceiptDraft& draft : commit.receipts)
        draft.identity = identity;
    const auto kept = TRY(keep(archive, commit));
    std::vector<KeptReceipt> all;
    for (std::size_t i = 0; i < kept.size(); ++i)
        all.push_back({kept[i], std::move(commit.receipts.at(i).receipt)});
    return all;
}

} // namespace kwit
