// What a mail is answered in SMTP, for all of its recipients.
#include "tests/unit/rules/settled.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

using namespace settled;
using test::World;

TEST_SUITE("rules/settle") {
    TEST_CASE("the answer to a mail for one import address, by policy and by who may be told") {
        // Columns: the sender may be written to; must not be (automatic mail); must not be and
        // there are no notification addresses. Each alone in the envelope, then beside others.
        struct Case {
            std::string_view label;
            OnFailure on_failure;
            Result result;
            Others others;
            std::string_view allowed;
            std::string_view automatic;
            std::string_view nobody;
        };

        constexpr auto none = Others::none;
        constexpr auto some = Others::some;
        constexpr std::string_view told_sender = "250: failed correction>anna@kunde.example";
        constexpr std::string_view told_office = "250: failed failure>biuro@example.com";
        constexpr std::string_view untold = "250: failed";
        constexpr std::string_view no = "550 code-unknown: refused";
        constexpr std::string_view unclear = "550 ambiguous-structure: refused";
        constexpr std::string_view partial_sender = "250: partial correction>anna@kunde.example";
        constexpr std::string_view partial_office = "250: partial failure>biuro@example.com";
        constexpr std::string_view stranger = "550 sender-not-registered: refused";
        constexpr std::string_view line = "250: refused failure>biuro@example.com";
        constexpr auto reply = OnFailure::reply;
        constexpr auto reject = OnFailure::reject;
        constexpr auto forward = OnFailure::forward;
        for (const Case& c : {
                 Case{"reply", reply, Result::subject, none, told_sender, no, no},
                 Case{
                     "reply, others",
                     reply,
                     Result::subject,
                     some,
                     told_sender,
                     told_office,
                     untold},
                 Case{
                     "reply, partial",
                     reply,
                     Result::partial,
                     none,
                     partial_sender,
                     partial_office,
                     "250: partial"},
                 Case{
                     "reply, partial, others",
                     reply,
                     Result::partial,
                     some,
                     partial_sender,
                     partial_office,
                     "250: partial"},
                 Case{
                     "reply, ambiguous", reply, Result::ambiguous, none, unclear, unclear, unclear},
                 Case{
                     "reply, ambiguous, others",
                     reply,
                     Result::ambiguous,
                     some,
                     told_sender,
                     told_office,
                     untold},
                 Case{"reject", reject, Result::subject, none, no, no, no},
                 Case{
                     "reject, others",
                     reject,
                     Result::subject,
                     some,
                     told_sender,
                     told_office,
                     untold},
                 Case{
                     "reject, partial",
                     reject,
                     Result::partial,
                     none,
                     partial_sender,
                     partial_office,
                     "250: partial"},
                 Case{
                     "reject, ambiguous",
                     reject,
                     Result::ambiguous,
                     none,
                     unclear,
                     unclear,
                     unclear},
                 Case{
                     "reject, ambiguous, others",
                     reject,
                     Result::ambiguous,
                     some,
                     told_sender,
                     told_office,
                     untold},
                 Case{"forward", forward, Result::subject, none, told_office, told_office, no},
                 Case{
                     "forward, others",
                     forward,
                     Result::subject,
                     some,
                     told_office,
                     told_office,
                     untold},
                 Case{
                     "forward, partial",
                     forward,
                     Result::partial,
                     none,
                     partial_office,
                     partial_office,
                     "250: partial"},
                 Case{
                     "forward, ambiguous",
                     forward,
                     Result::ambiguous,
                     none,
                     told_office,
                     told_office,
                     unclear},
                 Case{"stranger", reply, Result::stranger, none, stranger, stranger, stranger},
                 Case{
                     "stranger, forward",
                     forward,
                     Result::stranger,
                     none,
                     stranger,
                     stranger,
                     stranger},
                 Case{
                     "stranger, others", reply, Result::stranger, some, line, line, "250: refused"},
                 Case{
                     "stranger, forward, others",
                     forward,
                     Result::stranger,
                     some,
                     line,
                     line,
                     "250: refused"},
             }) {
            CAPTURE(c.label);
            Mail mail = mail_to(tagged_with(c.on_failure), c.result);
            mail.others = c.others;
            CHECK(mail.settled() == c.allowed);
            mail.header.automatic.auto_submitted = true;
            CHECK(mail.settled() == c.automatic);
            Mail nobody = mail_to(without_notify(tagged_with(c.on_failure)), c.result);
            nobody.others = c.others;
            nobody.header.automatic.auto_submitted = true;
            CHECK(nobody.settled() == c.nobody);
        }
    }

    TEST_CASE("several import recipients are refused together or not at all") {
        const RecipientFacts first = test::to_tagged();
        const RecipientFacts other = second(test::to_tagged());
        const std::string correction = "failed correction>anna@kunde.example";

        struct Case {
            std::string_view label;
            RecipientFacts one;
            Result of_one;
            RecipientFacts two;
            Result of_two;
            std::string settled;
        };

        const auto reject = [](RecipientFacts recipient) {
            recipient.policy.on_failure = OnFailure::reject;
            return recipient;
        };
        for (const Case& c : {
                 Case{
                     "both good",
                     first,
                     Result::imported,
                     other,
                     Result::imported,
                     "250: imported confirmation>anna@kunde.example, "
                     "imported confirmation>anna@kunde.example"},
                 Case{
                     "one good, one told",
                     first,
                     Result::imported,
                     other,
                     Result::subject,
                     "250: imported confirmation>anna@kunde.example, " + correction},
                 Case{
                     "one good, one rejecting",
                     first,
                     Result::imported,
                     reject(other),
                     Result::subject,
                     "250: imported confirmation>anna@kunde.example, " + correction},
                 Case{
                     "one good, one a stranger's",
                     first,
                     Result::imported,
                     without_sender(other),
                     Result::stranger,
                     "250: imported confirmation>anna@kunde.example, refused "
                     "failure>biuro@example.com"},
                 Case{
                     "both told",
                     first,
                     Result::subject,
                     other,
                     Result::subject,
                     "250: " + correction + ", " + correction},
                 Case{
                     "one told, one rejecting",
                     first,
                     Result::subject,
                     reject(other),
                     Result::subject,
                     "250: " + correction + ", " + correction},
                 Case{
                     "both rejecting, the first reason counts",
                     reject(first),
                     Result::subject,
                     reject(other),
                     Result::ambiguous,
                     "550 code-unknown: refused, refused"},
                 Case{
                     "rejecting and a stranger's",
                     reject(first),
                     Result::subject,
                     without_sender(other),
                     Result::stranger,
                     "550 code-unknown: refused, refused"},
                 Case{
                     "both strangers'",
                     without_sender(first),
                     Result::stranger,
                     without_sender(other),
                     Result::stranger,
                     "550 sender-not-registered: refused, refused"},
                 Case{
                     "stranger's and forwarded",
                     without_sender(first),
                     Result::stranger,
                     test::to_open(),
                     Result::subject,
                     "250: refused failure>biuro@example.com, failed failure>biuro@example.com"},
                 Case{
                     "both ambiguous",
                     first,
                     Result::ambiguous,
                     other,
                     Result::ambiguous,
                     "550 ambiguous-structure: refused, refused"},
                 Case{
                     "ambiguous, and one forwards",
                     first,
                     Result::ambiguous,
                     test::to_open(),
                     Result::ambiguous,
                     "250: " + correction + ", failed failure>biuro@example.com"},
             }) {
            CAPTURE(c.label);
            Mail mail = mail_to(c.one, c.of_one);
            mail.add(c.two, c.of_two);
            CHECK(mail.settled() == c.settled);
        }
    }

    TEST_CASE("at the end of headers a 5xx is said only when no body could change it") {
        struct Case {
            std::string_view label;
            Result result;
            OnFailure on_failure;
            std::string_view refusal;
        };

        for (const Case& c : {
                 Case{"nothing wrong so far", Result::imported, OnFailure::reject, ""},
                 Case{"stranger", Result::stranger, OnFailure::reply, "sender-not-registered"},
                 Case{"subject, reject", Result::subject, OnFailure::reject, "code-unknown"},
                 Case{"subject, reply", Result::subject, OnFailure::reply, ""},
                 Case{"subject, forward", Result::subject, OnFailure::forward, ""},
                 Case{
                     "ambiguous, reply",
                     Result::ambiguous,
                     OnFailure::reply,
                     "ambiguous-structure"},
                 Case{"ambiguous, forward", Result::ambiguous, OnFailure::forward, ""},
             }) {
            CAPTURE(c.label);
            Mail mail = mail_to(tagged_with(c.on_failure), c.result);
            CHECK(mail.at_headers() == c.refusal);
            const bool refused = mail.settled().starts_with("550");
            CHECK(refused == !c.refusal.empty());
            Mail more = mail;
            more.others = Others::some;
            CHECK(more.at_headers().empty());
            more = mail;
            more.add(second(test::to_tagged()), Result::imported);
            CHECK(more.at_headers().empty());
        }
        CHECK(Mail{}.at_headers().empty());
        Mail automatic = mail_to(test::to_tagged(), Result::subject);
        automatic.header.automatic.list = true;
        CHECK(automatic.at_headers() == "code-unknown");
    }

    TEST_CASE("what the rules say and what the mail gets agree, from facts to answer") {
        World world;
        world.set_subject("faktura listopad");
        std::vector<Judged> mail{{world.recipient, world.judge()}};
        CHECK_FALSE(settle(mail, world.envelope, world.header, Others::none).has_value());
        CHECK(mail.front().outcome.verdict == Verdict::failed);
        CHECK(
            mail.front().outcome.notices ==
            std::vector<NoticePlan>{{NoticeKind::correction, "anna@kunde.example"}}
        );
        world.header.results.clear();
        mail.clear();
        mail.push_back({world.recipient, world.judge_headers()});
        const auto refusal = refusal_at_headers(mail, world.envelope, world.header, Others::none);
        REQUIRE(refusal.has_value());
        CHECK(refusal->reason == Reason::sender_not_authenticated);
    }
}

} // namespace kwit::rules
