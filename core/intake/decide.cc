#include "core/intake/decide.hh"

#include "core/intake/inspection.hh"
#include "core/intake/unpacking.hh"
#include "core/rules/documents.hh"
#include "core/rules/engine.hh"

#include <algorithm>
#include <set>

namespace kwit {

namespace {

std::vector<rules::Judged> judge_all(const MailHead& head, const BodyFacts* body) {
    std::vector<rules::Judged> judged;
    for (const ImportRecipient& recipient : head.recipients) {
        const rules::Facts facts{
            .envelope = head.envelope,
            .header = head.header,
            .body = body,
            .recipient = recipient.facts,
            .trust = head.settings.trust,
            .limits = head.settings.limits,
            .now = head.received_at};
        judged.push_back({.recipient = recipient.facts, .outcome = rules::judge(facts)});
    }
    return judged;
}

/// The formats that any recipient files: parts of others need no file.
std::set<Format> wanted_formats(const MailHead& head) {
    std::set<Format> wanted;
    for (const ImportRecipient& recipient : head.recipients)
        wanted.insert(recipient.facts.policy.formats.begin(), recipient.facts.policy.formats.end());
    // Which XML is an invoice only looking into it tells.
    if (wanted.contains(Format::xml_invoice)) wanted.insert(Format::xml);
    return wanted;
}

/// What somebody would file if there were nothing wrong inside it, and whose inside has to be known
/// for that.
std::set<std::uint32_t> parts_to_look_into(const MailHead& head, const BodyFacts& body) {
    std::set<std::uint32_t> numbers;
    for (const rules::Judged& one : judge_all(head, &body))
        for (std::size_t i = 0; i < one.outcome.parts.size(); ++i)
            if (becomes_document(one.outcome.parts[i].disposition) &&
                rules::is_looked_into(body.parts[i], one.recipient.policy))
                numbers.insert(body.parts[i].number);
    return numbers;
}

/// The same bytes are the same facts: rules compare parts by their digest. before: their format
/// until they were looked into.
void copy_to_equals(const PartFacts& part, Format before, std::vector<PartFacts>& parts) {
    for (PartFacts& other : parts)
        if (&other != &part && other.digest == part.digest && other.format == before)
            copy_inside(part, other);
}

/// What is in the holders becomes parts. Of a sender whose mail nobody takes nothing is opened; nor
/// of what a report or one of our own notices brings back: it was sent before, and to open it would
/// file it for who did not send it. Reports that do not say that they are some have the null
/// sender.
Result<void> open_all(
    const MailHead& head,
    mime::Examined& examined,
    const mime::MakeTemp& make_temp,
    const Inspection& inspection
) {
    const auto holds = [](const PartFacts& part) { return part.holds != Holder::none; };
    auto& parts = examined.facts.parts;
    const AutomaticFacts& automatic = head.header.automatic;
    if (automatic.report || automatic.own_notice)
        for (PartFacts& part : parts)
            part.holds = Holder::none;
    if (std::none_of(parts.begin(), parts.end(), holds)) return {};
    const auto judged = judge_all(head, &examined.facts);
    const auto unwelcome = [](const rules::Judged& one) { return one.outcome.sender_problem; };
    if (std::all_of(judged.begin(), judged.end(), unwelcome)) return {};
    const auto wanted = wanted_formats(head);
    const Opener opener{
        .limits = head.settings.limits,
        .wanted = wanted,
        .make_temp = make_temp,
        .inspection = inspection,
        .opens_mails = !head.envelope.sender.empty()};
    return open_holders(opener, examined);
}

/// The facts become those of before and what is inside the documents.
Result<void>
look_inside(const MailHead& head, mime::Examined& examined, const Inspection& inspection) {
    std::vector<PartFacts>& parts = examined.facts.parts;
    const auto has_inside = [](const PartFacts& part) {
        return part.format == Format::pdf || part.format == Format::xml;
    };
    if (!inspection.can_look() || std::none_of(parts.begin(), parts.end(), has_inside)) return {};
    const auto wanted = parts_to_look_into(head, examined.facts);
    for (PartFacts& part : parts) {
        if (!wanted.contains(part.number)) continue;
        const auto file = examined.files.find(*part.digest);
        if (file == examined.files.end()) continue; // keeping it says so
        const Format before = part.format;
        TRY(inspection.look_into(file->second, part));
        copy_to_equals(part, before, parts);
    }
    return {};
}

Decision settled(const MailHead& head, BodyFacts body) {
    Decision decision{.body = std::move(body)};
    decision.recipients = judge_all(head, &decision.body);
    decision.refusal = rules::settle(decision.recipients, head.envelope, head.header, head.others);
    return decision;
}

/// Whether somebody would file a content of which there is no file: the mail has more of its format
/// than files are kept of, most of them things that are no documents.
bool lacks_a_file(const Decision& decision) {
    const auto& parts = decision.body.parts;
    return std::any_of(
        decision.recipients.begin(),
        decision.recipients.end(),
        [&](const rules::Judged& one) {
            const auto lacks = [&](const PartOutcome& outcome) {
                return becomes_document(outcome.disposition) &&
                       !decision.files.contains(*parts[outcome.number - 1].digest);
            };
            const auto& outcomes = one.outcome.parts;
            return std::any_of(outcomes.begin(), outcomes.end(), lacks);
        }
    );
}

} // namespace

Decision decide_on_headers(const MailHead& head) {
    Decision decision;
    decision.recipients = judge_all(head, nullptr);
    decision.refusal =
        rules::refusal_at_headers(decision.recipients, head.envelope, head.header, head.others);
    if (decision.refusal)
        rules::settle(decision.recipients, head.envelope, head.header, head.others);
    return decision;
}

Result<Decision> decide(
    const MailHead& head,
    Spool& spool,
    const mime::MakeTemp& make_temp,
    const inspect::Inspect& inspect,
    const inspect::Unpack& unpack
) {
    const File mail = TRY(spool.reader());
    mime::Examined examined = TRY(mime::examine(
        mail, head.settings.limits, wanted_formats(head), make_temp, mime::Kept::holders
    ));
    const Inspection inspection(head.settings.inspector, inspect, unpack);
    TRY(open_all(head, examined, make_temp, inspection));
    TRY(look_inside(head, examined, inspection));
    Decision decision = settled(head, std::move(examined.facts));
    decision.files = std::move(examined.files);
    if (!lacks_a_file(decision)) return decision;
    decision.body.over.push_back(Limit::documents);
    return settled(head, std::move(decision.body));
}

Decision decide_without_body(const MailHead& head, std::vector<Limit> over) {
    return settled(head, {.over = std::move(over)});
}

Decision refuse_everyone(const MailHead& head, const Finding& finding) {
    Decision decision = decide_on_headers(head);
    for (rules::Judged& judged : decision.recipients) {
        judged.outcome.verdict = Verdict::refused;
        judged.outcome.findings = {finding};
        judged.outcome.notices.clear();
    }
    decision.refusal = finding;
    return decision;
}

} // namespace kwit
