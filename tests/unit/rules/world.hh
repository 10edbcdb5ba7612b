// The world of the examples: Anna of client 10023, today 21 November 2026, in Warsaw. Each test
// changes what it is about.
#pragma once

#include "core/rules/engine.hh"
#include "core/rules/findings.hh"
#include "core/rules/settle.hh"
#include "core/rules/subject.hh"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace kwit::test {

inline Time at(std::string_view text) {
    return parse_rfc3339(text).value();
}

inline Mailbox mailbox(std::string_view address) {
    return {"", EmailAddress::parse(address).value()};
}

inline Policy tagged() {
    return {
        .name = "tagged",
        .categories = {"FK", "FZ", "FS", "INNE"},
        .formats = {Format::pdf, Format::jpeg, Format::png, Format::tiff},
        .on_failure = OnFailure::reply,
        .tell_sender = true};
}

inline Policy open() {
    return {
        .name = "open",
        .route = Route::address,
        .senders = Senders::anyone,
        .authentication = Authentication::off,
        .formats = {Format::pdf},
        .on_failure = OnFailure::forward,
        .tell_notify = true};
}

inline RecipientFacts to_tagged() {
    const Sender anna{.client = "10023", .email = "anna@kunde.example", .code = "932498"};
    return {
        .address =
            {.address = "faktury+1543030448@in.example.com", .client = "10023", .policy = "tagged"},
        .client = {.id = "10023", .name = "Kunde", .notify = {"biuro@example.com"}},
        .policy = tagged(),
        .locale = "pl",
        .timezone = "Europe/Warsaw",
        .subject = rules::read_subject("[FZ] 11/2024 (932498)"),
        .sender = anna,
        .user = anna};
}

inline RecipientFacts to_open() {
    RecipientFacts recipient = to_tagged();
    recipient.address = {
        .address = "k7m2q9x4tc-rechnungen@in.example.com",
        .client = "10023",
        .policy = "open",
        .symbol = "ER"};
    recipient.policy = open();
    recipient.subject = {};
    recipient.sender.reset();
    recipient.user.reset();
    return recipient;
}

inline AuthenticationResults dkim_pass(std::string domain) {
    return {
        .authserv_id = "mx.example.com",
        .methods = {{"dkim", "pass", {{"header.d", std::move(domain)}}}}};
}

inline HeaderFacts from_anna() {
    return {
        .subject = {.count = 1, .text = "[FZ] 11/2024 (932498)"},
        .from =
            {.count = 1,
             .mailboxes = {mailbox("anna@kunde.example")},
             .text = "anna@kunde.example"},
        .date = {.count = 1, .time = at("2026-11-21T09:00:00Z")},
        .message_id = "<1@kunde.example>",
        .results = {dkim_pass("kunde.example")}};
}

inline Digest digest_of(std::string_view bytes) {
    return Digest(sha256(bytes));
}

inline PartFacts text_body() {
    return {
        .number = 1,
        .media_type = "text/plain",
        .place = Place::body,
        .size = 12,
        .digest = digest_of("text"),
        .format = Format::text};
}

inline PartFacts
file_part(std::uint32_t number, std::string name, std::string media_type, Format format) {
    const std::string bytes = name;
    return {
        .number = number,
        .path = name,
        .name = std::move(name),
        .media_type = std::move(media_type),
        .presentation = Presentation::attachment,
        .size = 48213,
        .digest = digest_of(bytes),
        .format = format};
}

inline PartFacts pdf_part(std::uint32_t number, std::string name) {
    return file_part(number, std::move(name), "application/pdf", Format::pdf);
}

/// All that one judgement needs; a good mail until a test spoils it.
struct World {
    Envelope envelope{.sender = "anna@kunde.example", .queue_id = "4XyZ"};
    HeaderFacts header = from_anna();
    BodyFacts body{.parts = {text_body(), pdf_part(2, "faktura 17.pdf")}};
    RecipientFacts recipient = to_tagged();
    TrustSettings trust{.authserv_ids = {"mx.example.com"}};
    LimitSettings limits{};
    Time now = at("2026-11-21T10:00:00Z");

    void set_subject(const std::string& subject) {
        header.subject.text = subject;
        recipient.subject = rules::read_subject(subject);
        if (rules::code_read(recipient.subject) != "932498") recipient.user.reset();
    }

    [[nodiscard]] Outcome judge() const { return checked(&body); }

    [[nodiscard]] Outcome judge_headers() const { return checked(nullptr); }

private:
    /// Whatever a test is about: no finding leaves the rules that the texts do not know.
    [[nodiscard]] Outcome checked(const BodyFacts* facts) const {
        Outcome outcome = rules::judge({envelope, header, facts, recipient, trust, limits, now});
        const auto check = [](const Finding& finding) {
            CAPTURE(code_of(finding.reason));
            CAPTURE(finding.detail);
            CHECK(rules::form_of(finding) != nullptr);
        };
        for (const Finding& finding : outcome.findings)
            check(finding);
        for (const PartOutcome& part : outcome.parts)
            if (part.finding) check(*part.finding);
        return outcome;
    }
};

inline World open_world() {
    World world;
    world.recipient = to_open();
    world.header.subject.text = "Ihre Rechnung 4711";
    world.header.from.mailboxes = {mailbox("rechnung@lieferant.example")};
    world.header.results.clear();
    world.envelope.sender = "rechnung@lieferant.example";
    return world;
}

/// "subject-malformed/code, no-document": reasons with their details, for whole comparisons.
inline std::string reasons_of(const std::vector<Finding>& findings) {
    std::string out;
    for (const Finding& finding : findings) {
        if (!out.empty()) out += ", ";
        out += code_of(finding.reason);
        if (!finding.detail.empty()) out += "/" + finding.detail;
    }
    return out;
}

} // namespace kwit::test
