#include "core/outbox/notice.hh"

#include "tests/unit/outbox/office.hh"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

/// 7-bit lines with CRLF of at most 76 octets, no field that was not meant, no empty line.
void check_block(std::string_view block) {
    const std::vector<std::string_view> known = {
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress"};
    for (std::size_t at = 0; at < block.size();) {
        const std::size_t end = block.find("\r\n", at);
        REQUIRE(end != std::string_view::npos);
        const std::string_view line = block.substr(at, end - at);
        CAPTURE(line);
        REQUIRE_FALSE(line.empty());
        CHECK(line.size() <= 76);
        CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
        const std::string_view name = line.substr(0, line.find(':'));
        CHECK((line.front() == ' ' || std::find(known.begin(), known.end(), name) != known.end()));
        at = end + 2;
    }
}

NoticeFacts three_documents(NoticeKind kind) {
    NoticeFacts facts = facts_of(kind);
    for (const char* name : {"a.pdf", "b.pdf", "c.pdf"})
        add_document(facts, name);
    return facts;
}

} // namespace

TEST_SUITE("outbox/notice") {

    TEST_CASE("a reply to a sender says who it is from, what it answers, and asks for no answer") {
        const Notice notice = rendered(three_documents(NoticeKind::confirmation), "pl");
        check_block(notice.headers);
        CHECK(notice.sender.empty());
        CHECK(notice.to == "anna@kunde.example");
        CHECK(notice.helo == "in.example.com");
        CHECK(notice.queue_id == "4ABCD");
        CHECK_FALSE(notice.attach.has_value());
        CHECK(
            decoded_header(notice.headers, "From") ==
            "Biuro Rachunkowe Żółw <noreply@in.example.com>"
        );
        CHECK(header(notice.headers, "Reply-To") == "biuro@example.com");
        CHECK(header(notice.headers, "To") == "<anna@kunde.example>");
        CHECK(decoded_header(notice.headers, "Subject") == "Przyjęto 3 dokumenty: FZ 11/2024");
        CHECK(header(notice.headers, "Date") == "Sat, 21 Nov 2026 12:00:00 +0000");
        CHECK(header(notice.headers, "Message-ID") == "<" + row_id + "@in.example.com>");
        CHECK(header(notice.headers, "In-Reply-To") == "<1@kunde.example>");
        CHECK(header(notice.headers, "References") == "<1@kunde.example>");
        CHECK(header(notice.headers, "Auto-Submitted") == "auto-replied");
        CHECK(header(notice.headers, "X-Auto-Response-Suppress") == "All");
    }

    TEST_CASE("a mail to a notification address comes back to its outbox row") {
        for (const NoticeKind kind : {NoticeKind::import, NoticeKind::failure}) {
            const Notice notice = rendered(three_documents(kind));
            check_block(notice.headers);
            CHECK(notice.sender == "bounce+01jda0000000000000000000r1@in.example.com");
            CHECK(header(notice.headers, "Auto-Submitted") == "auto-generated");
        }
    }

    TEST_CASE("every kind has its own subject in every language") {
        struct Case {
            NoticeKind kind;
            std::string_view locale;
            std::string_view subject;
        };

        for (const Case& c :
             {Case{NoticeKind::confirmation, "en", "Filed 3 documents: FZ 11/2024"},
              {NoticeKind::confirmation, "de", "3 Belege angenommen: FZ 11/2024"},
              {NoticeKind::confirmation, "pl", "Przyjęto 3 dokumenty: FZ 11/2024"},
              {NoticeKind::import, "en", "Imported 3 documents: FZ 11/2024 (Kunde sp. z o.o.)"},
              {NoticeKind::import, "de", "3 Belege importiert: FZ 11/2024 (Kunde sp. z o.o.)"},
              {NoticeKind::import,
               "pl",
               "Nowy import: 3 dokumenty, FZ 11/2024 (Kunde sp. z o.o.)"}})
            CHECK(rendered(three_documents(c.kind), std::string(c.locale)).subject == c.subject);
        for (const Case& c :
             {Case{NoticeKind::correction, "en", "Not filed, please correct: faktura listopad"},
              {NoticeKind::correction,
               "de",
               "Nicht angenommen, bitte berichtigen: faktura listopad"},
              {NoticeKind::correction,
               "pl",
               "Nie przyjęto, prosimy o poprawienie: faktura listopad"},
              {NoticeKind::failure, "en", "Import failed: faktura listopad (Kunde sp. z o.o.)"},
              {NoticeKind::failure,
               "de",
               "Import fehlgeschlagen: faktura listopad (Kunde sp. z o.o.)"},
              {NoticeKind::failure, "pl", "Nieudany import: faktura listopad (Kunde sp. z o.o.)"}})
            CHECK(rendered(malformed(c.kind), std::string(c.locale)).subject == c.subject);
    }

    TEST_CASE("Polish counts documents in its three forms") {
        for (const auto& [count, subject] : std::map<std::size_t, std::string_view>{
                 {1, "Przyjęto 1 dokument: FZ 11/2024"},
                 {2, "Przyjęto 2 dokumenty: FZ 11/2024"},
                 {4, "Przyjęto 4 dokumenty: FZ 11/2024"},
                 {5, "Przyjęto 5 dokumentów: FZ 11/2024"},
                 {12, "Przyjęto 12 dokumentów: FZ 11/2024"},
                 {22, "Przyjęto 22 dokumenty: FZ 11/2024"}}) {
            NoticeFacts facts = facts_of(NoticeKind::confirmation);
            for (std::size_t i = 0; i < count; ++i)
                add_document(facts, "a.pdf");
            CHECK(rendered(facts, "pl").subject == subject);
        }
    }

    TEST_CASE("the client's language goes before the domain's") {
        NoticeFacts facts = three_documents(NoticeKind::confirmation);
        facts.client->locale = "de";
        CHECK(rendered(facts, "pl").subject == "3 Belege angenommen: FZ 11/2024");
    }

    TEST_CASE("what a sender wrote cannot make a header or turn the text round") {
        for (const std::string& subject :
             {std::string("x\r\nBcc: eve@evil.example\r\n\r\nbody"),
              std::string("=?UTF-8?Q?x?="),
              std::string("abc\u202edef\x1b[2J"),
              std::string(10000, 'x'),
              std::string("\xff\xfe\x80 z\xc5"),
              std::string("ż ") + std::string(300, '\t')}) {
            NoticeFacts facts = malformed(NoticeKind::failure);
            facts.receipt.subject = subject;
            facts.client->name = "Firma\r\nTo: x@evil.example";
            facts.receipt.sender = "anna\r\n@kunde.example";
            const Notice notice = rendered(facts);
            CAPTURE(subject);
            check_block(notice.headers);
            CHECK(header(notice.headers, "Bcc").empty());
            CHECK(header(notice.headers, "To") == "<anna@kunde.example>");
            CHECK(notice.subject.size() < 400);
            CHECK(decoded_header(notice.headers, "Subject") == notice.subject);
            CHECK(notice.text.find("\u202e") == std::string::npos);
            CHECK(notice.text.find('\r') == std::string::npos);
            CHECK(notice.text.find('\x1b') == std::string::npos);
            CHECK(notice.text.find("\nBcc:") == std::string::npos);
        }
    }

    TEST_CASE("only a sane Message-ID is answered") {
        struct Case {
            std::string id;
            bool sane;
        };

        for (const Case& c :
             {Case{"<1@kunde.example>", true},
              {"<" + std::string(196, 'x') + "@y>", true},
              {"<" + std::string(197, 'x') + "@y>", false},
              {"", false},
              {"1@kunde.example", false},
              {"<@kunde.example>", false},
              {"<1@>", false},
              {"<1@a@b>", false},
              {"<1 2@kunde.example>", false},
              {"<1@kunde.example\r\nBcc: x@evil.example>", false},
              {"<1@kunde.example> <2@kunde.example>", false},
              {"<ż@kunde.example>", false}}) {
            CAPTURE(c.id);
            NoticeFacts facts = three_documents(NoticeKind::confirmation);
            facts.receipt.message_id = c.id;
            const std::string headers = rendered(facts).headers;
            CHECK(header(headers, "In-Reply-To") == (c.sane ? c.id : ""));
            CHECK(header(headers, "References") == (c.sane ? c.id : ""));
        }
    }

    TEST_CASE("the original goes with a failure, up to the limit and not when it was refused") {
        struct Case {
            std::string_view label;
            NoticeKind kind;
            Verdict verdict;
            std::optional<std::uint64_t> size;
            bool attached;
        };

        const std::uint64_t limit = 1000;
        for (const Case& c :
             {Case{"at the limit", NoticeKind::failure, Verdict::failed, limit, true},
              {"partial", NoticeKind::failure, Verdict::partial, limit, true},
              {"one byte over", NoticeKind::failure, Verdict::failed, limit + 1, false},
              {"refused", NoticeKind::failure, Verdict::refused, limit, false},
              {"swept", NoticeKind::failure, Verdict::failed, std::nullopt, false},
              {"correction", NoticeKind::correction, Verdict::failed, limit, false},
              {"import", NoticeKind::import, Verdict::imported, limit, false}}) {
            CAPTURE(c.label);
            Settings settings = office_settings();
            settings.outbox.forward_max = limit;
            NoticeFacts facts = malformed(c.kind);
            facts.receipt.verdict = c.verdict;
            facts.original_size = c.size;
            const auto notice = render(facts, settings, texts());
            REQUIRE_GOOD(notice);
            CHECK(notice->attach.has_value() == c.attached);
        }
    }

    TEST_CASE("the same facts give the same mail") {
        const NoticeFacts facts = malformed(NoticeKind::correction);
        CHECK(wired(rendered(facts)) == wired(rendered(facts)));
    }

    TEST_CASE("what must not or cannot be written to is refused, and why") {
        struct Case {
            std::string to;
            std::string_view why;
        };

        for (const Case& c :
             {Case{address, "is in an intake domain"},
              {"x@IN.Example.com", "is in an intake domain"},
              {"żółw@kunde.example", "is not ASCII"},
              {"nobody", "nobody"}}) {
            NoticeFacts facts = three_documents(NoticeKind::import);
            facts.row.to = c.to;
            const auto notice = render(facts, office_settings(), texts());
            REQUIRE_FALSE(notice.has_value());
            CHECK(notice.error().kind == Kind::refused);
            CHECK(notice.error().what.find(c.why) != std::string::npos);
        }
    }

    TEST_CASE("a domain that left the configuration still has a sender") {
        Settings settings = office_settings();
        settings.domains.clear();
        const auto notice = render(three_documents(NoticeKind::confirmation), settings, texts());
        REQUIRE_GOOD(notice);
        CHECK(header(notice->headers, "From") == "noreply@in.example.com");
        CHECK(header(notice->headers, "Reply-To").empty());
    }

    TEST_CASE("a letter says what its row says, and comes back to people") {
        NoticeFacts facts;
        facts.row = {
            .id = row_id,
            .kind = NoticeKind::card,
            .to = "anna@kunde.example",
            .created_at = at("2026-11-21T12:00:00Z"),
            .client = "10023",
            .domain = "in.example.com",
            .subject = "Jak wysyłać dokumenty",
            .text = "Dzień dobry,\nkod: 932498\n"};
        const Notice notice = rendered(facts, "pl");
        check_block(notice.headers);
        CHECK(notice.sender == "biuro@example.com");
        CHECK(notice.to == "anna@kunde.example");
        CHECK(notice.helo == "in.example.com");
        CHECK(notice.text == facts.row.text);
        CHECK_FALSE(notice.attach.has_value());
        CHECK(
            decoded_header(notice.headers, "From") ==
            "Biuro Rachunkowe Żółw <noreply@in.example.com>"
        );
        CHECK(header(notice.headers, "To") == "<anna@kunde.example>");
        CHECK(header(notice.headers, "Reply-To") == "biuro@example.com");
        CHECK(decoded_header(notice.headers, "Subject") == "Jak wysyłać dokumenty");
        CHECK(header(notice.headers, "Date") == "Sat, 21 Nov 2026 12:00:00 +0000");
        CHECK(header(notice.headers, "Message-ID") == "<" + row_id + "@in.example.com>");
        CHECK(header(notice.headers, "In-Reply-To").empty());
        CHECK(header(notice.headers, "References").empty());
        CHECK(header(notice.headers, "Auto-Submitted") == "auto-generated");
        CHECK(header(notice.headers, "X-Auto-Response-Suppress") == "DR, RN, NRN, OOF, AutoReply");
        CHECK(wired(notice) == wired(rendered(facts, "pl")));
        CHECK(
            undone(mime::Encoding::quoted_printable, body_of(parts_of(wired(notice)).front())) ==
            "Dzień dobry,\r\nkod: 932498\r\n"
        );
    }

    TEST_CASE("the envelope sender of a letter is the address of reply_to, else nobody") {
        struct Case {
            std::string reply_to;
            std::string sender;
        };

        for (const Case& c :
             {Case{"biuro@example.com", "biuro@example.com"},
              {"Biuro Żółw <biuro@example.com>", "biuro@example.com"},
              {"\"a <b>\" <biuro@example.com>", "biuro@example.com"},
              {"", ""},
              {"żółw@example.com", ""},
              {"faktury+1@in.example.com", ""}}) {
            CAPTURE(c.reply_to);
            Settings settings = office_settings();
            settings.domains.front().reply_to = c.reply_to;
            NoticeFacts facts;
            facts.row = {
                .id = row_id,
                .kind = NoticeKind::report,
                .to = "boss@office.example",
                .subject = "x",
                .text = "x"};
            const auto notice = render(facts, settings, texts());
            REQUIRE_GOOD(notice);
            CHECK(notice->sender == c.sender);
            // No domain of its own: that of the configuration's first one.
            CHECK(header(notice->headers, "Message-ID") == "<" + row_id + "@in.example.com>");
        }
    }
}
