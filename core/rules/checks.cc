#include "core/rules/checks.hh"

#include "core/base/text.hh"
#include "core/rules/categories.hh"
#include "core/rules/documents.hh"
#include "core/rules/forwarding.hh"
#include "core/rules/period.hh"
#include "core/rules/sender.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace kwit::rules {

namespace {

Answer pass(std::string note = {}) {
    return {.finding = std::nullopt, .note = std::move(note)};
}

Answer refuse(Finding finding, std::string note = {}) {
    return {.finding = std::move(finding), .note = std::move(note)};
}

const Policy& policy_of(const Case& it) {
    return it.facts.recipient.policy;
}

/// Whether the provider wrote what people are to read. Large providers do not sign Content-Type; a
/// mail of theirs that was caught and cut otherwise still holds nothing but their words. An office
/// that asks for less of every mail does not ask for more here.
bool is_from_provider(const Case& it) {
    TrustSettings trust = it.facts.trust;
    std::erase_if(trust.signed_headers, [](const std::string& name) {
        return name != "from" && name != "subject";
    });
    const Facts& facts = it.facts;
    return proof_of(*it.author, facts.header, facts.envelope, facts.recipient, trust)
        .proof.has_value();
}

} // namespace

// ── a question for people ────────────────────────────────────────────────────────────────────────

Answer asks_nothing(const Case& it) {
    const RecipientFacts& recipient = it.facts.recipient;
    if (it.author == nullptr) return pass();
    const std::string_view provider = asks_to_forward(*it.author, it.facts.header.subject.text);
    if (provider.empty()) return pass();
    // Anybody could write that it is from there, and have people open a link of his.
    if (!is_from_provider(it)) return pass(fmt::format("not shown to be from {}", provider));
    if (recipient.client.notify.empty()) return pass("the client has no notification address");
    // Providers write of forwarding in other mails, too, and their questions hold no document.
    if (count_of(it, Disposition::filed) + count_of(it, Disposition::annex) > 0)
        return pass(fmt::format("from {}, but with a document", provider));
    return refuse(
        {.reason = Reason::forwarding_confirmation,
         .values = {{"address", recipient.address.address}, {"provider", std::string(provider)}}}
    );
}

// ── sender ───────────────────────────────────────────────────────────────────────────────────────

Answer one_author(const Case& it) {
    const FromFacts& from = it.facts.header.from;
    if (it.author != nullptr) return pass(it.author->key());
    const Policy& policy = policy_of(it);
    if (policy.senders == Senders::anyone && policy.authentication != Authentication::required)
        return pass("not a single address; anyone may send");
    if (from.count == 0) return refuse({.reason = Reason::sender_ambiguous, .detail = "missing"});
    const bool several = from.mailboxes.size() > 1 && from.problem.empty();
    const char* const detail = from.count > 1 ? "several-headers"
                               : several      ? "several-addresses"
                                              : "syntax";
    return refuse(
        {.reason = Reason::sender_ambiguous, .detail = detail, .values = {{"from", from.text}}},
        from.problem
    );
}

Answer authenticated(const Case& it) {
    if (it.proven.proof) return pass(it.proven.proof->note);
    const std::string doubts = join(it.proven.doubts, "; ");
    if (policy_of(it).authentication != Authentication::required)
        return pass(
            "not authenticated; the policy does not require it" +
            (doubts.empty() ? doubts : ": " + doubts)
        );
    return refuse(
        {.reason = Reason::sender_not_authenticated, .values = {{"from", it.author->key()}}},
        doubts.empty()
            ? "neither a login nor a certificate of this sender, nor an aligned result of a "
              "trusted border"
            : doubts
    );
}

Answer registered(const Case& it) {
    const RecipientFacts& recipient = it.facts.recipient;
    if (policy_of(it).senders == Senders::anyone) return pass("anyone may send");
    if (recipient.sender)
        return pass(fmt::format(
            "{} is registered for client {}", recipient.sender->email, recipient.client.id
        ));
    return refuse(
        {.reason = Reason::sender_not_registered,
         .values = {{"address", recipient.address.address}, {"from", it.author->key()}}}
    );
}

