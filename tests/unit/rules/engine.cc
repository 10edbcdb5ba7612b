#include "core/rules/engine.hh"

#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

namespace {

using test::reasons_of;
using test::World;

/// "sender-one-address+ sender-authenticated! sender-registered-": passed, refused, not asked.
std::string answers_of(const Outcome& outcome) {
    std::string out;
    for (const RuleAnswer& answer : outcome.answers) {
        if (!out.empty()) out += " ";
        out += answer.rule;
        out += answer.result == RuleAnswer::Result::pass     ? "+"
               : answer.result == RuleAnswer::Result::refuse ? "!"
                                                             : "-";
    }
    return out;
}

/// "body filed refused": one word a part.
std::string parts_of(const Outcome& outcome) {
    std::string out;
    for (const PartOutcome& part : outcome.parts) {
        if (!out.empty()) out += " ";
        out += name_of(part.disposition);
    }
    return out;
}

} // namespace

TEST_SUITE("rules/engine") {
    TEST_CASE("a good mail to a tagged address is imported under its subject") {
        const Outcome outcome = World{}.judge();
        CHECK(outcome.verdict == Verdict::imported);
        CHECK(outcome.findings.empty());
        CHECK(outcome.sender == "anna@kunde.example");
        CHECK(outcome.authenticated_by == "dkim");
        CHECK_FALSE(outcome.sender_problem);
        REQUIRE(outcome.filing.has_value());
        CHECK(outcome.filing->category == "FZ");
        CHECK(outcome.filing->period.text() == "2024-11");
        CHECK(outcome.filing->code == "932498");
        CHECK(outcome.filing->user == "anna@kunde.example");
        CHECK(parts_of(outcome) == "body filed");
        CHECK(outcome.suggestion.empty());
        CHECK(outcome.flags.empty());
        CHECK(
            answers_of(outcome) ==
            "no-forwarding-question+ "
            "sender-one-address+ sender-authenticated+ sender-registered+ headers-within-limits+ "
            "headers-unambiguous+ subject-tag+ subject-category+ subject-period+ subject-code+ "
            "body-within-limits+ structure-unambiguous+ documents-within-limit+ parts-accepted+ "
            "document-present+"
        );
        CHECK(outcome.answers.at(2).note == "dkim pass for kunde.example");
    }

    TEST_CASE("a supplier's mail to an open address is filed as its symbol and month") {
        World world = test::open_world();
        world.body.parts.push_back(
            test::file_part(3, "agb.docx", "application/x-docx", Format::office)
        );
        const Outcome outcome = world.judge();
        CHECK(outcome.verdict == Verdict::partial);
        CHECK(reasons_of(outcome.findings) == "part-not-accepted/office");
        CHECK(parts_of(outcome) == "body filed refused");
        REQUIRE(outcome.filing.has_value());
        CHECK(outcome.filing->category == "ER");
        CHECK(outcome.filing->period.text() == "2026-11");
        CHECK(outcome.filing->code.empty());
        CHECK(outcome.sender == "rechnung@lieferant.example");
        CHECK(outcome.authenticated_by.empty());
        CHECK(
            answers_of(outcome) ==
            "no-forwarding-question+ "
            "sender-one-address+ sender-authenticated+ sender-registered+ headers-within-limits+ "
            "headers-unambiguous+ subject-tag- subject-category- subject-period- subject-code- "
            "body-within-limits+ structure-unambiguous+ documents-within-limit+ parts-accepted! "
            "document-present+"
        );
    }

    TEST_CASE("everything wrong with a subject is said at once") {
        struct Case {
            std::string subject;
            std::string_view reasons;
        };

        for (const Case& c : {
                 Case{"[FZ] 11/2024 (932498)", ""},
                 Case{"[FX] 11/2024 (932498)", "category-unknown/near"},
                 Case{"[FAKTURA] 11/2024 (932498)", "category-unknown"},
                 Case{"[FZ] 13/2024 (932498)", "period-invalid/month"},
                 Case{"[FZ] 00/2024 (932498)", "period-invalid/month"},
                 Case{"[FZ] 11/24 (932498)", "period-invalid/short-year"},
                 Case{"[FZ] 11/1999 (932498)", "period-invalid/year"},
                 Case{"[FZ] 11/2000 (932498)", ""},
                 Case{"[FZ] 11/2027 (932498)", ""},
                 Case{"[FZ] 11/2028 (932498)", "period-invalid/year"},
                 Case{"[FZ] 11/2024 (932499)", "code-unknown"},
                 Case{
                     "[FX] 13/24 (932499)",
                     "category-unknown/near, period-invalid/month, code-unknown"},
                 Case{"[FZ] 11/2024", "subject-malformed/code"},
                 Case{"[FZ] 11/2024 932498", "subject-malformed/code"},
                 Case{"FZ 11/2024 (932498)", "subject-malformed/category"},
                 Case{"[FZ] (932498)", "subject-malformed/period"},
                 Case{"faktura listopad", "subject-malformed/category-period-code"},
                 Case{"", "subject-malformed/empty"},
                 Case{" ", "subject-malformed/empty"},
                 Case{"[FZ] 11/2024 (932498) [FS] 12/2024 (932498)", "subject-malformed/two-tags"},
             }) {
            CAPTURE(c.subject);
            World world;
            world.set_subject(c.subject);
            const Outcome outcome = world.judge();
            CHECK(reasons_of(outcome.findings) == c.reasons);
            CHECK(reasons_of(world.judge_headers().findings) == c.reasons);
            const bool good = c.reasons.empty();
            CHECK(outcome.verdict == (good ? Verdict::imported : Verdict::failed));
            CHECK(outcome.filing.has_value() == good);
            CHECK(outcome.suggestion.empty() == good);
            CHECK(parts_of(outcome) == (good ? "body filed" : "body refused"));
        }
    }

    TEST_CASE("findings about the subject quote what was read and what is known") {
        const auto values = [](const char* subject) {
            World world;
            world.set_subject(subject);
            return world.judge().findings.front().values;
        };
        using Values = std::map<std::string, std::string>;
        CHECK(
            values("[fx] 11/2024 (932498)") ==
            Values{{"known", "FK, FZ, FS, INNE"}, {"near", "FK, FZ, FS"}, {"read", "FX"}}
        );
        CHECK(values("[FZ] 13/2024 (932498)") == Values{{"period", "13/2024"}, {"read", "13"}});
        CHECK(values("[FZ] 00/2024 (932498)") == Values{{"period", "00/2024"}, {"read", "0"}});
        CHECK(values("[FZ] 11/24 (932498)") == Values{{"period", "11/24"}, {"read", "24"}});
        CHECK(
            values("[FZ] 11/2028 (932498)") ==
            Values{{"first", "2000"}, {"last", "2027"}, {"period", "11/2028"}, {"read", "2028"}}
        );
        CHECK(values("[FZ] 11/2024 (932499)") == Values{{"read", "932499"}});
        CHECK(values("faktura listopad") == Values{{"read", "faktura listopad"}});
    }

    TEST_CASE("the category is filed in the policy's spelling, the rest of the subject is a note") {
        World world;
        world.recipient.policy.categories = {"Inne"};
        world.set_subject("[INNE] 2/2026 (932498) umowa");
        const Outcome outcome = world.judge();
        REQUIRE(outcome.filing.has_value());
        CHECK(outcome.filing->category == "Inne");
        CHECK(outcome.filing->period.text() == "2026-02");
        CHECK(outcome.note == "umowa");
    }

    TEST_CASE("the code may be that of a colleague") {
        World world;
        world.set_subject("[FZ] 11/2024 (111222)");
        world.recipient.user =
            Sender{.client = "10023", .email = "ewa@kunde.example", .code = "111222"};
        const Outcome outcome = world.judge();
        CHECK(outcome.verdict == Verdict::imported);
        REQUIRE(outcome.filing.has_value());
        CHECK(outcome.filing->user == "ewa@kunde.example");
        CHECK(outcome.sender == "anna@kunde.example");
    }

    TEST_CASE("who may send is decided by registration and proof as the policy says") {
        enum class Is { yes, no };

        struct Case {
            std::string_view label;
            Senders senders;
            Authentication authentication;
            Is authentic;
            Is registered;
            std::string_view reasons;
        };

        constexpr auto registered = Senders::registered;
        constexpr auto anyone = Senders::anyone;
        constexpr auto required = Authentication::required;
        constexpr auto preferred = Authentication::preferred;
        constexpr auto off = Authentication::off;
        constexpr std::string_view no_proof = "sender-not-authenticated";
        constexpr std::string_view stranger = "sender-not-registered";
        for (const Case& c : {
                 Case{"required, all is well", registered, required, Is::yes, Is::yes, ""},
                 Case{"required, forged", registered, required, Is::no, Is::yes, no_proof},
                 Case{"required, stranger", registered, required, Is::yes, Is::no, stranger},
                 Case{"required, neither", registered, required, Is::no, Is::no, no_proof},
                 Case{"preferred, all is well", registered, preferred, Is::yes, Is::yes, ""},
                 Case{"preferred, no proof", registered, preferred, Is::no, Is::yes, ""},
                 Case{"preferred, stranger", registered, preferred, Is::yes, Is::no, stranger},
                 Case{"preferred, neither", registered, preferred, Is::no, Is::no, stranger},
                 Case{"off, registered", registered, off, Is::no, Is::yes, ""},
                 Case{"off, stranger", registered, off, Is::no, Is::no, stranger},
                 Case{"anyone, neither", anyone, off, Is::no, Is::no, ""},
                 Case{"anyone with proof", anyone, required, Is::yes, Is::no, ""},
                 Case{"anyone without proof", anyone, required, Is::no, Is::no, no_proof},
             }) {
            CAPTURE(c.label);
            World world;
            world.recipient.policy.senders = c.senders;
            world.recipient.policy.authentication = c.authentication;
            if (c.authentic == Is::no) world.header.results.clear();
            if (c.registered == Is::no) world.recipient.sender.reset();
            const Outcome outcome = world.judge();
            CHECK(reasons_of(outcome.findings) == c.reasons);
            CHECK(outcome.sender_problem != c.reasons.empty());
            CHECK(outcome.verdict == (c.reasons.empty() ? Verdict::imported : Verdict::refused));
            CHECK(outcome.authenticated_by == (c.authentic == Is::yes ? "dkim" : ""));
        }
    }

    TEST_CASE("what did not count as a proof is noted, also where the policy asks for none") {
        World world;
        world.header.results.clear();
        world.recipient.policy.authentication = Authentication::preferred;
        const auto note = [&world] {
            for (const RuleAnswer& answer : world.judge().answers)
                if (answer.rule == "sender-authenticated") return answer.note;
            return std::string();
        };
        CHECK(note() == "not authenticated; the policy does not require it");
        world.recipient.secret = SecretInAddress::wrong;
        CHECK(
            note() == "not authenticated; the policy does not require it: "
                      "the secret in the address is not the sender's, or not any more"
        );
    }

    TEST_CASE("a sender problem ends the asking: a stranger learns nothing more") {
        World world;
        world.header.results.clear();
        world.header.ambiguities = {"duplicate-date"};
        world.set_subject("nonsense");
        const Outcome outcome = world.judge();
        CHECK(
            answers_of(outcome) ==
            "no-forwarding-question+ "
            "sender-one-address+ sender-authenticated! sender-registered- headers-within-limits- "
            "headers-unambiguous- subject-tag- subject-category- subject-period- subject-code- "
            "body-within-limits- structure-unambiguous- documents-within-limit- parts-accepted- "
            "document-present-"
        );
        CHECK(outcome.parts.empty());
        CHECK(outcome.suggestion.empty());
        CHECK_FALSE(outcome.filing.has_value());
        // Whether the address is registered changes nothing of the answer.
        World stranger = world;
        stranger.recipient.sender.reset();
        CHECK(stranger.judge().findings == outcome.findings);
        CHECK(answers_of(stranger.judge()) == answers_of(outcome));
    }

    TEST_CASE("an author who cannot be told is refused where the author matters") {
        struct Case {
            std::string_view label;
            FromFacts from;
            std::string_view reasons;
        };

        const Mailbox anna = test::mailbox("anna@kunde.example");
        const Mailbox other = test::mailbox("second@attack.example");
        for (const Case& c : {
                 Case{"none", {}, "sender-ambiguous/missing"},
                 Case{
                     "two headers",
                     {.count = 2, .mailboxes = {anna}, .text = "x"},
                     "sender-ambiguous/several-headers"},
                 Case{
                     "two mailboxes",
                     {.count = 1, .mailboxes = {anna, other}, .text = "x"},
                     "sender-ambiguous/several-addresses"},
                 Case{
                     "a group",
                     {.count = 1, .mailboxes = {anna}, .problem = "group", .text = "x"},
                     "sender-ambiguous/syntax"},
                 Case{
                     "no address",
                     {.count = 1, .problem = "syntax", .text = "x"},
                     "sender-ambiguous/syntax"},
             }) {
            CAPTURE(c.label);
            World world;
            world.header.from = c.from;
            world.recipient.login_is_sender = true; // even then
            CHECK(reasons_of(world.judge().findings) == c.reasons);
            CHECK(world.judge().sender_problem);
            world.recipient.policy.authentication = Authentication::off;
            CHECK(reasons_of(world.judge().findings) == c.reasons);
            World open = test::open_world();
            open.header.from = c.from;
            open.header.ambiguities = {"duplicate-from"};
            const Outcome outcome = open.judge();
            CHECK(outcome.verdict == Verdict::imported);
            CHECK(outcome.sender.empty());
            CHECK(outcome.authenticated_by.empty());
        }
    }

    TEST_CASE("limits and two-way readings end the asking, and nothing is filed") {
        struct Case {
            std::string_view label;
            void (*spoil)(World&);
            std::string_view reasons;
            std::string_view last_asked;
        };

        for (const Case& c : {
                 Case{
                     "header lines",
                     [](World& w) { w.header.over = {Limit::headers}; },
                     "headers-over-limit/headers",
                     "headers-within-limits"},
                 Case{
                     "header bytes",
                     [](World& w) { w.header.over = {Limit::header_bytes}; },
                     "headers-over-limit/header-bytes",
                     "headers-within-limits"},
                 Case{
                     "address header",
                     [](World& w) { w.header.over = {Limit::address_header}; },
                     "headers-over-limit/address-header",
                     "headers-within-limits"},
                 Case{
                     "two subjects",
                     [](World& w) { w.header.subject.count = 2; },
                     "ambiguous-structure",
                     "headers-unambiguous"},
                 Case{
                     "two dates",
                     [](World& w) { w.header.ambiguities = {"duplicate-date"}; },
                     "ambiguous-structure",
                     "headers-unambiguous"},
                 Case{
                     "message",
                     [](World& w) { w.body.over = {Limit::message}; },
                     "message-too-large",
                     "body-within-limits"},
                 Case{
                     "parts",
                     [](World& w) { w.body.over = {Limit::parts}; },
                     "too-many-parts/parts",
                     "body-within-limits"},
                 Case{
                     "documents",
                     [](World& w) { w.body.over = {Limit::documents}; },
                     "too-many-parts/documents",
                     "body-within-limits"},
                 Case{
                     "depth",
                     [](World& w) { w.body.over = {Limit::depth}; },
                     "nesting-too-deep",
                     "body-within-limits"},
                 Case{
                     "boundaries",
                     [](World& w) { w.body.ambiguities = {"boundary"}; },
                     "ambiguous-structure",
                     "structure-unambiguous"},
             }) {
            for (World world : {World{}, test::open_world()}) {
                CAPTURE(c.label);
                c.spoil(world);
                const Outcome outcome = world.judge();
                CHECK(reasons_of(outcome.findings) == c.reasons);
                CHECK(outcome.verdict == Verdict::failed);
                CHECK_FALSE(outcome.sender_problem);
                CHECK(parts_of(outcome) == "body refused");
                REQUIRE(outcome.parts.back().finding.has_value());
                CHECK(*outcome.parts.back().finding == outcome.findings.front());
                const auto asked = answers_of(outcome);
                CHECK(asked.find(std::string(c.last_asked) + "!") != std::string::npos);
                CHECK(asked.find('+', asked.find('!')) == std::string::npos);
            }
        }
    }

    TEST_CASE("a limit is quoted as configured") {
        World world;
        world.limits.parts = 7;
        world.body.over = {Limit::parts};
        CHECK(world.judge().findings.front().values.at("limit") == "7");
        world.body.over.clear();
        world.header.ambiguities = {"duplicate-date", "duplicate-subject"};
        world.header.subject.count = 2;
        CHECK(
            world.judge().findings.front().values.at("what") == "duplicate-date, duplicate-subject"
        );
    }

    TEST_CASE("as many documents as the limit are filed, one more files none") {
        World world;
        world.limits.documents = 2;
        world.body.parts.push_back(test::pdf_part(3, "b.pdf"));
        CHECK(world.judge().verdict == Verdict::imported);
        PartFacts again = test::pdf_part(4, "b.pdf"); // the same bytes count once
        world.body.parts.push_back(again);
        CHECK(world.judge().verdict == Verdict::imported);
        CHECK(parts_of(world.judge()) == "body filed filed duplicate");
        world.body.parts.push_back(test::pdf_part(5, "c.pdf"));
        const Outcome outcome = world.judge();
        CHECK(outcome.verdict == Verdict::failed);
        CHECK(reasons_of(outcome.findings) == "too-many-parts/documents");
        CHECK(outcome.findings.front().values.at("limit") == "2");
        CHECK(parts_of(outcome) == "body refused refused refused refused");
    }

    TEST_CASE("what was filed and what was not make the verdict") {
        const PartFacts pdf = test::pdf_part(2, "a.pdf");
        const PartFacts docx = test::file_part(3, "b.docx", "application/x", Format::office);
        const PartFacts heic = test::file_part(4, "c.heic", "image/heic", Format::heic);
        PartFacts damaged = test::pdf_part(5, "d.pdf");
        damaged.damage = {Damage::base64_junk};
        PartFacts card = test::file_part(6, "card.vcf", "text/vcard", Format::text);

        struct Case {
            std::string_view label;
            std::vector<PartFacts> parts;
            Verdict verdict;
            std::string_view reasons;
        };

        for (const Case& c : {
                 Case{"filed", {pdf}, Verdict::imported, ""},
                 Case{"filed and a card", {pdf, card}, Verdict::imported, ""},
                 Case{"some of each", {pdf, docx}, Verdict::partial, "part-not-accepted/office"},
                 Case{"nothing good", {docx}, Verdict::failed, "part-not-accepted/office"},
                 Case{
                     "each reason once",
                     {docx, damaged, heic},
                     Verdict::failed,
                     "part-not-accepted/office, encoding-damaged/base64"},
                 Case{"nothing to judge", {card}, Verdict::failed, "no-document"},
                 Case{"no part at all", {}, Verdict::failed, "no-document"},
             }) {
            CAPTURE(c.label);
            for (World world : {World{}, test::open_world()}) {
                world.body.parts = c.parts;
                const Outcome outcome = world.judge();
                CHECK(outcome.verdict == c.verdict);
                CHECK(reasons_of(outcome.findings) == c.reasons);
                CHECK(outcome.filing.has_value());
                CHECK(outcome.parts.size() == c.parts.size());
            }
        }
    }

    TEST_CASE("annexes are filed beside a document, and never alone") {
        World world = test::open_world();
        world.recipient.policy.annex = {"*agb*"};
        world.body.parts.push_back(test::pdf_part(3, "AGB.pdf"));
        const Outcome both = world.judge();
        CHECK(both.verdict == Verdict::imported);
        CHECK(parts_of(both) == "body filed annex");

        world.body.parts[1] = test::pdf_part(2, "unsere agb.pdf");
        const Outcome alone = world.judge();
        CHECK(alone.verdict == Verdict::failed);
        CHECK(reasons_of(alone.findings) == "no-document/annexes");
        CHECK(alone.findings.front().values.at("name") == "unsere agb.pdf, AGB.pdf");
        CHECK(parts_of(alone) == "body refused refused");

        // The reason of each part is its own: the annexes are not encrypted.
        world.body.parts[1] = test::pdf_part(2, "rechnung.pdf");
        world.body.parts[1].pdf = PdfFacts{.state = PdfFacts::State::encrypted};
        const Outcome beside = world.judge();
        CHECK(beside.verdict == Verdict::failed);
        CHECK(reasons_of(beside.findings) == "pdf-encrypted, no-document/annexes");
        CHECK(beside.parts.at(1).finding->reason == Reason::pdf_encrypted);
        CHECK(beside.parts.at(2).finding->reason == Reason::no_document);
    }

    TEST_CASE("annexes count as documents of the mail") {
        World world = test::open_world();
        world.recipient.policy.annex = {"*agb*"};
        world.body.parts.push_back(test::pdf_part(3, "AGB.pdf"));
        world.limits.documents = 2;
        CHECK(world.judge().verdict == Verdict::imported);
        world.limits.documents = 1;
        CHECK(reasons_of(world.judge().findings) == "too-many-parts/documents");
    }

    TEST_CASE("what the office marked leaves nothing to file") {
        World world;
        world.recipient.decorations = {*world.body.parts[1].digest};
        const Outcome outcome = world.judge();
        CHECK(parts_of(outcome) == "body decoration");
        CHECK(reasons_of(outcome.findings) == "no-document");
    }

    TEST_CASE("a wrong subject does not hide what is wrong with the documents") {
        World world;
        world.set_subject("[FX] 11/2024 (932498)");
        world.body.parts.push_back(test::file_part(3, "b.docx", "application/x", Format::office));
        const Outcome outcome = world.judge();
        CHECK(reasons_of(outcome.findings) == "category-unknown/near, part-not-accepted/office");
        CHECK(parts_of(outcome) == "body refused refused");
        CHECK(outcome.parts[1].finding->reason == Reason::category_unknown);
        CHECK(outcome.parts[2].finding->reason == Reason::part_not_accepted);
    }

    TEST_CASE("at the end of headers only what headers tell is asked") {
        const Outcome good = World{}.judge_headers();
        CHECK(good.findings.empty());
        CHECK(good.parts.empty());
        CHECK(
            answers_of(good) ==
            "no-forwarding-question+ "
            "sender-one-address+ sender-authenticated+ sender-registered+ headers-within-limits+ "
            "headers-unambiguous+ subject-tag+ subject-category+ subject-period+ subject-code+ "
            "body-within-limits- structure-unambiguous- documents-within-limit- parts-accepted- "
            "document-present-"
        );
    }

    TEST_CASE("what is worth saying and no failure is a flag") {
        World world;
        world.header.subject.unknown_charset = true;
        world.header.subject.damaged = true;
        CHECK(world.judge().flags == Flags{"subject-charset-unknown", "subject-damaged"});
        World open = test::open_world();
        open.header.date = {};
        CHECK(open.judge().flags == Flags{"period-of-receipt"});
        open.header.date = {1, test::at("2025-12-31T12:00:00Z")};
        CHECK(open.judge().flags == Flags{"year-change"});
        CHECK(open.judge().filing->period.text() == "2025-12");
    }
}

} // namespace kwit::rules
