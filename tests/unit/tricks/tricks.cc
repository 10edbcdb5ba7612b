// Gives every trick to kwit as the milter would: caps, headers, structure, contents, what is in
// what holds other files, rules.
#include "core/config/config.hh"
#include "core/inspect/pool.hh"
#include "core/intake/inspection.hh"
#include "core/intake/unpacking.hh"
#include "core/mime/caps.hh"
#include "core/mime/header_facts.hh"
#include "core/mime/split.hh"
#include "core/rules/engine.hh"
#include "core/rules/settle.hh"
#include "core/rules/subject.hh"
#include "tests/unit/mime/mail.hh"
#include "tests/unit/result.hh"
#include "tests/unit/tricks/tables.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>

namespace kwit::test {

namespace {

std::string said(const Finding& finding) {
    if (finding.reason == Reason::ambiguous_structure)
        return "ambiguous: " + finding.values.at("what");
    std::string out(code_of(finding.reason));
    return finding.detail.empty() ? out : out + "/" + finding.detail;
}

RecipientFacts recipient_of(const Policy& policy) {
    RecipientFacts recipient;
    recipient.address = {
        .address = "k7m2q9x4tc-rechnungen@in.example.com",
        .client = "10023",
        .policy = policy.name,
        .symbol = "ER"};
    recipient.client = {.id = "10023", .name = "Kunde", .notify = {"biuro@example.com"}};
    recipient.policy = policy;
    recipient.locale = "de";
    recipient.timezone = "Europe/Berlin";
    return recipient;
}

/// The policy `tagged` for somebody whom it takes: its sender checks have tests of their own.
RecipientFacts tagged_recipient() {
    RecipientFacts recipient = recipient_of(tagged_policy());
    recipient.policy.senders = Senders::anyone;
    recipient.policy.authentication = Authentication::off;
    const Sender anna{.client = "10023", .email = "anna@kunde.example", .code = "932498"};
    recipient.subject = rules::read_subject("[FZ] 11/2024 (932498)");
    recipient.sender = anna;
    recipient.user = anna;
    return recipient;
}

/// A mail as far as it was read.
struct Read {
    HeaderFacts header{};
    mime::Examined body{};
};

/// Opened by the real inspector.
mime::Examined opened(const TempDir& dir, const File& mail) {
    static inspect::Pool pool;
    InspectorSettings settings;
    settings.program = KWIT_INSPECTOR_BUILT;
    settings.timeout = std::chrono::seconds(30);
    const LimitSettings limits;
    const std::set<Format> wanted = {Format::pdf};
    const auto make_temp = [&dir] { return TempFile::create(dir.path()); };
    auto body = mime::examine(mail, limits, wanted, make_temp, mime::Kept::holders);
    REQUIRE_GOOD(body);
    const inspect::Inspect nobody;
    const Inspection inspection(settings, nobody, inspect::unpack_with(pool));
    const auto done = open_holders({limits, wanted, make_temp, inspection}, *body);
    REQUIRE_GOOD(done);
    return *std::move(body);
}

Read read(const std::string& mail) {
    const TempDir dir;
    const File file = file_of(dir, mail);
    mime::Caps caps((LimitSettings()));
    caps.feed(as_bytes(mail));
    Read out;
    const auto split = mime::split_mail(file, {});
    REQUIRE(split.has_value());
    out.header = mime::read_headers(split->fields, {});
    if (caps.over().empty())
        out.body = opened(dir, file);
    else
        out.body.facts.over = caps.over();
    return out;
}

struct Answered {
    Outcome outcome{};
    std::optional<Finding> refusal{};
};

Answered answer(const Read& mail, const RecipientFacts& recipient) {
    const Envelope envelope{.sender = "anna@kunde.example", .queue_id = "4XyZ"};
    const Time now = parse_rfc3339("2026-11-21T10:00:00Z").value();
    std::array judged = {rules::Judged{
        recipient,
        rules::judge({envelope, mail.header, &mail.body.facts, recipient, {}, {}, now})}};
    Answered out;
    out.refusal = rules::settle(judged, envelope, mail.header, rules::Others::none);
    out.outcome = std::move(judged.front().outcome);
    return out;
}

std::string in_words(const Read& mail, const Outcome& outcome) {
    for (const Finding& finding : outcome.findings) {
        if (finding.reason == Reason::ambiguous_structure) return said(finding);
        if (!mail.header.over.empty() || !mail.body.facts.over.empty())
            return "over: " + said(finding);
    }
    std::string out;
    for (const PartOutcome& part : outcome.parts) {
        if (part.disposition == Disposition::body) continue;
        const std::string& name = mail.body.facts.parts.at(part.number - 1).name;
        if (!out.empty()) out += ", ";
        out += (name.empty() ? "-" : name) + " ";
        out += part.finding ? said(*part.finding) : std::string(name_of(part.disposition));
    }
    return out.empty() ? "nothing" : out;
}

std::vector<std::string> stored(const Read& mail, const Outcome& outcome) {
    std::vector<std::string> out;
    for (const PartOutcome& part : outcome.parts) {
        if (part.disposition != Disposition::filed) continue;
        const PartFacts& facts = mail.body.facts.parts.at(part.number - 1);
        const auto file = mail.body.files.find(facts.digest.value());
        REQUIRE(file != mail.body.files.end());
        out.push_back(content_of(file->second));
    }
    return out;
}

bool forwards(const Outcome& outcome) {
    return std::any_of(outcome.notices.begin(), outcome.notices.end(), [](const NoticePlan& plan) {
        return plan.kind == NoticeKind::failure && plan.to == "biuro@example.com";
    });
}

/// Nothing is filed; `open` takes the mail and forwards it to people, `tagged` answers 5xx.
void check_ambiguous(const Read& mail, const Answered& open) {
    CHECK(stored(mail, open.outcome).empty());
    CHECK_FALSE(open.refusal.has_value());
    CHECK(forwards(open.outcome));
    CHECK(open.outcome.verdict == Verdict::failed);
    const Answered tagged = answer(mail, tagged_recipient());
    REQUIRE(tagged.refusal.has_value());
    CHECK(reply_code_of(tagged.refusal->reason).smtp.front() == '5');
    CHECK(tagged.outcome.verdict == Verdict::refused);
}

void check(const Trick& trick) {
    CAPTURE(trick.name);
    const Read mail = read(trick.mail);
    const Answered open = answer(mail, recipient_of(open_policy()));
    std::string words = in_words(mail, open.outcome);
    const std::string longest = std::string(196, 'a') + ".pdf";
    if (words == longest + " filed") words = "LONG filed";
    CHECK(words == trick.answer);
    CHECK(stored(mail, open.outcome) == trick.stored);
    if (trick.answer.starts_with("ambiguous")) check_ambiguous(mail, open);
}

/// docs/hostile-mail.md; KWIT_DOCUMENT is set by meson.build.
std::string document() {
    std::ifstream file(KWIT_DOCUMENT);
    return {std::istreambuf_iterator<char>(file), {}};
}

void check_all(const std::vector<Trick>& tricks) {
    const std::string text = document();
    std::set<std::string_view> names;
    for (const Trick& trick : tricks) {
        check(trick);
        CHECK_MESSAGE(names.insert(trick.name).second, trick.name);
        const std::string row =
            "| " + std::string(trick.name) + " | " + std::string(trick.answer) + " |";
        CHECK_MESSAGE(text.find(row) != std::string::npos, "not in the document: ", row);
    }
}

} // namespace

TEST_SUITE("tricks") {
    TEST_CASE("headers") {
        check_all(header_tricks());
    }

    TEST_CASE("boundaries") {
        check_all(boundary_tricks());
    }

    TEST_CASE("structure") {
        check_all(structure_tricks());
    }

    TEST_CASE("encodings") {
        check_all(encoding_tricks());
    }

    TEST_CASE("names of files") {
        check_all(name_tricks());
    }

    TEST_CASE("contents") {
        check_all(content_tricks());
    }
}

} // namespace kwit::test