// ── limits and structure ─────────────────────────────────────────────────────────────────────────

namespace {

struct Excess {
    Limit limit;
    Reason reason;
    std::string_view detail;
};

constexpr std::array excesses = {
    Excess{Limit::headers, Reason::headers_over_limit, "headers"},
    Excess{Limit::header_bytes, Reason::headers_over_limit, "header-bytes"},
    Excess{Limit::address_header, Reason::headers_over_limit, "address-header"},
    Excess{Limit::message, Reason::message_too_large, ""},
    Excess{Limit::parts, Reason::too_many_parts, "parts"},
    Excess{Limit::documents, Reason::too_many_parts, "documents"},
    Excess{Limit::depth, Reason::nesting_too_deep, ""},
};

std::uint64_t value_of(Limit limit, const LimitSettings& limits) {
    switch (limit) {
    case Limit::message:
        return limits.message;
    case Limit::parts:
        return limits.parts;
    case Limit::depth:
        return limits.depth;
    case Limit::documents:
        return limits.documents;
    case Limit::headers:
        return limits.headers;
    case Limit::header_bytes:
        return limits.header_bytes;
    case Limit::address_header:
        break; // no setting: a fixed bound of the reader
    }
    return 0;
}

Finding finding_of(Limit limit, const LimitSettings& limits) {
    const auto* const row = std::find_if(excesses.begin(), excesses.end(), [&](const Excess& one) {
        return one.limit == limit;
    });
    Finding finding{.reason = row->reason, .detail = std::string(row->detail)};
    if (limit != Limit::address_header)
        finding.values.emplace("limit", std::to_string(value_of(limit, limits)));
    return finding;
}

Answer within(const std::vector<Limit>& over, const LimitSettings& limits) {
    if (over.empty()) return pass();
    return refuse(finding_of(over.front(), limits));
}

Answer unambiguous(const std::vector<std::string>& names) {
    if (names.empty()) return pass();
    return refuse({.reason = Reason::ambiguous_structure, .values = {{"what", join(names, ", ")}}});
}

} // namespace

Answer headers_within_limits(const Case& it) {
    return within(it.facts.header.over, it.facts.limits);
}

Answer headers_unambiguous(const Case& it) {
    // A second From: is a matter of the sender, and of none where anyone may send.
    std::vector<std::string> names;
    for (const std::string& name : it.facts.header.ambiguities)
        if (name != "duplicate-from") names.push_back(name);
    constexpr std::string_view subjects = "duplicate-subject";
    const bool listed = std::find(names.begin(), names.end(), subjects) != names.end();
    if (it.facts.header.subject.count > 1 && !listed) names.emplace_back(subjects);
    return unambiguous(names);
}

Answer body_within_limits(const Case& it) {
    return within(it.facts.body->over, it.facts.limits);
}

Answer structure_unambiguous(const Case& it) {
    return unambiguous(it.facts.body->ambiguities);
}

// ── subject ──────────────────────────────────────────────────────────────────────────────────────

namespace {

const SubjectReading::Tag& tag_of(const Case& it) {
    return it.facts.recipient.subject.tags.front();
}

/// "category-code": what is missing, or "order" when nothing is.
std::string missing_in(const SubjectReading& reading) {
    std::vector<std::string> missing;
    if (!reading.category) missing.emplace_back("category");
    if (!reading.month || !reading.year) missing.emplace_back("period");
    if (!reading.code) missing.emplace_back("code");
    return missing.empty() ? "order" : join(missing, "-");
}

} // namespace

Answer one_tag(const Case& it) {
    const SubjectReading& reading = it.facts.recipient.subject;
    const std::string& text = it.facts.header.subject.text;
    if (reading.tags.size() == 1) return pass();
    if (trim(text).empty()) return refuse({.reason = Reason::subject_malformed, .detail = "empty"});
    const bool several = reading.tags.size() > 1;
    return refuse(
        {.reason = Reason::subject_malformed,
         .detail = several ? "two-tags" : missing_in(reading),
         .values = {{"read", text}}},
        fmt::format("{} tags", reading.tags.size())
    );
}

