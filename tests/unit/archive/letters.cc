#include "core/archive/letters.hh"

#include "core/archive/journal.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/archive/records.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

Letter card() {
    return {
        .kind = NoticeKind::card,
        .to = "anna@kunde.example",
        .client = "10023",
        .domain = "in.example.com",
        .subject = "Żółty kwit",
        .text = "Dzień dobry,\n\tkod: 932498\n"};
}

std::string queued(Archive& archive, const Letter& letter = card()) {
    const auto ids = queue_letters(archive, {letter}, test::office());
    REQUIRE_GOOD(ids);
    REQUIRE(ids->size() == 1);
    return ids->front();
}

Json last_entry(const Archive& archive) {
    const auto list = list_journal(archive, {.order = lmdb::Order::descending, .limit = 1});
    REQUIRE_GOOD(list);
    return list->front();
}

std::string why_not(Archive& archive, const Letter& letter) {
    const auto ids = queue_letters(archive, {card(), letter}, test::office());
    REQUIRE_FALSE(ids.has_value());
    return test::told(ids.error());
}

} // namespace

TEST_SUITE("archive/letters") {
    TEST_CASE("a letter is queued with what it says, due at once, and the journal knows it") {
        test::World world;
        const std::string id = queued(world.archive());
        const auto row = get_outbox(world.archive(), id);
        REQUIRE_GOOD(row);
        CHECK(row->kind == NoticeKind::card);
        CHECK(row->to == "anna@kunde.example");
        CHECK(row->state == "queued");
        CHECK(row->receipt.empty());
        CHECK(row->client == "10023");
        CHECK(row->domain == "in.example.com");
        CHECK(row->subject == "Żółty kwit");
        CHECK(row->text == "Dzień dobry,\n\tkod: 932498\n");
        CHECK(due_outbox(world.archive(), test::at_ten(), 10)->rows.size() == 1);
        const Json entry = last_entry(world.archive());
        CHECK(entry["what"] == "letter-queued");
        CHECK(entry["by"] == "biuro");
        CHECK(entry["about"]["outbox"] == id);
        CHECK(entry["about"]["to"] == "anna@kunde.example");
        CHECK(
            entry["about"]["sha256"] ==
            "14f2511d18a59c40ea3b13566b233e1d8511af62489a718fd1c3a9e4d9aef2db"
        );
        CHECK(verify(world.archive())->faults.empty());
    }

    TEST_CASE("what becomes of a letter stands in the journal, without a receipt") {
        test::World world;
        Archive& archive = world.archive();
        const By by{"kwit-milter", test::at_ten() + std::chrono::minutes(1)};
        const std::string sent = queued(archive);
        REQUIRE_GOOD(mark_sent(archive, sent, "4F2B99", by));
        CHECK(list_outbox(archive)->empty());
        CHECK(last_entry(archive)["what"] == "notice-sent");
        CHECK(last_entry(archive)["about"] == Json({{"outbox", sent}, {"queue_id", "4F2B99"}}));

        const std::string dead = queued(archive);
        REQUIRE_GOOD(mark_retry(archive, dead, "451 later", by.at));
        REQUIRE_GOOD(mark_dead(archive, dead, "550 nobody", by));
        CHECK(get_outbox(archive, dead)->state == "dead");
        CHECK(get_outbox(archive, dead)->attempts == 2);
        CHECK(last_entry(archive)["what"] == "notice-dead");
        CHECK(last_entry(archive)["about"] == Json({{"outbox", dead}, {"error", "550 nobody"}}));
        CHECK(verify(archive)->faults.empty());
        REQUIRE_GOOD(retry_outbox(archive, dead, test::office()));
        CHECK(last_entry(archive)["what"] == "notice-retried");
        CHECK(get_outbox(archive, dead)->state == "queued");
        REQUIRE_GOOD(drop_outbox(archive, dead, test::office()));
        CHECK(last_entry(archive)["what"] == "notice-dropped");
        CHECK(list_outbox(archive)->empty());
        CHECK(list_receipts(archive, {.resolution = Resolution::unresolved})->empty());
        CHECK(verify(archive)->faults.empty());
    }

    TEST_CASE("a letter does not come back to kwit: nobody's notice has its id") {
        test::World world;
        const std::string id = queued(world.archive());
        CHECK_FALSE(*is_notice(world.archive(), id));
        const auto bounced = mark_bounced(world.archive(), id, test::office());
        REQUIRE_FALSE(bounced.has_value());
        CHECK(bounced.error().kind == Kind::refused);
    }

    TEST_CASE("several letters are queued together or not at all") {
        test::World world;
        Letter report = card();
        report.kind = NoticeKind::report;
        report.client.clear();
        report.domain.clear();
        const auto ids = queue_letters(world.archive(), {card(), report}, test::office());
        REQUIRE_GOOD(ids);
        CHECK(ids->size() == 2);
        CHECK(ids->at(0) < ids->at(1));
        Letter stranger = card();
        stranger.client = "99999";
        CHECK(
            why_not(world.archive(), stranger) ==
            "there is no client 99999; see kwit client list for those there are"
        );
        CHECK(list_outbox(world.archive())->size() == 2);
        CHECK(queue_letters(world.archive(), {}, test::office())->empty());
    }

    TEST_CASE("subject and text have their limits, and hold plain text alone") {
        test::World world;
        Letter letter = card();
        letter.subject = std::string(max_letter_subject, 'x');
        letter.text = std::string(max_letter_text, 'x');
        const std::string id = queued(world.archive(), letter);
        CHECK(get_outbox(world.archive(), id)->text == letter.text);
        letter.subject += 'x';
        CHECK(
            why_not(world.archive(), letter) ==
            "the subject of the letter has 1001 bytes, the limit is 1000"
        );
        letter = card();
        letter.text = std::string(max_letter_text + 1, 'x');
        CHECK(
            why_not(world.archive(), letter) ==
            "the text of the letter has 1048577 bytes, the limit is 1048576"
        );
        for (const char* subject : {"two\nlines", "a\tb", "\xff", "a\x1b[2J", "a\u0085"}) {
            CAPTURE(subject);
            letter = card();
            letter.subject = subject;
            CHECK(
                why_not(world.archive(), letter) == "the subject of the letter is no plain text; "
                                                    "it must be UTF-8 without control characters"
            );
        }
        letter = card();
        letter.text = "a\rb";
        CHECK(why_not(world.archive(), letter).find("is no plain text") != std::string::npos);
        letter.text.clear();
        CHECK(why_not(world.archive(), letter) == "the letter has no text");
        letter = card();
        letter.to = "nobody";
        CHECK(why_not(world.archive(), letter).find("nobody") != std::string::npos);
        letter = card();
        letter.kind = NoticeKind::failure;
        CHECK(why_not(world.archive(), letter) == "a mail of kind failure is no letter");
        CHECK(list_outbox(world.archive())->size() == 1);
    }

    TEST_CASE("a letter without what it says, and a notice without its receipt, are damage") {
        test::World world;
        const auto row = get_outbox(world.archive(), queued(world.archive()));
        REQUIRE_GOOD(row);

        struct Case {
            std::string field;
            Json value;
            std::string problem;
        };

        for (const Case& c :
             {Case{"text", nullptr, "it has no \"text\""},
              Case{"subject", "", "it has no \"subject\""},
              Case{"kind", "failure", "it has no \"receipt\""},
              Case{"kind", "poem", "its \"kind\" is unknown: \"poem\""}}) {
            CAPTURE(c.problem);
            Json map = to_json(*row);
            map[c.field] = c.value;
            const auto read = decode<OutboxRow>(to_cbor(map), "outbox 1");
            REQUIRE_FALSE(read.has_value());
            CHECK(read.error().what == "the record of outbox 1 is damaged: " + c.problem);
        }
    }
}

} // namespace kwit
