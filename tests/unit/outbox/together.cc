// One letter instead of many notices: how it is worded, made and sent.
#include "core/outbox/together.hh"

#include "core/archive/commit.hh"
#include "core/archive/directory.hh"
#include "core/archive/journal.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "core/outbox/submitter.hh"
#include "tests/unit/outbox/office.hh"
#include "tests/unit/outbox/smtp_server.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

#include <fstream>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const std::string books = "books@office.example";

/// An archive in which mails are owed to somebody.
class House {
public:
    House() {
        archive_ = open();
        REQUIRE_GOOD(add_client(
            *archive_, {.id = "10023", .name = "Kunde", .notify = {books}}, {"test", time}
        ));
    }

    Archive& archive() { return *archive_; }

    /// As after the program ended and was started again.
    void reopen() {
        archive_.reset();
        archive_ = open();
    }

    /// A mail of which somebody is told; the id of its receipt.
    std::string
    owe(NoticeKind kind,
        const std::string& to = books,
        std::optional<Time> digest_at = {},
        std::uint32_t per_day = 100) {
        return keep_all({draft(kind, to, digest_at)}, per_day);
    }

    /// So many failed mails at once, each of them held.
    void owe_held(std::size_t count) {
        keep_all(std::vector<ReceiptDraft>(count, draft(NoticeKind::failure, books, {})), 0);
    }

    std::vector<OutboxRow> rows() {
        auto listed = list_outbox(*archive_);
        REQUIRE_GOOD(listed);
        return *listed;
    }

    NoticeRecord notice(const std::string& receipt) {
        const auto got = get_receipt(*archive_, receipt);
        REQUIRE_GOOD(got);
        REQUIRE(got->notices.size() == 1);
        return got->notices.front();
    }

    /// Rounds until nothing more is due.
    std::vector<TakenMail>
    work(SmtpServer& server, std::size_t expected, const Texts& words = texts()) {
        Submitter submitter(
            {.archive = [this] { return Result<std::shared_ptr<Archive>>(archive_); },
             .view = {},
             .clock = {}}
        );
        Settings settings = office_settings();
        settings.outbox.submit = server.url();
        const View view{
            std::make_shared<const Settings>(std::move(settings)),
            std::make_shared<const Texts>(words)};
        for (bool more = true; more;) {
            const auto round = submitter.round(view, time);
            REQUIRE_GOOD(round);
            more = round->more;
        }
        for (int i = 0; i < 500 && server.taken().size() < expected; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return server.taken();
    }

    Time time = at("2026-11-21T12:00:30Z");

private:
    static ReceiptDraft
    draft(NoticeKind kind, const std::string& to, std::optional<Time> digest_at) {
        ReceiptDraft draft{.receipt = malformed(kind).receipt};
        draft.receipt.id.clear();
        draft.receipt.original.clear();
        draft.notices.push_back({.kind = kind, .to = to, .digest_at = digest_at});
        return draft;
    }

    std::string keep_all(const std::vector<ReceiptDraft>& drafts, std::uint32_t per_day) {
        const auto kept = keep(
            *archive_, {.receipts = drafts, .by = {"test", time}, .caps = {.notices = per_day}}
        );
        REQUIRE_GOOD(kept);
        return kept->front().receipt_id;
    }

    std::shared_ptr<Archive> open() {
        auto opened =
            Archive::open({.path = dir_.path() / "archive", .min_free = 0, .map_size = 64ULL << 20}
            );
        REQUIRE_GOOD(opened);
        return std::shared_ptr<Archive>(*std::move(opened));
    }

    TempDir dir_;
    std::shared_ptr<Archive> archive_;
};

std::string plain_of(const TakenMail& mail) {
    const std::string part = parts_of(mail.data).front();
    std::string text = undone(mime::Encoding::quoted_printable, body_of(part));
    std::erase(text, '\r');
    return text;
}

NoticeFacts of(const std::string& id, Verdict verdict, Held held) {
    NoticeFacts facts = verdict == Verdict::imported ? facts_of(NoticeKind::import)
                                                     : malformed(NoticeKind::failure);
    facts.row.held = held;
    facts.row.to = books;
    facts.receipt.id = id;
    facts.receipt.verdict = verdict;
    if (verdict == Verdict::imported) add_document(facts, "rechnung.pdf");
    return facts;
}

} // namespace

