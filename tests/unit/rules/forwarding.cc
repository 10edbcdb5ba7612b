#include "core/rules/forwarding.hh"

#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

namespace {

using test::World;

constexpr const char* gmail = "forwarding-noreply@google.com";

/// A provider's question, which the border found to be from there.
void ask(World& world, const std::string& author = gmail) {
    const Mailbox mailbox = test::mailbox(author);
    world.header.from.mailboxes = {mailbox};
    world.header.subject.text = "(#123456789) Gmail Forwarding Confirmation";
    world.header.results = {test::dkim_pass(mailbox.address.domain())};
    world.header.automatic.auto_submitted = true;
    world.envelope.sender = author;
    world.recipient.sender.reset();
    world.recipient.user.reset();
    world.recipient.subject = {};
    world.body.parts = {test::text_body()};
}

/// "250: failed failure>biuro@example.com"
std::string settled(const World& world) {
    const Outcome outcome = world.judge();
    std::vector<Judged> judged = {{world.recipient, outcome}};
    const auto refusal = settle(judged, world.envelope, world.header, Others::none);
    std::string out = refusal ? "550 " + std::string(code_of(refusal->reason)) : "250";
    out += ": " + std::string(name_of(judged.front().outcome.verdict));
    for (const NoticePlan& notice : judged.front().outcome.notices)
        out += " " + std::string(name_of(notice.kind)) + ">" + notice.to;
    return out;
}

} // namespace

TEST_SUITE("rules/forwarding") {
    TEST_CASE("the questions of the big providers are known by who sends them") {
        struct Case {
            std::string_view author;
            std::string_view subject;
            std::string_view provider;
        };

        for (const Case& c : {
                 Case{gmail, "(#123456789) Gmail Forwarding Confirmation", "Gmail"},
                 {"Forwarding-NoReply@google.com", "(Gmail) 转发确认", "Gmail"},
                 {"noreply@google.com", "Forwarding confirmation", ""},
                 {"forwarding-noreply@google.com.example", "Gmail Forwarding Confirmation", ""},
                 {"account-security-noreply@accountprotection.microsoft.com",
                  "Confirm your forwarding address",
                  "Outlook.com"},
                 {"no-reply@microsoft.com", "Outlook: potwierdź przekierowanie", "Outlook.com"},
                 {"No-Reply@outlook.com", "Weiterleitung bestätigen", "Outlook.com"},
                 {"no-reply@microsoft.com", "Your invoice", ""},
                 {"anna@outlook.com", "Please forward this", ""},
                 {"no-reply@notmicrosoft.com", "Forwarding", ""},
                 {"no-reply@live.com.example", "Forwarding", ""},
             }) {
            CAPTURE(c.author);
            CAPTURE(c.subject);
            CHECK(asks_to_forward(test::mailbox(c.author).address, c.subject) == c.provider);
        }
    }

    TEST_CASE("a provider's question goes to the notification addresses, whatever the policy") {
        for (const World& usual : {World{}, test::open_world()}) {
            CAPTURE(usual.recipient.policy.name);
            World world = usual;
            ask(world);
            const Outcome outcome = world.judge();
            CHECK(outcome.verdict == Verdict::failed);
            CHECK(test::reasons_of(outcome.findings) == "forwarding-confirmation");
            CHECK(outcome.findings.front().values.at("provider") == "Gmail");
            CHECK_FALSE(outcome.sender_problem);
            CHECK_FALSE(outcome.filing.has_value());
            CHECK(settled(world) == "250: failed failure>biuro@example.com");
            CHECK(world.judge_headers().verdict == Verdict::failed);
            world.recipient.policy.on_failure = OnFailure::reject;
            CHECK(settled(world) == "250: failed failure>biuro@example.com");
        }
    }

    TEST_CASE("providers need not sign what cuts the mail into parts, but what people read") {
        struct Case {
            std::vector<std::string> uncovered;
            bool whole_body;
            std::string_view settled;
        };

        for (const Case& c :
             {Case{{"content-type", "date"}, true, "250: failed failure>biuro@example.com"},
              Case{{"subject"}, true, "550 sender-not-authenticated: refused"},
              Case{{"content-type"}, false, "550 sender-not-authenticated: refused"}}) {
            CAPTURE(c.settled);
            World world;
            ask(world);
            world.header.signatures = {SignatureFacts{
                .readable = true,
                .domain = "google.com",
                .whole_body = c.whole_body,
                .uncovered = c.uncovered}};
            CHECK(settled(world) == c.settled);
        }
    }

    TEST_CASE("what only says that it is from a provider is judged as any other mail") {
        World world;
        ask(world);
        world.header.results = {test::dkim_pass("evil.example")};
        CHECK(settled(world) == "550 sender-not-authenticated: refused");
        World open = test::open_world();
        ask(open);
        open.header.results.clear();
        CHECK(settled(open) == "250: failed failure>biuro@example.com");
        CHECK(test::reasons_of(open.judge().findings) == "no-document");
    }

    TEST_CASE("where nobody can be told, a provider is a stranger") {
        World world;
        ask(world);
        world.recipient.client.notify.clear();
        CHECK(settled(world) == "550 sender-not-registered: refused");
    }

    TEST_CASE("documents in such a mail are not filed") {
        World world = test::open_world();
        ask(world);
        world.body.parts.push_back(test::pdf_part(2, "rechnung.pdf"));
        const Outcome outcome = world.judge();
        REQUIRE(outcome.parts.size() == 2);
        CHECK(outcome.parts[1].disposition == Disposition::refused);
        CHECK(outcome.parts[1].finding->reason == Reason::forwarding_confirmation);
    }

    TEST_CASE("a mail to an address that was replaced says so") {
        World world;
        CHECK(world.judge().flags.empty());
        world.recipient.address.replaced_by = "faktury+2@in.example.com";
        CHECK(world.judge().flags == Flags{"address-replaced"});
        CHECK(world.judge().verdict == Verdict::imported);
    }
}

} // namespace kwit::rules
