// Who is told of a mail that was taken.
#include "tests/unit/rules/settled.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

using namespace settled;

TEST_SUITE("rules/told") {
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

    TEST_CASE("what proves a whole domain proves none of its addresses: the office is told") {
        struct Case {
            std::string_view proof;
            std::string_view login;
            bool is_of_address;
        };

        RecipientFacts recipient = test::to_tagged();
        recipient.sender->email = "@kunde.example";
        for (const Case& c :
             {Case{"dmarc", "", true},
              Case{"dkim", "", true},
              Case{"spf", "", true},
              Case{"arc", "", true},
              Case{"login", "Jan@kunde.example", true},
              Case{"login", "gateway", false},
              Case{"certificate", "jan@kunde.example", false},
              Case{"via", "", false},
              Case{"secret", "", false}}) {
            CAPTURE(c.proof);
            CAPTURE(c.login);
            const auto settled = [&](Result result) {
                Mail mail = mail_to(recipient, result);
                mail.outcomes.front().sender = "jan@kunde.example";
                mail.outcomes.front().authenticated_by = c.proof;
                mail.envelope.login = c.login;
                return mail.settled();
            };
            const auto either = [&](std::string_view yes, std::string_view no) {
                return c.is_of_address ? yes : no;
            };
            CHECK(
                settled(Result::imported) == either(
                                                 "250: imported confirmation>jan@kunde.example",
                                                 "250: imported import>biuro@example.com"
                                             )
            );
            CHECK(
                settled(Result::subject) == either(
                                                "250: failed correction>jan@kunde.example",
                                                "250: failed failure>biuro@example.com"
                                            )
            );
        }
    }

    TEST_CASE("where the office cannot be told of such a mail, or a machine sent it, SMTP says it"
    ) {
        RecipientFacts recipient = test::to_tagged();
        recipient.sender->email = "@kunde.example";
        Mail mail = mail_to(recipient, Result::subject);
        mail.outcomes.front().authenticated_by = "secret";
        CHECK(mail.settled() == "250: failed failure>biuro@example.com");
        mail.header.automatic.bulk = true;
        CHECK(mail.settled() == "550 code-unknown: refused");
        Mail untold = mail_to(without_notify(recipient), Result::subject);
        untold.outcomes.front().authenticated_by = "secret";
        CHECK(untold.settled() == "550 code-unknown: refused");
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
}

} // namespace kwit::rules
