#include "core/rules/settle.hh"

#include "core/base/text.hh"
#include "core/model/email_address.hh"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::rules {

namespace {

std::string key_of(const std::string& address) {
    const auto parsed = EmailAddress::parse(address);
    return parsed ? parsed->key() : lower(address);
}

/// Marks of a mail that no person waits for an answer to (RFC 3834 §2).
bool is_automatic(const Envelope& envelope, const HeaderFacts& header) {
    const AutomaticFacts& marks = header.automatic;
    return envelope.sender.empty() || marks.auto_submitted || marks.bulk || marks.list ||
           marks.suppressed || marks.report || marks.own_notice;
}

/// Names that programs and mailing lists write under (RFC 5230 §4.6), whatever their mails say.
bool is_machine(const std::string& key) {
    constexpr std::array<std::string_view, 3> names = {"mailer-daemon", "listserv", "majordomo"};
    const std::string name = lower(key.substr(0, key.rfind('@')));
    const std::string_view person = std::string_view(name).substr(0, name.find('+'));
    return std::find(names.begin(), names.end(), person) != names.end() ||
           person.starts_with("owner-") || person.ends_with("-request") ||
           person.ends_with("-bounces");
}

/// What all outcomes of a mail are settled with.
struct Mail {
    bool automatic;
    bool own_notice;
    std::vector<std::string> import_addresses; ///< keys
    std::vector<std::string> authors;          ///< keys: of From: and the envelope
};

template <typename Judgements>
Mail mail_of(const Judgements& judgements, const Envelope& envelope, const HeaderFacts& header) {
    Mail mail{
        .automatic = is_automatic(envelope, header),
        .own_notice = header.automatic.own_notice,
        .import_addresses = {},
        .authors = {key_of(envelope.sender)}};
    for (const Judged& one : judgements)
        mail.import_addresses.push_back(key_of(one.recipient.address.address));
    for (const Mailbox& author : header.from.mailboxes)
        mail.authors.push_back(author.address.key());
    mail.automatic =
        mail.automatic || std::any_of(mail.authors.begin(), mail.authors.end(), is_machine);
    return mail;
}

bool is_among(const std::vector<std::string>& keys, const std::string& address) {
    return std::find(keys.begin(), keys.end(), key_of(address)) != keys.end();
}

bool is_import_address(const Mail& mail, const std::string& address) {
    return is_among(mail.import_addresses, address);
}

/// What keeps machines from talking to each other for ever: our own notices that come back are told
/// to nobody, and a machine is not told that its own mail failed.
bool may_be_told(const Mail& mail, NoticeKind kind, const std::string& address) {
    if (mail.own_notice || is_import_address(mail, address)) return false;
    return !(kind == NoticeKind::failure && mail.automatic && is_among(mail.authors, address));
}

/// Only a registered person who is proved to have written the mail is written to.
bool reply_allowed(const Judged& judged, const Mail& mail) {
    return judged.recipient.sender && !judged.outcome.authenticated_by.empty() && !mail.automatic &&
           !is_import_address(mail, judged.outcome.sender);
}

bool notify_possible(const Judged& judged, const Mail& mail) {
    const auto& notify = judged.recipient.client.notify;
    return std::any_of(notify.begin(), notify.end(), [&mail](const std::string& address) {
        return may_be_told(mail, NoticeKind::failure, address);
    });
}

bool is_filed(const Outcome& outcome) {
    return outcome.verdict == Verdict::imported || outcome.verdict == Verdict::partial;
}

bool is_ambiguous(const Outcome& outcome) {
    return std::any_of(
        outcome.findings.begin(),
        outcome.findings.end(),
        [](const Finding& finding) { return finding.reason == Reason::ambiguous_structure; }
    );
}

/// A provider's question, which only people can answer.
bool is_question(const Outcome& outcome) {
    return !outcome.findings.empty() &&
           outcome.findings.front().reason == Reason::forwarding_confirmation;
}

/// Whether a 5xx is the right answer as far as this recipient is concerned.
bool is_refusable(const Judged& judged, const Mail& mail) {
    const Outcome& outcome = judged.outcome;
    if (outcome.findings.empty() || is_filed(outcome)) return false;
    if (outcome.sender_problem) return true;
    if (is_question(outcome)) return !notify_possible(judged, mail);
    switch (judged.recipient.policy.on_failure) {
    case OnFailure::reject:
        return true;
    case OnFailure::reply:
        return is_ambiguous(outcome) || !reply_allowed(judged, mail);
    case OnFailure::forward:
        return !notify_possible(judged, mail); // nobody else would hear of it
    }
    return false;
}

const Finding* common_refusal(std::span<const Judged> judgements, const Mail& mail, Others others) {
    const auto refusable = [&mail](const Judged& one) { return is_refusable(one, mail); };
    if (judgements.empty() || others == Others::some) return nullptr;
    if (!std::all_of(judgements.begin(), judgements.end(), refusable)) return nullptr;
    return &judgements.front().outcome.findings.front();
}

// ── who is told ──────────────────────────────────────────────────────────────────────────────────

class Plan {
public:
    Plan(Judged& judged, const Mail& mail) : judged_(judged), mail_(mail) {}

