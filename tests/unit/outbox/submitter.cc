#include "core/outbox/submitter.hh"

#include "core/archive/commit.hh"
#include "core/archive/directory.hh"
#include "core/archive/letters.hh"
#include "core/archive/objects.hh"
#include "core/archive/originals.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/base/log.hh"
#include "tests/unit/outbox/office.hh"
#include "tests/unit/outbox/smtp_server.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr Timeouts quick{
    .connect = seconds(2), .stall = seconds(2), .whole = seconds(10), .grace = seconds(1)};

/// An archive with a client, and failed mails that are owed to somebody.
class House {
public:
    House() {
        auto opened =
            Archive::open({.path = dir_.path() / "archive", .min_free = 0, .map_size = 64ULL << 20}
            );
        REQUIRE_GOOD(opened);
        archive_ = std::shared_ptr<Archive>(*std::move(opened));
        REQUIRE_GOOD(add_client(
            *archive_, {.id = "10023", .name = "Kunde", .notify = {"books@office.example"}}, by()
        ));
    }

    Archive& archive() { return *archive_; }

    std::shared_ptr<Archive> shared() { return archive_; }

    void submit_to(const std::string& destination) { destination_ = destination; }

    View view() {
        Settings settings = office_settings();
        settings.outbox.submit = destination_;
        settings.outbox.retry_for = hours(24);
        return {
            std::make_shared<const Settings>(std::move(settings)),
            std::make_shared<const Texts>(texts())};
    }

    Submitter submitter() {
        return Submitter(
            {.archive = [this] { return Result<std::shared_ptr<Archive>>(archive_); },
             .view = [this] { return view(); },
             .clock = [this] { return time; },
             .timeouts = quick}
        );
    }

    /// A failed mail with its original; the id of its receipt.
    std::string
    owe(const std::vector<std::string>& to, const std::string& original = "a: b\r\n\r\n") {
        return keep_mail(to, object_of(original));
    }

    /// The same with an original that is made of this document.
    std::string owe_made(const std::vector<std::string>& to, const std::string& document) {
        const Digest object = object_of(document);
        const std::string original = "a: b\r\n\r\n" + document;
        const TempFile mail = written(original);
        const std::vector<Stretch> stretches{
            {original.size() - document.size(), original.size(), object}};
        const Digest digest(sha256(original));
        const auto recipe = publish_recipe(*archive_, *mail.reader(), digest, stretches);
        REQUIRE_GOOD(recipe);
        REQUIRE(recipe->has_value());
        return keep_mail(to, digest, *recipe);
    }

    Digest object_of(const std::string& content) {
        const Digest digest(sha256(content));
        REQUIRE_GOOD(publish_object(*archive_, written(content), digest));
        return digest;
    }

    std::vector<OutboxRow> rows() {
        auto listed = list_outbox(*archive_);
        REQUIRE_GOOD(listed);
        return *listed;
    }

    Receipt receipt(const std::string& id) {
        auto got = get_receipt(*archive_, id);
        REQUIRE_GOOD(got);
        return *got;
    }

    [[nodiscard]] By by() const { return {"test", time}; }

    Round round(Submitter& submitter) {
        const auto done = submitter.round(view(), time);
        REQUIRE_GOOD(done);
        return *done;
    }

    Time time = at("2026-11-21T12:00:00Z");

private:
    TempFile written(const std::string& content) {
        auto file = temp_file(*archive_);
        REQUIRE_GOOD(file);
        REQUIRE_GOOD(file->write(as_bytes(content)));
        return *std::move(file);
    }

    std::string keep_mail(
        const std::vector<std::string>& to,
        const Digest& original,
        const std::optional<PublishedRecipe>& recipe = {}
    ) {
        ReceiptDraft draft{.receipt = malformed(NoticeKind::failure).receipt};
        draft.receipt.id.clear();
        draft.receipt.original = original.hex();
        for (const std::string& address : to)
            draft.notices.push_back({NoticeKind::failure, address});
        const auto kept = keep(*archive_, {.receipts = {draft}, .by = by(), .recipe = recipe});
        REQUIRE_GOOD(kept);
        return kept->front().receipt_id;
    }

    TempDir dir_;
    std::shared_ptr<Archive> archive_;
    std::string destination_;
};

std::vector<TakenMail> when_taken(SmtpServer& server, std::size_t count) {
    for (int i = 0; i < 500 && server.taken().size() < count; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return server.taken();
}

} // namespace