Answer known_category(const Case& it) {
    const Policy& policy = policy_of(it);
    const std::string& read = tag_of(it).category;
    if (const std::string* known = category_named(policy, read)) return pass(*known);
    Finding finding{
        .reason = Reason::category_unknown,
        .values = {{"known", join(policy.categories, ", ")}, {"read", read}}};
    const std::vector<std::string> near = categories_near(policy, read);
    if (!near.empty()) {
        finding.detail = "near";
        finding.values.emplace("near", join(near, ", "));
    }
    return refuse(std::move(finding));
}

Answer valid_period(const Case& it) {
    const auto& [category, month, year, code] = tag_of(it);
    const std::string period = month + "/" + year;
    const int last = last_year(it.facts.now, it.facts.recipient.timezone);
    Finding finding{.reason = Reason::period_invalid, .values = {{"period", period}}};
    switch (fault_of(month, year, last)) {
    case PeriodFault::none:
        return pass(period);
    case PeriodFault::month:
        finding.detail = "month";
        // "00" is month 0 to people.
        finding.values.emplace(
            "read", month.substr(std::min(month.find_first_not_of('0'), month.size() - 1))
        );
        break;
    case PeriodFault::short_year:
        finding.detail = "short-year";
        finding.values.emplace("read", year);
        break;
    case PeriodFault::year:
        finding.detail = "year";
        finding.values.insert(
            {{"read", year}, {"first", std::to_string(first_year)}, {"last", std::to_string(last)}}
        );
        break;
    }
    return refuse(std::move(finding));
}

Answer known_code(const Case& it) {
    const RecipientFacts& recipient = it.facts.recipient;
    if (recipient.user) return pass("code of " + recipient.user->email);
    return refuse({.reason = Reason::code_unknown, .values = {{"read", tag_of(it).code}}});
}

// ── documents ────────────────────────────────────────────────────────────────────────────────────

std::size_t count_of(const Case& it, Disposition disposition) {
    return static_cast<std::size_t>(std::count_if(
        it.parts.begin(),
        it.parts.end(),
        [&](const PartOutcome& part) { return part.disposition == disposition; }
    ));
}

Answer parts_accepted(const Case& it) {
    std::string note =
        fmt::format("{} of {} parts refused", count_of(it, Disposition::refused), it.parts.size());
    for (const PartOutcome& part : it.parts)
        if (part.disposition == Disposition::refused)
            return {.finding = part.finding, .note = std::move(note)};
    return pass(std::move(note));
}

Answer documents_within_limit(const Case& it) {
    const std::size_t found = count_of(it, Disposition::filed) + count_of(it, Disposition::annex);
    std::string note = fmt::format("{} documents", found);
    if (found <= it.facts.limits.documents) return pass(std::move(note));
    return refuse(finding_of(Limit::documents, it.facts.limits), std::move(note));
}

namespace {

/// "AGB.pdf, Anlage_2.pdf": for the sentence, so not all of a thousand.
std::string annexes_of(const Case& it) {
    constexpr std::size_t most = 5;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < it.parts.size() && names.size() < most; ++i)
        if (it.parts[i].disposition == Disposition::annex)
            names.push_back(it.facts.body->parts[i].name);
    return join(names, ", ");
}

} // namespace

/// Annexes are filed beside a document: alone they are what somebody sent instead of one, or a
/// document that happens to be called so, and people have to see which.
Answer document_present(const Case& it) {
    if (count_of(it, Disposition::filed) > 0) return pass();
    if (count_of(it, Disposition::annex) > 0)
        return refuse(
            {.reason = Reason::no_document,
             .detail = "annexes",
             .values = {{"name", annexes_of(it)}}}
        );
    // A refused part was something to judge: it has its own answer.
    if (count_of(it, Disposition::refused) > 0) return pass();
    return refuse(
        {.reason = Reason::no_document, .values = {{"accepted", accepted_formats(policy_of(it))}}}
    );
}

} // namespace kwit::rules