    void tell(NoticeKind kind, const std::string& to) {
        const auto told = [&to](const NoticePlan& plan) { return key_of(plan.to) == key_of(to); };
        auto& notices = judged_.outcome.notices;
        if (!may_be_told(mail_, kind, to) || std::any_of(notices.begin(), notices.end(), told))
            return;
        notices.push_back({kind, to});
    }

    void tell_notify(NoticeKind kind) {
        for (const std::string& address : judged_.recipient.client.notify)
            tell(kind, address);
    }

    /// False when the sender must not be written to.
    bool tell_sender(NoticeKind kind) {
        if (!reply_allowed(judged_, mail_)) return false;
        tell(kind, judged_.outcome.sender);
        return true;
    }

private:
    Judged& judged_;
    const Mail& mail_;
};

void plan_problem(Plan& plan, const Policy& policy, const Outcome& outcome) {
    const bool forward = policy.on_failure == OnFailure::forward || is_question(outcome);
    if (forward || !plan.tell_sender(NoticeKind::correction)) plan.tell_notify(NoticeKind::failure);
}

/// With `preferred` somebody hears of a filed mail whose sender is not proved: the office.
bool stands_in_for_sender(const Judged& judged) {
    const Policy& policy = judged.recipient.policy;
    return policy.tell_sender && policy.authentication == Authentication::preferred &&
           judged.outcome.authenticated_by.empty();
}

void plan_notices(Judged& judged, const Mail& mail) {
    const Policy& policy = judged.recipient.policy;
    Plan plan(judged, mail);
    if (judged.outcome.sender_problem) return plan.tell_notify(NoticeKind::failure);
    const bool imported = judged.outcome.verdict == Verdict::imported;
    if (!imported) plan_problem(plan, policy, judged.outcome);
    if (imported && policy.tell_sender) plan.tell_sender(NoticeKind::confirmation);
    // After a failure notice, which says what was filed, there is nobody left to tell.
    const bool filed = is_filed(judged.outcome);
    if (filed && (policy.tell_notify || stands_in_for_sender(judged)))
        plan.tell_notify(NoticeKind::import);
}

} // namespace

std::optional<Finding>
settle(std::span<Judged> mail, const Envelope& envelope, const HeaderFacts& header, Others others) {
    const Mail common = mail_of(mail, envelope, header);
    const Finding* const refusal = common_refusal(mail, common, others);
    for (Judged& judged : mail) {
        judged.outcome.notices.clear();
        if (refusal != nullptr) {
            judged.outcome.verdict = Verdict::refused;
        } else {
            plan_notices(judged, common);
        }
    }
    if (refusal == nullptr) return std::nullopt;
    return *refusal;
}

std::optional<Finding> refusal_at_headers(
    std::span<const Judged> mail, const Envelope& envelope, const HeaderFacts& header, Others others
) {
    const Finding* const refusal = common_refusal(mail, mail_of(mail, envelope, header), others);
    if (refusal == nullptr) return std::nullopt;
    return *refusal;
}

} // namespace kwit::rules