TEST_SUITE("outbox/submitter") {

    TEST_CASE("what is due is sent, and its row leaves with its end in the receipt") {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        const std::string id = house.owe({"books@office.example", "boss@office.example"});
        Submitter submitter = house.submitter();
        CHECK(house.round(submitter).sent == 2);
        CHECK(house.rows().empty());
        for (const NoticeRecord& notice : house.receipt(id).notices) {
            CHECK(notice.state == "sent");
            CHECK(notice.queue_id == "4TEST1");
        }
        const std::vector<TakenMail> mails = when_taken(server, 2);
        REQUIRE(mails.size() == 2);
        CHECK(mails[0].to == "books@office.example");
        CHECK(mails[1].to == "boss@office.example");
        CHECK(parts_of(mails[0].data).at(1).ends_with("\r\n\r\na: b\r\n\r\n"));
        CHECK(house.round(submitter).sent == 0);
    }

    TEST_CASE("what is not taken waits longer each time, and is dead when its time is over") {
        OutboxRow row{.created_at = at("2026-11-21T12:00:00Z")};
        const Time begun = row.created_at;
        const std::vector<minutes> pauses = {
            minutes(1),
            minutes(2),
            minutes(4),
            minutes(8),
            minutes(16),
            minutes(32),
            minutes(60),
            minutes(60)};
        for (const minutes pause : pauses) {
            CHECK(next_try(row, begun, hours(24)) == begun + pause);
            ++row.attempts;
        }
        row.attempts = 4000000000U;
        CHECK(next_try(row, begun, hours(24)) == begun + minutes(60));
        // The last attempt is at the very end of the time, none is after it.
        CHECK(next_try(row, begun + hours(24) - minutes(5), hours(24)) == begun + hours(24));
        CHECK(next_try(row, begun + hours(24) - Milliseconds(1), hours(24)) == begun + hours(24));
        CHECK_FALSE(next_try(row, begun + hours(24), hours(24)).has_value());
        CHECK(next_look(row, begun, hours(24)) == begun + minutes(1));
        CHECK(next_look(row, begun + hours(24) - seconds(5), hours(24)) == begun + hours(24));
        CHECK_FALSE(next_look(row, begun + hours(24), hours(24)).has_value());
        // A person who wants it tried again gives it a whole time.
        row.retried_at = begun + hours(100);
        CHECK(next_try(row, begun + hours(124) - Milliseconds(1), hours(24)) == begun + hours(124));
        CHECK_FALSE(next_try(row, begun + hours(124), hours(24)).has_value());
        CHECK(next_look(row, begun + hours(100), hours(24)) == begun + hours(100) + minutes(1));
    }

    TEST_CASE("a row that fails keeps no other from being sent") {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        house.owe({"x@in.example.com", "books@office.example"});
        Submitter submitter = house.submitter();
        const Round round = house.round(submitter);
        CHECK(round.sent == 1);
        CHECK(round.dead == 1);
        REQUIRE(house.rows().size() == 1);
        CHECK(house.rows()[0].state == "dead");
        CHECK(house.rows()[0].last_error.find("is in an intake domain") != std::string::npos);
        CHECK(server.connections() == 1);
    }

    TEST_CASE("a refusal for now is tried again when its time has come, with the same mail") {
        House house;
        SmtpServer server("DOT", "451 4.3.0 later");
        house.submit_to(server.url());
        const std::string id = house.owe({"books@office.example"});
        Submitter submitter = house.submitter();
        CHECK(house.round(submitter).waiting == 1);
        REQUIRE(house.rows().size() == 1);
        CHECK(house.rows()[0].attempts == 1);
        CHECK(house.rows()[0].next_attempt == house.time + minutes(1));
        CHECK(house.rows()[0].last_error.find("451 4.3.0 later") != std::string::npos);
        server.behave("", "");
        house.time += minutes(1) - Milliseconds(1);
        CHECK(house.round(submitter).sent == 0);
        house.time += Milliseconds(1);
        CHECK(house.round(submitter).sent == 1);
        CHECK(house.receipt(id).notices[0].state == "sent");
    }

    TEST_CASE("a refusal for good, or one for too long, is dead and makes the receipt unresolved") {
        for (const bool for_good : {true, false}) {
            CAPTURE(for_good);
            House house;
            SmtpServer server("RCPT", for_good ? "550 5.1.1 nobody" : "450 4.2.0 later");
            house.submit_to(server.url());
            const std::string id = house.owe({"books@office.example"});
            if (!for_good) house.time += hours(24);
            Submitter submitter = house.submitter();
            CHECK(house.round(submitter).dead == 1);
            CHECK(house.rows()[0].state == "dead");
            CHECK(house.receipt(id).notices[0].state == "dead");
            CHECK(is_unresolved(house.receipt(id)));
        }
    }

    TEST_CASE("a letter is sent as it is, and leaves") {
        House house;
        SmtpServer server("DOT", "451 4.3.0 later");
        house.submit_to(server.url());
        const auto ids = queue_letters(
            house.archive(),
            {{.kind = NoticeKind::report,
              .to = "boss@office.example",
              .subject = "what came in",
              .text = "nothing\n"}},
            {"test", house.time}
        );
        REQUIRE_GOOD(ids);
        Submitter submitter = house.submitter();
        CHECK(house.round(submitter).waiting == 1);
        server.behave("", "");
        house.time += minutes(1);
        CHECK(house.round(submitter).sent == 1);
        CHECK(house.rows().empty());
        const std::vector<TakenMail> mails = when_taken(server, 1);
        REQUIRE(mails.size() == 1);
        CHECK(mails[0].to == "boss@office.example");
        CHECK(header(mails[0].data, "Subject") == "what came in");
        CHECK(parts_of(mails[0].data).front().ends_with("\r\n\r\nnothing\r\n"));
    }

    TEST_CASE("a letter that is given up is dead, and the log names no receipt") {
        const TempDir dir;
        const auto log = dir.path() / "log";
        REQUIRE_GOOD(log::set_up({.sink = "file:" + log.string(), .level = log::Level::error}));
        House house;
        SmtpServer server("RCPT", "550 5.1.1 nobody");
        house.submit_to(server.url());
        const auto ids = queue_letters(
            house.archive(),
            {{.kind = NoticeKind::card, .to = "a@office.example", .subject = "x", .text = "x"}},
            {"test", house.time}
        );
        REQUIRE_GOOD(ids);
        Submitter submitter = house.submitter();
        CHECK(house.round(submitter).dead == 1);
        REQUIRE(house.rows().size() == 1);
        CHECK(house.rows()[0].state == "dead");
        std::ifstream file(log);
        const std::string told{std::istreambuf_iterator<char>(file), {}};
        CHECK(told.find("see kwit outbox show " + ids->front() + ", then") != std::string::npos);
        CHECK(told.find("receipt") == std::string::npos);
        REQUIRE_GOOD(log::set_up({}));
    }

    TEST_CASE("a transport that is away lets the whole batch wait, after one look") {
        House house;
        SmtpServer server("greeting", "421 4.3.2 closing");
        house.submit_to(server.url());
        house.owe({"a@office.example", "b@office.example", "c@office.example"});
        Submitter submitter = house.submitter();
        const Round round = house.round(submitter);
        CHECK(round.unreachable);
        CHECK(round.waiting == 3);
        CHECK(server.connections() == 1);
        for (const OutboxRow& row : house.rows()) {
            CHECK(row.attempts == 1);
            CHECK(row.next_attempt == house.time + minutes(1));
        }
        // However long it is away, what waits for it waits no longer than a minute when it is back.
        for (int look = 0; look < 10; ++look) {
            house.time += minutes(1);
            CHECK(house.round(submitter).waiting == 3);
        }
        server.behave("", "");
        house.time += minutes(1);
        CHECK(house.round(submitter).sent == 3);
    }

    TEST_CASE("a mail server that takes its time does not hold the archive") {
        House house;
        SmtpServer server("DATA", "hang");
        house.submit_to(server.url());
        house.owe({"books@office.example"});
        std::weak_ptr<Archive> watched = house.shared();
        const auto before = watched.use_count();
        Submitter submitter = house.submitter();
        std::jthread sending([&](const std::stop_token& stop) {
            static_cast<void>(submitter.round(house.view(), house.time, stop));
        });
        const auto deadline = std::chrono::steady_clock::now() + seconds(10);
        while (server.connections() == 0 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        CHECK(server.connections() == 1);
        CHECK(watched.use_count() == before);
    }

    TEST_CASE("a batch has an end, and says that there may be more") {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        std::vector<std::string> to;
        for (std::size_t i = 0; i < Submitter::batch + 1; ++i)
            to.push_back("a" + std::to_string(i) + "@office.example");
        house.owe(to);
        Submitter submitter = house.submitter();
        const Round first = house.round(submitter);
        CHECK(first.sent == Submitter::batch);
        CHECK(first.more);
        const Round second = house.round(submitter);
        CHECK(second.sent == 1);
        CHECK_FALSE(second.more);
    }

    TEST_CASE("a mail sent again after a crash between sending and noting has the same Message-ID"
    ) {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        house.owe({"books@office.example"});
        const OutboxRow row = house.rows().at(0);
        // What the submitter that died had sent.
        const auto facts = gather(house.archive(), row);
        REQUIRE_GOOD(facts);
        const auto notice = render(*facts, *house.view().settings, *house.view().texts);
        REQUIRE_GOOD(notice);
        auto original = open_object(house.archive(), *notice->attach);
        REQUIRE_GOOD(original);
        auto wire = Wire::of(*notice, *std::move(original));
        REQUIRE_GOOD(wire);
        REQUIRE_GOOD(submit(server.url(), *notice, *wire, quick, {}));
        house.time += hours(1);
        Submitter next = house.submitter();
        CHECK(house.round(next).sent == 1);
        const std::vector<TakenMail> mails = when_taken(server, 2);
        REQUIRE(mails.size() == 2);
        CHECK(header(mails[0].data, "Message-ID") == "<" + row.id + "@in.example.com>");
        CHECK(mails[0].data == mails[1].data);
    }

    TEST_CASE("what was sent and could not be noted is noted later, and not sent again") {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        const std::string id = house.owe({"books@office.example"});
        constexpr int noting = 3; // after what is due, and what the mail is made of
        int asked = 0;
        Submitter submitter(
            {.archive = [&]() -> Result<std::shared_ptr<Archive>> {
                 if (++asked == noting) return fail(Kind::temporary, "away");
                 return house.shared();
             },
             .view = [&] { return house.view(); },
             .clock = [&] { return house.time; },
             .timeouts = quick}
        );
        CHECK_FALSE(submitter.round(house.view(), house.time));
        REQUIRE(when_taken(server, 1).size() == 1);
        CHECK(house.receipt(id).notices.at(0).state == "queued");
        CHECK(house.round(submitter).sent == 1);
        CHECK(server.taken().size() == 1);
        const NoticeRecord noted = house.receipt(id).notices.at(0);
        CHECK(noted.state == "sent");
        CHECK(noted.queue_id == "4TEST1");
        CHECK(house.rows().empty());
    }

    TEST_CASE("the sender of a notice may be known by its domain") {
        House house;
        const auto domain = add_sender(
            house.archive(), {.client = "10023", .email = "@kunde.example", .code = {}}, house.by()
        );
        REQUIRE_GOOD(domain);
        house.owe({"books@office.example"});
        const auto facts = gather(house.archive(), house.rows().front());
        REQUIRE_GOOD(facts);
        CHECK(facts->receipt.sender == "anna@kunde.example");
        REQUIRE(facts->sender);
        CHECK(facts->sender->code == domain->code);
    }

    TEST_CASE("an object that is gone does not keep the notice back") {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        const std::string id = house.owe({"books@office.example"});
        const Digest digest = Digest::parse(house.receipt(id).original).value();
        std::filesystem::remove(object_path(house.archive(), digest));
        Submitter submitter = house.submitter();
        CHECK(house.round(submitter).sent == 1);
        const std::vector<TakenMail> mails = when_taken(server, 1);
        REQUIRE(mails.size() == 1);
        CHECK(header(mails[0].data, "Content-Type").starts_with("multipart/alternative;"));
    }

    TEST_CASE("a mail that cannot be made any more does not keep the notice back") {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        const std::string document(40'000, 'x');
        const std::string id = house.owe_made({"books@office.example"}, document);
        std::filesystem::remove(object_path(house.archive(), Digest(sha256(document))));
        Submitter submitter = house.submitter();
        CHECK(house.round(submitter).sent == 1);
        const std::vector<TakenMail> mails = when_taken(server, 1);
        REQUIRE(mails.size() == 1);
        CHECK(header(mails[0].data, "Content-Type").starts_with("multipart/alternative;"));
        CHECK(house.receipt(id).notices.at(0).state == "sent");
    }

    TEST_CASE("the thread sends what it is poked for, waits for an archive that is away, and stops"
    ) {
        House house;
        SmtpServer server;
        house.submit_to(server.url());
        std::atomic<bool> away = false;
        std::atomic<int> asked = 0;
        Submitter submitter(
            {.archive = [&]() -> Result<std::shared_ptr<Archive>> {
                 ++asked;
                 if (away) return fail(Kind::temporary, "away");
                 return house.shared();
             },
             .view = [&] { return house.view(); },
             .clock = [&] { return house.time; },
             .timeouts = quick}
        );
        std::jthread thread([&](const std::stop_token& stop) { submitter.run(stop); });
        while (asked == 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        house.owe({"books@office.example"});
        submitter.poke();
        CHECK(when_taken(server, 1).size() == 1);
        house.owe({"boss@office.example"}); // by another process, which cannot poke
        CHECK(when_taken(server, 2).size() == 2);
        away = true;
        submitter.poke();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        const auto stopping = std::chrono::steady_clock::now();
        thread.request_stop();
        thread.join();
        CHECK(std::chrono::steady_clock::now() - stopping < seconds(4));
    }
}
