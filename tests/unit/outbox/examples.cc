// docs/notices.md shows notices as they are: every example there is rendered here.
#include "core/base/text.hh"
#include "core/outbox/card.hh"
#include "core/outbox/samples.hh"
#include "tests/unit/outbox/office.hh"

#include <doctest/doctest.h>

#include <sstream>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

NoticeFacts confirmation() {
    NoticeFacts facts = facts_of(NoticeKind::confirmation);
    add_document(facts, "faktura 17.pdf");
    add_document(facts, "faktura 18.pdf");
    return facts;
}

/// A supplier's mail to an open address.
NoticeFacts from_supplier(NoticeKind kind) {
    NoticeFacts facts = facts_of(kind);
    facts.row.to = "books@office.example";
    facts.receipt.address = "k7m2q9x4tc-rechnungen@in.example.com";
    facts.receipt.sender = "billing@supplier.example";
    facts.receipt.subject = "Rechnung 4711";
    facts.receipt.message_id = "<4711@supplier.example>";
    facts.address = ImportAddress{
        .address = facts.receipt.address, .client = "10023", .policy = "open", .symbol = "ER"};
    facts.sender.reset();
    add_document(facts, "rechnung.pdf");
    facts.documents.front().category = "ER";
    facts.documents.front().period = "2026-11";
    return facts;
}

NoticeFacts partial() {
    NoticeFacts facts = from_supplier(NoticeKind::failure);
    add_refused(facts, "agb.docx");
    facts.receipt.findings.front().values["accepted"] = "PDF";
    return facts;
}

NoticeFacts refused() {
    NoticeFacts facts = facts_of(NoticeKind::failure);
    facts.row.to = "books@office.example";
    facts.receipt.verdict = Verdict::refused;
    facts.receipt.sender = "eve@unknown.example";
    facts.receipt.message_id = "<2@unknown.example>";
    facts.receipt.parts.clear();
    facts.receipt.findings.push_back(
        {.reason = Reason::sender_not_registered,
         .values = {{"address", address}, {"from", "eve@unknown.example"}}}
    );
    facts.sender.reset();
    return facts;
}

/// The letter with a client's card for Anna.
NoticeFacts card() {
    const Sender anna{
        .client = "10023", .email = "anna@kunde.example", .code = "932498", .name = "Anna"};
    const auto made = make_card(
        {.id = "10023", .name = "Kunde sp. z o.o."},
        {{.address = address, .client = "10023", .policy = "tagged"}},
        {anna},
        office_settings(),
        texts(),
        at("2026-11-21T12:00:00Z")
    );
    REQUIRE_GOOD(made);
    const auto letter = letter_to(anna, *made, texts());
    REQUIRE(letter.has_value());
    NoticeFacts facts;
    facts.row = {
        .id = row_id,
        .kind = letter->kind,
        .to = letter->to,
        .created_at = at("2026-11-21T12:00:00Z"),
        .domain = letter->domain,
        .subject = letter->subject,
        .text = letter->text};
    return facts;
}

NoticeFacts digest() {
    const auto facts = sample(
        {.kind = "digest", .locale = "en", .domain = ""},
        office_settings(),
        texts(),
        at("2026-11-21T12:00:00Z")
    );
    REQUIRE_GOOD(facts);
    return *facts;
}

/// The notice as people and their programs read it.
std::string shown(const Notice& notice) {
    std::string text = "Envelope sender: <" + notice.sender + ">\n";
    std::string unfolded;
    for (std::size_t at = 0; at < notice.headers.size(); ++at) {
        const bool fold = notice.headers.compare(at, 3, "\r\n ") == 0;
        if (fold) at += 1;
        if (!fold && notice.headers[at] != '\r') unfolded += notice.headers[at];
    }
    for (const std::string_view line : split(trim(unfolded), '\n'))
        text += mime::decode_words(line).text + "\n";
    return "```text\n" + text + "\n" + notice.text + "```\n";
}

std::string page() {
    std::ifstream file(NOTICES);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace

TEST_SUITE("outbox/examples") {

    TEST_CASE("docs/notices.md shows every notice as it is sent") {
        const std::string text = page();
        REQUIRE_FALSE(text.empty());
        for (const NoticeFacts& facts :
             {confirmation(),
              malformed(NoticeKind::correction),
              from_supplier(NoticeKind::import),
              partial(),
              refused()})
            for (const char* locale : {"en", "pl"}) {
                const std::string example = shown(rendered(facts, locale));
                CAPTURE(example);
                const bool is_there = text.find(example) != std::string::npos;
                CHECK(is_there);
            }
        for (const NoticeFacts& facts : {card(), digest()}) {
            const std::string letter = shown(rendered(facts));
            CAPTURE(letter);
            const bool is_there = text.find(letter) != std::string::npos;
            CHECK(is_there);
        }
    }
}
