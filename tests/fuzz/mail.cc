// A raw mail to facts and to what becomes of its parts: caps, header block, structure, contents,
// rules. The limits are small, so that the inputs reach them.
#include "core/base/sha256.hh"
#include "core/mime/caps.hh"
#include "core/mime/examine.hh"
#include "core/mime/header_facts.hh"
#include "core/mime/outline.hh"
#include "core/mime/returned.hh"
#include "core/mime/split.hh"
#include "core/rules/engine.hh"
#include "core/rules/findings.hh"
#include "core/rules/settle.hh"
#include "core/rules/subject.hh"
#include "tests/fuzz/input.hh"

#include <algorithm>
#include <array>

namespace kwit::fuzz {

namespace {

LimitSettings small_limits() {
    LimitSettings limits;
    limits.parts = 12;
    limits.depth = 4;
    limits.documents = 3;
    limits.headers = 20;
    limits.header_bytes = 4096;
    return limits;
}

const std::set<Format> wanted = {Format::pdf, Format::png, Format::xml, Format::zip};

/// Whether Caps lets it through; the same whatever the pieces are that it comes in.
bool passes_caps(std::string_view mail, const LimitSettings& limits) {
    mime::Caps whole(limits);
    whole.feed(as_bytes(mail));
    mime::Caps cut(limits);
    in_pieces(mail, mail.size(), [&](std::string_view piece) { cut.feed(as_bytes(piece)); });
    HOLDS(whole.over().empty() == cut.over().empty());
    HOLDS(whole.over().size() <= 1);
    return whole.over().empty();
}

/// Contents follow one another inside of the file.
void check_outline(const mime::Outline& outline, std::uint64_t size) {
    std::uint64_t at = 0;
    for (const mime::Leaf& leaf : outline.leaves) {
        HOLDS(at <= leaf.begin && leaf.begin <= leaf.end && leaf.end <= size);
        at = leaf.end;
    }
    HOLDS(!outline.leaves.empty() || !outline.over.empty() || !outline.ambiguities.empty());
}

void check_parts(std::string_view mail, const mime::Outline& outline, const mime::Examined& found) {
    HOLDS(found.facts.parts.size() == outline.leaves.size());
    for (std::size_t i = 0; i < outline.leaves.size(); ++i) {
        const mime::Leaf& leaf = outline.leaves[i];
        const PartFacts& part = found.facts.parts[i];
        HOLDS(part.number == i + 1 && part.begin == leaf.begin && part.end == leaf.end);
        HOLDS(part.digest);
        HOLDS(part.size <= leaf.end - leaf.begin);
        if (leaf.content.encoding == mime::Encoding::identity)
            HOLDS(*part.digest == Digest(sha256(mail.substr(leaf.begin, leaf.end - leaf.begin))));
    }
    for (const std::string& word : outline.ambiguities) {
        const auto& all = found.facts.ambiguities;
        HOLDS(std::find(all.begin(), all.end(), word) != all.end());
    }
    for (const auto& entry : found.files) {
        const auto& parts = found.facts.parts;
        HOLDS(std::any_of(parts.begin(), parts.end(), [&entry](const PartFacts& part) {
            return part.digest == entry.first && part.size == entry.second.size();
        }));
    }
}

RecipientFacts recipient_of(OnFailure on_failure) {
    RecipientFacts recipient;
    recipient.address = {
        .address = "k7m2q9x4tc-rechnungen@in.example.com",
        .client = "10023",
        .policy = "open",
        .symbol = "ER"};
    recipient.client = {.id = "10023", .name = "Kunde", .notify = {"biuro@example.com"}};
    recipient.policy = {
        .name = "open",
        .route = Route::address,
        .senders = Senders::anyone,
        .authentication = Authentication::off,
        .formats = {wanted.begin(), wanted.end()},
        .on_failure = on_failure,
        .tell_notify = true};
    recipient.locale = "de";
    recipient.timezone = "Europe/Berlin";
    return recipient;
}

bool is_kept(Disposition disposition) {
    return disposition == Disposition::filed || disposition == Disposition::annex ||
           disposition == Disposition::duplicate;
}

void check_part(const PartOutcome& outcome, const PartFacts& part, const mime::Examined& found) {
    HOLDS(outcome.number == part.number);
    if (outcome.disposition == Disposition::refused) HOLDS(outcome.finding);
    if (outcome.finding) HOLDS(rules::form_of(*outcome.finding) != nullptr);
    if (!is_kept(outcome.disposition)) return;
    HOLDS(part.damage.empty());
    HOLDS(found.files.contains(*part.digest));
}

/// Every leaf has its disposition, and what can be read in two ways is not filed.
void check_outcome(const Outcome& outcome, const HeaderFacts& header, const mime::Examined& found) {
    for (const Finding& finding : outcome.findings)
        HOLDS(rules::form_of(finding) != nullptr);
    if (outcome.sender_problem) return;
    HOLDS(outcome.parts.size() == found.facts.parts.size());
    for (std::size_t i = 0; i < outcome.parts.size(); ++i)
        check_part(outcome.parts[i], found.facts.parts[i], found);
    const bool sound = found.facts.ambiguities.empty() && found.facts.over.empty() &&
                       header.ambiguities.empty() && header.over.empty();
    if (sound) return;
    HOLDS(outcome.verdict == Verdict::failed && !outcome.findings.empty());
    HOLDS(std::none_of(outcome.parts.begin(), outcome.parts.end(), [](const PartOutcome& part) {
        return is_kept(part.disposition);
    }));
}

/// `reply` stands for the policies that answer; it must answer an ambiguous mail in SMTP.
void check_judgement(const HeaderFacts& header, const mime::Examined& found) {
    const Time now = parse_rfc3339("2026-11-21T10:00:00Z").value();
    const Envelope envelope{.sender = "anna@kunde.example", .queue_id = "4XyZ"};
    const TrustSettings trust{.authserv_ids = {"mx.example.com"}};
    for (const OnFailure way : {OnFailure::forward, OnFailure::reply}) {
        const RecipientFacts recipient = recipient_of(way);
        std::array mail = {rules::Judged{
            recipient,
            rules::judge({envelope, header, &found.facts, recipient, trust, small_limits(), now})}};
        const Outcome& outcome = mail.front().outcome;
        check_outcome(outcome, header, found);
        const bool ambiguous = !outcome.findings.empty() &&
                               outcome.findings.front().reason == Reason::ambiguous_structure;
        const auto refusal = rules::settle(mail, envelope, header, rules::Others::none);
        if (ambiguous && way == OnFailure::reply) HOLDS(refusal);
        if (refusal) HOLDS(outcome.verdict == Verdict::refused);
    }
}

void check_extract(const File& file, const mime::Examined& found) {
    const mime::MakeTemp make_temp = [] { return TempFile::create("/dev/shm"); };
    const auto number = static_cast<std::uint32_t>(found.facts.parts.size());
    const auto last = mime::extract(file, small_limits(), number, make_temp);
    HOLDS(last && last->has_value() == (number > 0));
    if (number > 0) HOLDS((*last)->facts.digest == found.facts.parts.back().digest);
    const auto none = mime::extract(file, small_limits(), number + 1, make_temp);
    HOLDS(none && !none->has_value());
}

void run(std::string_view mail) {
    const LimitSettings limits = small_limits();
    if (!passes_caps(mail, limits)) return;
    const TempFile temp = file_of(mail);
    const auto file = temp.reader();
    HOLDS(file);
    const auto split = mime::split_mail(*file, limits);
    HOLDS(split && split->body <= mail.size());
    const HeaderFacts header = mime::read_headers(split->fields, limits);
    const auto outline = mime::read_outline(*file, limits);
    HOLDS(outline);
    check_outline(*outline, mail.size());
    const auto found =
        mime::examine(*file, limits, wanted, [] { return TempFile::create("/dev/shm"); });
    HOLDS(found);
    check_parts(mail, *outline, *found);
    check_judgement(header, *found);
    check_extract(*file, *found);
    HOLDS(mime::read_delivery_report(*file, limits));
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kwit::fuzz::run(kwit::fuzz::text_of(data, size));
    return 0;
}