TEST_SUITE("outbox/together") {

    TEST_CASE("a digest lists what was filed, in words") {
        const std::vector<NoticeFacts> notices{
            of("01JDA0000000000000000000C1", Verdict::imported, Held::digest),
            of("01JDA0000000000000000000C2", Verdict::imported, Held::digest)};
        const Letter letter = letter_together(notices, office_settings("de"), texts());
        CHECK(letter.kind == NoticeKind::digest);
        CHECK(letter.to == books);
        CHECK(letter.domain == "in.example.com");
        CHECK(letter.locale == "de");
        CHECK_FALSE(letter.to_sender);
        CHECK(letter.subject == "Importe des Tages: 2 Belege");
        CHECK(
            letter.text ==
            R"(Guten Tag,

Seit der letzten täglichen E-Mail abgelegt: 2 Belege. Was nicht abgelegt werden konnte, wurde sofort gemeldet.

Die E-Mails, die älteste zuerst:
1. 1 Beleg importiert: FZ 11/2024 (Kunde sp. z o.o.) (2026-11-21 13:00): abgelegt
   Von anna@kunde.example: „[FZ] 11/2024 (932498)“
   Dateien: rechnung.pdf
   Quittung: 01JDA0000000000000000000C1
2. 1 Beleg importiert: FZ 11/2024 (Kunde sp. z o.o.) (2026-11-21 13:00): abgelegt
   Von anna@kunde.example: „[FZ] 11/2024 (932498)“
   Dateien: rechnung.pdf
   Quittung: 01JDA0000000000000000000C2

Auf dem Server zeigt „kwit receipt show“ mit der Nummer einer Quittung mehr darüber, und „kwit receipt original“ gibt die E-Mail so aus, wie sie gesendet wurde.

Wenn etwas unklar ist, antworten Sie bitte auf diese E-Mail: Ihre Antwort erreicht biuro@example.com.
)"
        );
    }

    TEST_CASE("clients of several languages are told of in that of the domain") {
        std::vector<NoticeFacts> notices{
            of("01JDA0000000000000000000C1", Verdict::imported, Held::digest),
            of("01JDA0000000000000000000C2", Verdict::imported, Held::digest)};
        notices[0].client->locale = "de";
        notices[1].client->locale = "de";
        CHECK(letter_together(notices, office_settings("pl"), texts()).locale == "de");
        notices[1].client->locale = "en";
        CHECK(letter_together(notices, office_settings("pl"), texts()).locale == "pl");
    }

    TEST_CASE("a summary says why each mail was not filed, and how to get it") {
        const std::vector<NoticeFacts> notices{
            of("01JDA0000000000000000000C1", Verdict::failed, Held::cap)};
        const Letter letter = letter_together(notices, office_settings(), texts());
        CHECK(letter.kind == NoticeKind::summary);
        CHECK(letter.subject == "Further notices of today, put together: 1");
        CHECK(letter.text.find("Category, period and code are missing") != std::string::npos);
        CHECK(letter.text.find("Receipt: 01JDA0000000000000000000C1") != std::string::npos);
        CHECK(letter.text.find("“kwit receipt original”") != std::string::npos);
    }

    TEST_CASE("a sender's summary answers nobody and names no command") {
        NoticeFacts facts = of("01JDA0000000000000000000C1", Verdict::failed, Held::cap);
        facts.row.kind = NoticeKind::correction;
        const Letter letter = letter_together({facts}, office_settings(), texts());
        CHECK(letter.to_sender);
        CHECK(letter.text.find("kwit receipt") == std::string::npos);
        NoticeFacts row;
        row.row = {
            .id = row_id,
            .kind = letter.kind,
            .to = letter.to,
            .domain = letter.domain,
            .subject = letter.subject,
            .text = letter.text,
            .to_sender = true};
        CHECK(rendered(row).sender.empty());
        row.row.to_sender = false;
        CHECK(rendered(row).sender == "bounce+" + lower(row_id) + "@in.example.com");
    }

    TEST_CASE("the number of a day is sent one by one, what is beyond in one letter, none is lost"
    ) {
        House house;
        SmtpServer server;
        std::vector<std::string> receipts;
        for (int i = 0; i < 5; ++i)
            receipts.push_back(house.owe(NoticeKind::failure, books, {}, 2));
        house.owe(NoticeKind::failure, "boss@office.example", {}, 2); // counted by itself
        CHECK(house.work(server, 3).size() == 3);
        const auto held = house.rows();
        REQUIRE(held.size() == 3);
        for (const OutboxRow& row : held) {
            CHECK(row.held == Held::cap);
            CHECK(row.next_attempt == at("2026-11-21T13:00:00Z"));
        }
        house.reopen();
        receipts.push_back(house.owe(NoticeKind::failure, books, {}, 2));
        house.time = at("2026-11-21T13:00:00Z");
        const auto mails = house.work(server, 4);
        REQUIRE(mails.size() == 4);
        CHECK(mails[3].to == books);
        const std::string text = plain_of(mails[3]);
        for (std::size_t i = 0; i < receipts.size(); ++i)
            CHECK((text.find(receipts[i]) != std::string::npos) == (i >= 2));
        CHECK(house.rows().empty());
        for (const std::string& receipt : receipts)
            CHECK(house.notice(receipt).state == "sent");
        CHECK(verify(house.archive())->faults.empty());
    }

    TEST_CASE("a new day begins to count anew") {
        House house;
        house.owe(NoticeKind::failure, books, {}, 1);
        house.owe(NoticeKind::failure, "BOOKS@office.example", {}, 1); // the same person
        house.time = at("2026-11-22T00:00:00Z");
        house.owe(NoticeKind::failure, books, {}, 1);
        std::vector<Held> held;
        for (const OutboxRow& row : house.rows())
            held.push_back(row.held);
        CHECK(held == std::vector<Held>{Held::no, Held::cap, Held::no});
    }

    TEST_CASE("a daily mail waits for its hour, and a letter that bounces marks every receipt") {
        House house;
        SmtpServer server;
        const Time hour = at("2026-11-22T06:00:00Z");
        const std::string first = house.owe(NoticeKind::import, books, hour);
        const std::string second = house.owe(NoticeKind::import, books, hour);
        CHECK(house.work(server, 0).empty());
        house.reopen();
        house.time = hour;
        const auto mails = house.work(server, 1);
        REQUIRE(mails.size() == 1);
        const std::string letter = house.notice(first).outbox;
        CHECK(house.notice(second).outbox == letter);
        CHECK(mails[0].from == "bounce+" + lower(letter) + "@in.example.com");
        CHECK(header(mails[0].data, "Auto-Submitted") == "auto-generated");
        CHECK(header(mails[0].data, "X-Auto-Response-Suppress") == "All");
        CHECK(*is_notice(house.archive(), letter));
        REQUIRE_GOOD(mark_bounced(house.archive(), letter, {"test", house.time}));
        CHECK(house.notice(first).state == "bounced");
        CHECK(house.notice(second).state == "bounced");
    }

    TEST_CASE("a letter that cannot be sent keeps its bytes, and is dead for every receipt") {
        House house;
        SmtpServer server("DOT", "451 4.3.0 later");
        const std::string first = house.owe(NoticeKind::failure, books, {}, 0);
        house.time = at("2026-11-21T13:00:00Z");
        CHECK(house.work(server, 0).empty());
        REQUIRE(house.rows().size() == 1);
        const OutboxRow letter = house.rows().front();
        CHECK(letter.kind == NoticeKind::summary);
        CHECK(letter.attempts == 1);
        CHECK(letter.receipts == std::vector<std::string>{first});
        // What comes meanwhile goes into a letter of its own.
        const std::string second = house.owe(NoticeKind::failure, books, {}, 0);
        server.behave("RCPT", "550 5.1.1 nobody");
        house.time += hours(2);
        house.work(server, 0);
        CHECK(house.notice(first).state == "dead");
        CHECK(house.notice(second).state == "dead");
        REQUIRE(house.rows().size() == 2);
        CHECK(house.rows().front().text == letter.text);
        REQUIRE_GOOD(retry_outbox(house.archive(), letter.id, {"test", house.time}));
        CHECK(house.notice(first).state == "queued");
        REQUIRE_GOOD(drop_outbox(house.archive(), letter.id, {"test", house.time}));
        CHECK(house.notice(first).state == "dropped");
        CHECK(verify(house.archive())->faults.empty());
    }

    TEST_CASE("a person sends a held notice by itself") {
        House house;
        SmtpServer server;
        house.owe(NoticeKind::failure, books, {}, 0);
        house.owe(NoticeKind::failure, books, {}, 0);
        REQUIRE_GOOD(retry_outbox(house.archive(), house.rows().front().id, {"test", house.time}));
        CHECK(house.work(server, 1).size() == 1);
        CHECK(house.rows().size() == 1);
    }

    TEST_CASE("a daily mail of the day after tomorrow was put off before the clock went back") {
        House house;
        SmtpServer server;
        house.owe(NoticeKind::import, books, house.time + longest_hold - minutes(1));
        CHECK(house.work(server, 0).empty());
        CHECK(house.rows().size() == 1);
        // Several of them are one letter, as they would have been.
        for (int i = 0; i < 3; ++i)
            house.owe(NoticeKind::import, "boss@office.example", house.time + longest_hold);
        CHECK(house.work(server, 1).size() == 1);
        REQUIRE(house.rows().size() == 1);
        CHECK(house.rows().front().to == books);
    }

    TEST_CASE("what left or is sent by itself while a letter is worded is not told in it") {
        for (const bool sent_by_itself : {false, true}) {
            CAPTURE(sent_by_itself);
            House house;
            house.owe_held(2);
            const auto rows = house.rows();
            const By by{"test", house.time};
            const Letter letter{
                .kind = NoticeKind::summary, .to = books, .subject = "two", .text = "both\n"};
            REQUIRE_GOOD(
                sent_by_itself ? retry_outbox(house.archive(), rows[0].id, by)
                               : drop_outbox(house.archive(), rows[0].id, by)
            );
            const auto made = put_together(house.archive(), rows, letter, by);
            REQUIRE_GOOD(made);
            CHECK_FALSE(made->has_value());
            CHECK(house.rows().back().held == Held::cap);
            CHECK(house.notice(rows[1].receipt).outbox == rows[1].id);
            CHECK(verify(house.archive())->faults.empty());
        }
    }

    TEST_CASE("notices that no letter can tell of are sent one by one") {
        House house;
        SmtpServer server;
        TempDir own;
        const std::string longest(max_letter_text - 100, 'x'); // as a file of texts may be
        std::ofstream(own.path() / "en.toml")
            << "[notice.summary]\nopening = \"{count}" << longest << "\"\n";
        const auto words = Texts::load(own.path());
        REQUIRE_GOOD(words);
        const std::string first = house.owe(NoticeKind::failure, books, {}, 0);
        const std::string second = house.owe(NoticeKind::failure, books, {}, 0);
        house.time = at("2026-11-21T13:00:00Z");
        const auto mails = house.work(server, 2, *words);
        REQUIRE(mails.size() == 2);
        CHECK(mails[0].to == books);
        CHECK(house.notice(first).state == "sent");
        CHECK(house.notice(second).state == "sent");
        CHECK(house.rows().empty());
    }

    TEST_CASE("as many notices as a letter may tell of fit into it, however long they are") {
        // Four bytes each in text, and six in HTML.
        for (const std::string& letter : {std::string("\U0001F9FE"), std::string("\"")}) {
            CAPTURE(letter);
            std::string longest;
            for (int i = 0; i < 3000; ++i)
                longest += letter;
            NoticeFacts facts = of("01JDA0000000000000000000C1", Verdict::imported, Held::cap);
            facts.client->name = longest;
            facts.documents.front().filename = longest;
            facts.documents.front().category = longest;
            facts.receipt.subject = longest;
            for (int i = 0; i < 5; ++i)
                facts.receipt.findings.push_back(
                    {.reason = Reason::subject_malformed,
                     .detail = "category-period-code",
                     .values = {{"read", longest}}}
                );
            const Letter together = letter_together(
                std::vector<NoticeFacts>(max_together, facts), office_settings(), texts()
            );
            CHECK(together.text.size() <= max_letter_text);
            CHECK(together.html.size() <= max_letter_html);
            CHECK(together.subject.size() <= max_letter_subject);
            CHECK(together.text.find("Further reasons: 2\n") != std::string::npos);
        }
    }

    TEST_CASE("a letter has two hundred notices, the next ones go into another") {
        House house;
        SmtpServer server;
        house.owe_held(max_together + 1);
        house.time = at("2026-11-21T13:00:00Z");
        const auto mails = house.work(server, 2);
        REQUIRE(mails.size() == 2);
        CHECK(decoded_header(mails[0].data, "Subject").ends_with(": 200"));
        CHECK(decoded_header(mails[1].data, "Subject").ends_with(": 1"));
    }
}
