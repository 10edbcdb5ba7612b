// What becomes of a mail: one outcome for each import recipient, and one answer for SMTP.
#pragma once

#include "core/base/time.hh"
#include "core/model/period.hh"
#include "core/model/reason.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

enum class Verdict : std::uint8_t {
    imported, ///< something filed, nothing wrong
    partial,  ///< something filed, something not
    failed,   ///< nothing filed; the mail was taken and somebody is told
    refused,  ///< nothing filed and the sender hears it in SMTP
};

enum class Disposition : std::uint8_t {
    filed,
    duplicate, ///< the same bytes stand in this mail already
    annex,
    decoration,
    body,
    container,
    signature,
    ignored,
    refused,
};

/// Whether a document was made of it: what was filed, and the annexes beside it.
constexpr bool becomes_document(Disposition disposition) {
    return disposition == Disposition::filed || disposition == Disposition::annex;
}

/// "imported", "filed"…: the words of records and listings.
std::string_view name_of(Verdict verdict);
std::string_view name_of(Disposition disposition);
std::optional<Verdict> verdict_named(std::string_view name);
std::optional<Disposition> disposition_named(std::string_view name);

enum class NoticeKind : std::uint8_t {
    confirmation, ///< to the sender: all is filed
    correction,   ///< to the sender: what is wrong and how to send it again
    import,       ///< to a notification address: something new is filed
    failure,      ///< to a notification address: the mail as it came, to be imported by hand
    card,         ///< to a sender: how to send documents; a letter
    report,       ///< to whoever is to read it: what came in; a letter
    digest,       ///< to a notification address: what was filed in a day; a letter
    summary,      ///< instead of notices beyond the number of a day; a letter
    test,         ///< to a notification address: whether mails arrive; a letter
};

/// A letter is worded when it is queued: its outbox row holds its subject and text.
constexpr bool is_letter(NoticeKind kind) {
    switch (kind) {
    case NoticeKind::confirmation:
    case NoticeKind::correction:
    case NoticeKind::import:
    case NoticeKind::failure:
        return false;
    case NoticeKind::card:
    case NoticeKind::report:
    case NoticeKind::digest:
    case NoticeKind::summary:
    case NoticeKind::test:
        return true;
    }
    return true;
}

std::string_view name_of(NoticeKind kind);
std::optional<NoticeKind> notice_kind_named(std::string_view name);

/// Why a notice waits to be told together with others in one letter.
enum class Held : std::uint8_t {
    no,
    digest, ///< its recipient wants one mail a day
    cap,    ///< its recipient got as many as a day may have
};

std::string_view name_of(Held held);
std::optional<Held> held_named(std::string_view name);

/// A mail that will be owed when the outcome is kept.
struct NoticePlan {
    NoticeKind kind;
    std::string to;
    std::optional<Time> digest_at{}; ///< when it is told with the others of its day; nothing: now
    friend bool operator==(const NoticePlan&, const NoticePlan&) = default;
};

struct PartOutcome {
    std::uint32_t number = 0; ///< of PartFacts
    Disposition disposition = Disposition::ignored;
    std::optional<Finding> finding{}; ///< why it was refused or ignored
    std::optional<std::uint32_t>
        same_as{}; ///< of a duplicate: the number of the part that is filed
};

/// One rule's answer, kept for `kwit check`.
struct RuleAnswer {
    enum class Result : std::uint8_t { pass, refuse, not_asked };

    std::string rule; ///< "subject-tag"
    Result result = Result::pass;
    std::optional<Finding> finding{};
    std::string note{}; ///< what the rule saw, for people: "dkim pass for kunde.example, relaxed"
};

std::string_view name_of(RuleAnswer::Result result);

/// Parameters that every document of the mail gets.
struct Filing {
    std::string category;
    Period period;
    std::string code{}; ///< of route "subject"
    std::string user{}; ///< the address of the sender whose code it is
};

/// Things worth saying that are no failure: "period-of-receipt" (the Date: could not be used),
/// "year-change"…
using Flags = std::vector<std::string>;

struct Outcome {
    Verdict verdict = Verdict::failed;
    std::vector<Finding> findings{}; ///< the reasons, the first is the one SMTP would name
    std::vector<PartOutcome>
        parts{}; ///< one for each part, in order; empty when refused before they were known
    std::optional<Filing> filing{}; ///< there unless sender or subject failed
    std::vector<NoticePlan> notices{};
    std::string sender{}; ///< EmailAddress::key() of the one From: mailbox; empty: ambiguous
    std::string authenticated_by{}; ///< rules::Proof::method; empty: not
    bool sender_problem =
        false;                ///< refused for who sent it: nothing of the mail is kept or forwarded
    std::string suggestion{}; ///< the corrected subject, where the subject failed
    std::string note{};       ///< the rest of the subject
    Flags flags{};
    std::vector<RuleAnswer> answers{};
};

} // namespace kwit
