// One mail as settle() sees it, for tests of what it is answered and of who is told.
#pragma once

#include "core/rules/settle.hh"
#include "tests/unit/rules/world.hh"

#include <string>
#include <utility>
#include <vector>

namespace kwit::rules::settled {

enum class Result { imported, partial, subject, ambiguous, stranger };

/// What judge() would say, without a mail around it.
inline Outcome outcome_with(Result result) {
    switch (result) {
    case Result::imported:
        return {.verdict = Verdict::imported};
    case Result::partial:
        return {.verdict = Verdict::partial, .findings = {{.reason = Reason::type_mismatch}}};
    case Result::subject:
        return {.verdict = Verdict::failed, .findings = {{.reason = Reason::code_unknown}}};
    case Result::ambiguous:
        return {.verdict = Verdict::failed, .findings = {{.reason = Reason::ambiguous_structure}}};
    case Result::stranger:
        return {
            .verdict = Verdict::refused,
            .findings = {{.reason = Reason::sender_not_registered}},
            .sender_problem = true};
    }
    return {};
}

/// One mail as settle() sees it; a test spoils what it is about.
struct Mail {
    std::vector<RecipientFacts> recipients{};
    std::vector<Outcome> outcomes{};
    Envelope envelope{.sender = "anna@kunde.example"};
    HeaderFacts header = test::from_anna();
    Others others = Others::none;

    void add(RecipientFacts recipient, Result result) {
        Outcome outcome = outcome_with(result);
        if (recipient.sender) outcome.authenticated_by = "dkim";
        if (recipient.sender) outcome.sender = recipient.sender->email;
        recipients.push_back(std::move(recipient));
        outcomes.push_back(std::move(outcome));
    }

    /// "550 code-unknown: refused" or "250: failed correction>anna@kunde.example, …": the answer,
    /// then each verdict with its notices.
    [[nodiscard]] std::string settled() const {
        std::vector<Judged> judged;
        for (std::size_t i = 0; i < recipients.size(); ++i)
            judged.push_back({recipients[i], outcomes[i]});
        const auto refusal = settle(judged, envelope, header, others);
        std::string out = refusal ? "550 " + std::string(code_of(refusal->reason)) : "250";
        for (const Judged& one : judged) {
            out += std::string(&one == judged.data() ? ": " : ", ");
            out += name_of(one.outcome.verdict);
            for (const NoticePlan& notice : one.outcome.notices)
                out += " " + std::string(name_of(notice.kind)) + ">" + notice.to;
        }
        return out;
    }

    [[nodiscard]] std::string at_headers() const {
        std::vector<Judged> judged;
        for (std::size_t i = 0; i < recipients.size(); ++i)
            judged.push_back({recipients[i], outcomes[i]});
        const auto refusal = refusal_at_headers(judged, envelope, header, others);
        return refusal ? std::string(code_of(refusal->reason)) : "";
    }
};

inline Mail mail_to(RecipientFacts recipient, Result result) {
    Mail mail;
    mail.add(std::move(recipient), result);
    return mail;
}

inline RecipientFacts tagged_with(OnFailure on_failure) {
    RecipientFacts recipient = test::to_tagged();
    recipient.policy.on_failure = on_failure;
    return recipient;
}

inline RecipientFacts without_notify(RecipientFacts recipient) {
    recipient.client.notify.clear();
    return recipient;
}

inline RecipientFacts without_sender(RecipientFacts recipient) {
    recipient.sender.reset();
    return recipient;
}

/// A second address of the office's, for mails to two.
inline RecipientFacts second(RecipientFacts recipient) {
    recipient.address.address = "faktury+2222222222@in.example.com";
    return recipient;
}

} // namespace kwit::rules::settled
