#include "core/rules/settle.hh"

#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

namespace {

using test::World;

enum class Result { imported, partial, subject, ambiguous, stranger };

/// What judge() would say, without a mail around it.
Outcome outcome_with(Result result) {
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

Mail mail_to(RecipientFacts recipient, Result result) {
    Mail mail;
    mail.add(std::move(recipient), result);
    return mail;
}

RecipientFacts tagged_with(OnFailure on_failure) {
    RecipientFacts recipient = test::to_tagged();
    recipient.policy.on_failure = on_failure;
    return recipient;
}

RecipientFacts without_notify(RecipientFacts recipient) {
    recipient.client.notify.clear();
    return recipient;
}

RecipientFacts without_sender(RecipientFacts recipient) {
    recipient.sender.reset();
    return recipient;
}

/// A second address of the office's, for mails to two.
RecipientFacts second(RecipientFacts recipient) {
    recipient.address.address = "faktury+2222222222@in.example.com";
    return recipient;
}

} // namespace

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

    TEST_CASE("the sender is written to only when registered, proved and no machine") {
        struct Case {
            std::string_view label;
            void (*spoil)(Mail&);
        };

        for (const Case& c : {
                 Case{"null sender", [](Mail& m) { m.envelope.sender.clear(); }},
                 Case{"auto-submitted", [](Mail& m) { m.header.automatic.auto_submitted = true; }},
                 Case{"bulk", [](Mail& m) { m.header.automatic.bulk = true; }},
                 Case{"list", [](Mail& m) { m.header.automatic.list = true; }},
                 Case{"suppressed", [](Mail& m) { m.header.automatic.suppressed = true; }},
                 Case{"report", [](Mail& m) { m.header.automatic.report = true; }},
                 Case{
                     "bounces", [](Mail& m) { m.envelope.sender = "MAILER-DAEMON@kunde.example"; }},
                 Case{"a list", [](Mail& m) { m.envelope.sender = "owner-staff@kunde.example"; }},
                 Case{
                     "a list's commands",
                     [](Mail& m) { m.envelope.sender = "staff-request@kunde.example"; }},
                 Case{
                     "a list of today",
                     [](Mail& m) { m.envelope.sender = "staff-bounces+7=a@kunde.example"; }},
                 Case{"no proof", [](Mail& m) { m.outcomes.front().authenticated_by.clear(); }},
                 Case{"not registered", [](Mail& m) { m.recipients.front().sender.reset(); }},
                 Case{
                     "an import address of the mail",
                     [](Mail& m) {
                         m.outcomes.front().sender = m.recipients.front().address.address;
                     }},
             }) {
            CAPTURE(c.label);
            Mail good = mail_to(test::to_tagged(), Result::imported);
            CHECK(good.settled() == "250: imported confirmation>anna@kunde.example");
            c.spoil(good);
            CHECK(good.settled() == "250: imported");
            Mail failed = mail_to(test::to_tagged(), Result::subject);
            c.spoil(failed);
            CHECK(failed.settled() == "550 code-unknown: refused");
        }
    }

    TEST_CASE("who is registered by a domain is written to at the address that wrote") {
        RecipientFacts recipient = test::to_tagged();
        recipient.sender->email = "@kunde.example";
        Mail mail = mail_to(recipient, Result::imported);
        mail.outcomes.front().sender = "jan@kunde.example";
        CHECK(mail.settled() == "250: imported confirmation>jan@kunde.example");
    }

    TEST_CASE("who hears of an imported mail is the policy's choice") {
        RecipientFacts recipient = test::to_tagged();
        recipient.policy.tell_sender = false;
        CHECK(mail_to(recipient, Result::imported).settled() == "250: imported");
        recipient.policy.tell_notify = true;
        CHECK(
            mail_to(recipient, Result::imported).settled() ==
            "250: imported import>biuro@example.com"
        );
        recipient.policy.tell_sender = true;
        recipient.client.notify.emplace_back("zwei@example.com");
        CHECK(
            mail_to(recipient, Result::imported).settled() ==
            "250: imported confirmation>anna@kunde.example import>biuro@example.com "
            "import>zwei@example.com"
        );
        // Suppliers' invoices come from machines: the office is told all the same.
        Mail automatic = mail_to(test::to_open(), Result::imported);
        automatic.envelope.sender.clear();
        automatic.header.automatic.auto_submitted = true;
        CHECK(automatic.settled() == "250: imported import>biuro@example.com");
    }

