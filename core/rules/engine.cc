#include "core/rules/engine.hh"

#include "core/base/text.hh"
#include "core/rules/categories.hh"
#include "core/rules/checks.hh"
#include "core/rules/documents.hh"
#include "core/rules/period.hh"
#include "core/rules/subject.hh"

#include <algorithm>
#include <array>

namespace kwit::rules {

namespace {

enum class Stage : std::uint8_t { question, sender, headers, subject, body, documents };
enum class Routes : std::uint8_t { both, subject };

enum class About : std::uint8_t {
    mail,
    tag,  ///< asked only when there is exactly one subject tag
    parts ///< each part has its own finding, and the others are filed all the same
};

/// Whether anything is asked after a finding of the stage. What is wrong with subject and documents
/// is collected; behind the others nothing can be trusted, or is the sender's business.
constexpr bool ends_the_asking(Stage stage) {
    return stage == Stage::question || stage == Stage::sender || stage == Stage::headers ||
           stage == Stage::body;
}

constexpr bool needs_body(Stage stage) {
    return stage == Stage::body || stage == Stage::documents;
}

struct Rule {
    std::string_view name;
    Stage stage;
    Routes routes;
    Answer (*check)(const Case&);
    About about = About::mail;
};

/// Asked in this order. Authentic comes before registered: a stranger must not learn who is. A
/// provider that asks for a confirmation is no sender: people are to get its mail.
constexpr std::array rules = {
    Rule{"no-forwarding-question", Stage::question, Routes::both, asks_nothing},
    Rule{"sender-one-address", Stage::sender, Routes::both, one_author},
    Rule{"sender-authenticated", Stage::sender, Routes::both, authenticated},
    Rule{"sender-registered", Stage::sender, Routes::both, registered},
    Rule{"headers-within-limits", Stage::headers, Routes::both, headers_within_limits},
    Rule{"headers-unambiguous", Stage::headers, Routes::both, headers_unambiguous},
    Rule{"subject-tag", Stage::subject, Routes::subject, one_tag},
    Rule{"subject-category", Stage::subject, Routes::subject, known_category, About::tag},
    Rule{"subject-period", Stage::subject, Routes::subject, valid_period, About::tag},
    Rule{"subject-code", Stage::subject, Routes::subject, known_code, About::tag},
    Rule{"body-within-limits", Stage::body, Routes::both, body_within_limits},
    Rule{"structure-unambiguous", Stage::body, Routes::both, structure_unambiguous},
    Rule{"documents-within-limit", Stage::documents, Routes::both, documents_within_limit},
    Rule{"parts-accepted", Stage::documents, Routes::both, parts_accepted, About::parts},
    Rule{"document-present", Stage::documents, Routes::both, document_present},
};

/// What running the table gave, by stage where it matters.
struct Run {
    std::vector<RuleAnswer> answers{};
    std::vector<Finding> findings{};
    bool sender_problem = false;
    bool ended = false;                ///< no further rule is asked
    std::optional<Finding> obstacle{}; ///< the first that is wrong with the mail as a whole
    bool has_place = true;             ///< category and period are known
};

bool applies(const Rule& rule, const Case& it) {
    const RecipientFacts& recipient = it.facts.recipient;
    if (needs_body(rule.stage) && it.facts.body == nullptr) return false;
    if (rule.about == About::tag && recipient.subject.tags.size() != 1) return false;
    return rule.routes == Routes::both || recipient.policy.route == Route::subject;
}

/// Each reason once, the first of its kind.
void collect(std::vector<Finding>& findings, const Finding& finding) {
    const auto same = [&finding](const Finding& other) { return other.reason == finding.reason; };
    if (std::none_of(findings.begin(), findings.end(), same)) findings.push_back(finding);
}

void ask(const Rule& rule, const Case& it, Run& run) {
    RuleAnswer& kept = run.answers.emplace_back(RuleAnswer{
        .rule = std::string(rule.name), .result = RuleAnswer::Result::not_asked});
    if (run.ended || !applies(rule, it)) return;
    Answer answer = rule.check(it);
    kept.result = answer.finding ? RuleAnswer::Result::refuse : RuleAnswer::Result::pass;
    kept.note = std::move(answer.note);
    kept.finding = std::move(answer.finding);
    if (!kept.finding) return;
    run.ended = ends_the_asking(rule.stage);
    run.sender_problem = run.sender_problem || rule.stage == Stage::sender;
    if (rule.about != About::parts && !run.obstacle) run.obstacle = kept.finding;
    run.has_place = run.has_place && needs_body(rule.stage);
    collect(run.findings, *kept.finding);
    if (rule.about == About::parts)
        for (const PartOutcome& part : it.parts)
            if (part.finding) collect(run.findings, *part.finding);
}

bool subject_failed(const Run& run) {
    return std::any_of(run.answers.begin(), run.answers.end(), [](const RuleAnswer& answer) {
        return answer.finding && starts_with_word(answer.rule, "subject-");
    });
}

/// The parameters of route "subject" are those of the tag, which the rules have found good.
Filing filing_by_subject(const RecipientFacts& recipient) {
    const SubjectReading::Tag& tag = recipient.subject.tags.front();
    const YearMonth month{
        static_cast<int>(parse_number(tag.year).value()),
        static_cast<unsigned>(parse_number(tag.month).value())};
    return {
        .category = *category_named(recipient.policy, tag.category),
        .period = Period::of(month).value(),
        .code = recipient.user->code,
        .user = recipient.user->email};
}

void add_filing(const Facts& facts, Outcome& outcome) {
    if (facts.recipient.policy.route == Route::subject) {
        outcome.filing = filing_by_subject(facts.recipient);
        return;
    }
    PeriodReading reading = period_of(facts.header.date, facts.now, facts.recipient.timezone);
    outcome.filing = Filing{facts.recipient.address.symbol, reading.period};
    outcome.flags = std::move(reading.flags);
}

void add_subject(const Facts& facts, const Run& run, Outcome& outcome) {
    if (facts.recipient.policy.route != Route::subject) return;
    outcome.note = facts.recipient.subject.note;
    if (facts.header.subject.unknown_charset) outcome.flags.emplace_back("subject-charset-unknown");
    if (facts.header.subject.damaged) outcome.flags.emplace_back("subject-damaged");
    if (subject_failed(run))
        outcome.suggestion = suggest_subject(facts.recipient.subject, facts.recipient, facts.now);
}

/// When the mail as a whole is not filed, its documents are refused for that.
void withhold(std::vector<PartOutcome>& parts, const Finding& why) {
    for (PartOutcome& part : parts) {
        const bool document =
            becomes_document(part.disposition) || part.disposition == Disposition::duplicate;
        if (!document) continue;
        part = {.number = part.number, .disposition = Disposition::refused, .finding = why};
    }
}

Verdict verdict_of(const Case& it, const Run& run) {
    if (run.sender_problem) return Verdict::refused;
    if (run.obstacle) return Verdict::failed;
    if (run.findings.empty()) return Verdict::imported;
    return count_of(it, Disposition::filed) > 0 ? Verdict::partial : Verdict::failed;
}

Case case_of(const Facts& facts) {
    Case it{.facts = facts, .author = sole_author(facts.header.from)};
    if (it.author != nullptr)
        it.proven =
            proof_of(*it.author, facts.header, facts.envelope, facts.recipient, facts.trust);
    const RecipientFacts& recipient = facts.recipient;
    if (facts.body != nullptr)
        it.parts = judge_parts(facts.body->parts, recipient.policy, recipient.decorations);
    return it;
}

} // namespace

Outcome judge(const Facts& facts) {
    Case it = case_of(facts);
    Run run;
    for (const Rule& rule : rules)
        ask(rule, it, run);

    Outcome outcome;
    outcome.verdict = verdict_of(it, run);
    outcome.sender_problem = run.sender_problem;
    if (it.author != nullptr) outcome.sender = it.author->key();
    if (it.proven.proof) outcome.authenticated_by = it.proven.proof->method;
    if (!run.sender_problem) {
        if (run.has_place) add_filing(facts, outcome);
        add_subject(facts, run, outcome);
        if (!facts.recipient.address.replaced_by.empty())
            outcome.flags.emplace_back("address-replaced");
        if (run.obstacle) withhold(it.parts, *run.obstacle);
        outcome.parts = std::move(it.parts);
    }
    outcome.answers = std::move(run.answers);
    outcome.findings = std::move(run.findings);
    return outcome;
}

} // namespace kwit::rules