    TEST_CASE("a partial mail tells each address once what was filed and what not") {
        RecipientFacts recipient = test::to_tagged();
        recipient.policy.tell_notify = true;
        CHECK(
            mail_to(recipient, Result::partial).settled() ==
            "250: partial correction>anna@kunde.example import>biuro@example.com"
        );
        CHECK(
            mail_to(test::to_open(), Result::partial).settled() ==
            "250: partial failure>biuro@example.com"
        );
    }

    TEST_CASE("with `preferred` the office hears of a mail whose sender is not proved") {
        RecipientFacts recipient = test::to_tagged();
        recipient.policy.authentication = Authentication::preferred;
        Mail mail = mail_to(recipient, Result::imported);
        CHECK(mail.settled() == "250: imported confirmation>anna@kunde.example");
        mail.outcomes.front().authenticated_by.clear();
        CHECK(mail.settled() == "250: imported import>biuro@example.com");
        mail.recipients.front().policy.tell_sender = false;
        CHECK(mail.settled() == "250: imported");
    }

    TEST_CASE("an address is told once, and no import address is ever told") {
        RecipientFacts recipient = test::to_tagged();
        recipient.policy.tell_notify = true;
        recipient.client.notify = {
            "Anna@Kunde.example",
            "biuro@example.com",
            "BIURO@example.com",
            "Faktury+1543030448@in.example.com",
            "faktury+2222222222@in.example.com"};
        CHECK(
            mail_to(recipient, Result::imported).settled() ==
            "250: imported confirmation>anna@kunde.example import>biuro@example.com "
            "import>faktury+2222222222@in.example.com"
        );
        Mail both = mail_to(recipient, Result::imported);
        both.add(second(recipient), Result::imported);
        const std::string one = "imported confirmation>anna@kunde.example import>biuro@example.com";
        CHECK(both.settled() == "250: " + one + ", " + one);
        // Only import addresses to tell is nobody to tell.
        recipient.policy.on_failure = OnFailure::forward;
        recipient.client.notify = {"faktury+1543030448@in.example.com"};
        CHECK(mail_to(recipient, Result::subject).settled() == "550 code-unknown: refused");
    }

    TEST_CASE("machines do not talk to each other for ever") {
        // Our own notice that a mailbox sends on to an import address is told to nobody.
        for (const Result result : {Result::imported, Result::partial, Result::subject}) {
            Mail own = mail_to(test::to_open(), result);
            own.header.automatic.own_notice = true;
            CHECK(own.settled().find('>') == std::string::npos);
        }
        Mail own = mail_to(test::to_open(), Result::subject);
        own.header.automatic.own_notice = true;
        CHECK(own.settled() == "550 code-unknown: refused");
        CHECK(own.at_headers() == "code-unknown");
        own.others = Others::some;
        CHECK(own.settled() == "250: failed");
        // The answering machine of a notification address is not told that its answer failed …
        RecipientFacts recipient = test::to_open();
        recipient.client.notify = {"anna@kunde.example", "biuro@example.com"};
        Mail answer = mail_to(recipient, Result::subject);
        CHECK(
            answer.settled() == "250: failed failure>anna@kunde.example failure>biuro@example.com"
        );
        answer.header.automatic.auto_submitted = true;
        CHECK(answer.settled() == "250: failed failure>biuro@example.com");
        answer.header = {}; // by its envelope alone
        answer.header.automatic.bulk = true;
        CHECK(answer.settled() == "250: failed failure>biuro@example.com");
        recipient.client.notify = {"Anna@Kunde.example"};
        Mail alone = mail_to(recipient, Result::subject);
        alone.header.automatic.auto_submitted = true;
        CHECK(alone.settled() == "550 code-unknown: refused");
        // … but of what is filed everybody is told: a mailbox may send invoices on by itself.
        Mail filed = mail_to(recipient, Result::imported);
        filed.header.automatic.auto_submitted = true;
        CHECK(filed.settled() == "250: imported import>Anna@Kunde.example");
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
