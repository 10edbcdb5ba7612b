#include "core/archive/objects.hh"
#include "core/archive/originals.hh"
#include "core/archive/outbox.hh"
#include "core/base/base64.hh"
#include "core/base/log.hh"
#include "core/base/text.hh"
#include "tests/unit/intake/house.hh"

namespace kwit {

namespace {

constexpr const char* good_subject = "[FZ] 11/2026 (932498)";
constexpr const char* anna = "anna@kunde.example";

} // namespace

TEST_SUITE("intake/message") {
    TEST_CASE(
        "a PDF to an open address is filed with the address's symbol and the month of the mail"
    ) {
        test::House house;
        const Answer answer = house.send({house.open}, test::mail_with_pdf("Ihre Rechnung"));
        CHECK(answer.what == Answer::What::take);
        const auto documents = house.documents();
        REQUIRE(documents.size() == 1);
        CHECK(documents[0].category == "ER");
        CHECK(documents[0].period == "2026-11");
        CHECK(documents[0].filename == "faktura.pdf");
        CHECK(documents[0].sha256 == Digest(sha256(test::pdf)).hex());
        const auto stored =
            read_whole(object_path(house.archive(), *Digest::parse(documents[0].sha256)), 10'000);
        REQUIRE_GOOD(stored);
        CHECK(*stored == test::pdf);
    }

    TEST_CASE("the original is kept byte for byte, header folds as in the mail") {
        test::House house;
        test::Mail mail = test::mail_with_pdf("two\n lines");
        house.send({house.open}, mail);
        const auto receipts = house.receipts();
        REQUIRE(receipts.size() == 1);
        std::string expected;
        for (const std::string& line : mail.headers)
            expected += (line == "Subject: two\n lines" ? "Subject: two\r\n lines" : line) + "\r\n";
        expected += "\r\n" + mail.body;
        const auto original =
            read_whole(object_path(house.archive(), *Digest::parse(receipts[0].original)), 100'000);
        REQUIRE_GOOD(original);
        CHECK(*original == expected);
        CHECK(receipts[0].size == expected.size());
    }

    TEST_CASE("a mail with a large document is one recipe for all its receipts") {
        test::House house;
        test::Mail mail = test::mail_with_pdf(good_subject);
        const std::string document = test::pdf + "% " + std::string(30'000, 'x') + "\n";
        std::string characters;
        append_base64(as_bytes(document), characters);
        mail.body = "--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n";
        for (std::size_t at = 0; at < characters.size(); at += 76)
            mail.body += characters.substr(at, 76) + "\r\n";
        mail.body += "--b--\r\n";
        house.send({house.tagged, house.open}, mail, anna);
        const auto receipts = house.receipts();
        REQUIRE(receipts.size() == 2);
        CHECK(receipts[0].original == receipts[1].original);
        const Digest original = *Digest::parse(receipts[0].original);
        CHECK_FALSE(std::filesystem::exists(object_path(house.archive(), original)));
        std::string back;
        REQUIRE_GOOD(read_original(house.archive(), original, [&](Bytes bytes) -> Result<void> {
            back += as_text(bytes);
            return {};
        }));
        CHECK(back.size() == receipts[0].size);
        CHECK(back.ends_with("\r\n\r\n" + mail.body));
        CHECK(back.starts_with("From: Anna"));
    }

    TEST_CASE("a tagged mail with a login is filed under what its subject says") {
        test::House house;
        const Answer answer = house.send({house.tagged}, test::mail_with_pdf(good_subject), anna);
        CHECK(answer.what == Answer::What::take);
        const auto documents = house.documents();
        REQUIRE(documents.size() == 1);
        CHECK(documents[0].category == "FZ");
        CHECK(documents[0].code == "932498");
        CHECK(documents[0].user == anna);
        const auto receipts = house.receipts();
        REQUIRE(receipts.size() == 1);
        CHECK(receipts[0].authenticated_by == "login");
        REQUIRE(receipts[0].notices.size() == 1);
        CHECK(receipts[0].notices[0].kind == NoticeKind::confirmation);
        CHECK(receipts[0].notices[0].to == anna);
    }

    TEST_CASE(
        "a From line alone is refused at the end of headers and leaves a receipt without the mail"
    ) {
        test::House house;
        Connection connection = house.connect();
        test::House::envelope(connection, {house.tagged});
        const Answer answer = test::House::content(connection, test::mail_with_pdf(good_subject));
        CHECK(answer.what == Answer::What::refuse);
        CHECK(test::reason_of(answer) == "sender-not-authenticated");
        house.refusals().flush();
        const auto receipts = house.receipts();
        REQUIRE(receipts.size() == 1);
        CHECK(receipts[0].verdict == Verdict::refused);
        CHECK(receipts[0].original.empty());
        CHECK(receipts[0].parts.empty());
        CHECK(house.documents().empty());
    }

    TEST_CASE("a wrong subject of a registered sender is taken and owed a correction") {
        test::House house;
        const Answer answer =
            house.send({house.tagged}, test::mail_with_pdf("faktura listopad"), anna);
        CHECK(answer.what == Answer::What::take);
        const auto receipts = house.receipts();
        REQUIRE(receipts.size() == 1);
        CHECK(receipts[0].verdict == Verdict::failed);
        CHECK_FALSE(receipts[0].original.empty());
        REQUIRE(receipts[0].notices.size() == 1);
        CHECK(receipts[0].notices[0].kind == NoticeKind::correction);
        CHECK(list_outbox(house.archive())->size() == 1);
    }

    TEST_CASE("a mail that grows past the limit is refused; beside ordinary recipients it is kept "
              "for people") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.message = 300;
        house.configure(settings);
        CHECK(
            test::reason_of(house.send({house.open}, test::mail_with_pdf("x"))) ==
            "message-too-large"
        );
        const Answer mixed =
            house.send({house.open, "someone@elsewhere.example"}, test::mail_with_pdf("x"));
        CHECK(mixed.what == Answer::What::deliver);
        house.refusals().flush();
        const auto receipts =
            list_receipts(house.archive(), {.resolution = Resolution::unresolved});
        REQUIRE_GOOD(receipts);
        REQUIRE(receipts->size() == 1);
        CHECK(receipts->at(0).verdict == Verdict::failed);
        CHECK_FALSE(receipts->at(0).original.empty());
    }

    TEST_CASE("ordinary mail is let go at DATA, also when the archive is away") {
        test::House house;
        house.forget();
        std::filesystem::rename(house.path(), house.path().string() + ".away");
        Connection connection = house.connect();
        CHECK(
            test::House::envelope(connection, {"someone@elsewhere.example"}).what ==
            Answer::What::go_on
        );
        CHECK(connection.data("4X").what == Answer::What::let_go);
        CHECK(
            test::reason_of(test::House::envelope(connection, {house.open})) ==
            "archive-unavailable"
        );
        std::filesystem::rename(house.path().string() + ".away", house.path());
        CHECK(house.send({house.open}, test::mail_with_pdf("x")).what == Answer::What::take);
    }

    TEST_CASE("an archive is never made by the way of a mail") {
        test::House house;
        house.forget();
        std::filesystem::remove_all(house.path());
        std::filesystem::create_directory(house.path()); // an empty mount point
        Connection connection = house.connect();
        CHECK(
            test::reason_of(test::House::envelope(connection, {house.open})) ==
            "archive-unavailable"
        );
        CHECK(std::filesystem::is_empty(house.path()));
    }

    TEST_CASE("with other recipients only ours are taken out, as they were written") {
        test::House house;
        Connection connection = house.connect();
        connection.mail({"<>"}, "", "");
        connection.rcpt("<" + upper(house.open) + ">", "");
        connection.rcpt("<someone@elsewhere.example>", "");
        connection.rcpt("<" + house.open + ">", "");
        const Answer answer = test::House::content(connection, test::mail_with_pdf("x"));
        CHECK(answer.what == Answer::What::deliver);
        CHECK(
            answer.ours ==
            std::vector<std::string>{"<" + upper(house.open) + ">", "<" + house.open + ">"}
        );
        CHECK(house.receipts().size() == 1);
    }

    TEST_CASE("the same mail twice is one receipt, whatever the way added to it") {
        test::House house;
        test::Mail mail = test::mail_with_pdf("x");
        house.send({house.open}, mail);
        mail.headers.insert(mail.headers.begin(), "Received: from elsewhere");
        CHECK(house.send({house.open}, mail).what == Answer::What::take);
        CHECK(house.receipts().size() == 1);
        CHECK(house.documents().size() == 1);
        mail.headers.at(3) = "Subject: another";
        house.send({house.open}, mail);
        CHECK(house.receipts().size() == 2);
    }

    TEST_CASE("two recipients of two policies have an outcome each") {
        test::House house;
        const Answer answer = house.send({house.open, house.tagged}, test::mail_with_pdf("no tag"));
        CHECK(answer.what == Answer::What::take);
        const auto receipts = house.receipts();
        REQUIRE(receipts.size() == 2);
        CHECK(receipts[0].verdict == Verdict::imported);
        CHECK(receipts[1].verdict == Verdict::refused);
        CHECK(receipts[1].original.empty());
        CHECK_FALSE(receipts[0].original.empty());
    }

    TEST_CASE("a mail is kept also when the MTA speaks of no DATA, as the oldest protocols do") {
        test::House house;
        Connection connection = house.connect();
        REQUIRE(test::House::envelope(connection, {house.open}).what == Answer::What::go_on);
        const test::Mail mail = test::mail_with_pdf("x");
        CHECK(test::House::after_data(connection, mail).what == Answer::What::take);
        CHECK(house.documents().size() == 1);
        REQUIRE(
            test::House::envelope(connection, {"boss@example.com"}).what == Answer::What::go_on
        );
        CHECK(connection.end_of_headers("4X").what == Answer::What::let_go);
    }

    TEST_CASE("a mail of which the MTA tells no headers is never answered with yes") {
        test::House house;
        Connection connection = house.connect();
        REQUIRE(test::House::envelope(connection, {house.open}).what == Answer::What::go_on);
        CHECK(test::reason_of(connection.end("4X")) == "archive-unavailable");
        REQUIRE(test::House::envelope(connection, {house.open}).what == Answer::What::go_on);
        connection.header("Subject", " x");
        CHECK(test::reason_of(connection.body(as_bytes("x"))) == "archive-unavailable");
    }

    TEST_CASE("less free space than is wanted is noticed at DATA too") {
        test::House house;
        Settings settings = house.settings();
        Connection before = house.connect();
        REQUIRE(test::House::envelope(before, {house.open}).what == Answer::What::go_on);
        settings.archive.min_free = std::numeric_limits<std::uint64_t>::max();
        house.configure(settings);
        Connection after = house.connect();
        CHECK(test::reason_of(test::House::envelope(after, {house.open})) == "storage-full");
        CHECK(test::House::content(before, test::mail_with_pdf("x")).what == Answer::What::take);
    }

    TEST_CASE("room that was promised to a mail is given back however it ends") {
        test::House house;
        {
            Connection connection = house.connect();
            test::House::envelope(connection, {house.open});
            REQUIRE(connection.data("4ABCD").what == Answer::What::go_on);
            CHECK(house.admission().promised() > 0);
            connection.abort();
            CHECK(house.admission().promised() == 0);
            test::House::envelope(connection, {house.open});
            REQUIRE(connection.data("4ABCE").what == Answer::What::go_on);
        }
        CHECK(house.admission().promised() == 0);
        house.send({house.open}, test::mail_with_pdf("x"));
        CHECK(house.admission().promised() == 0);
    }

    TEST_CASE("a mail under way does not keep another archive from being opened, and waits itself"
    ) {
        test::House house;
        house.forget();
        Connection connection = house.connect();
        test::House::envelope(connection, {house.open});
        REQUIRE(connection.data("4ABCD").what == Answer::What::go_on);
        const std::string moved = house.path().string() + ".moved";
        std::filesystem::rename(house.path(), moved);
        std::filesystem::copy(moved, house.path(), std::filesystem::copy_options::recursive);
        CHECK(house.send({house.open}, test::mail_with_pdf("x")).what == Answer::What::take);
        const test::Mail mail = test::mail_with_pdf("y");
        CHECK(test::reason_of(test::House::after_data(connection, mail)) == "archive-unavailable");
        CHECK(house.receipts().size() == 1);
    }

    TEST_CASE("a fault that lasts for a thousand mails is one error in the log, with their number"
    ) {
        test::House house;
        Settings settings = house.settings();
        settings.archive.min_free = std::numeric_limits<std::uint64_t>::max();
        house.configure(settings);
        const test::TempDir dir;
        const auto file = dir.path() / "log";
        log::tell_held_back(log::Rest::all); // of other tests
        REQUIRE_GOOD(log::set_up({.sink = "file:" + file.string(), .level = log::Level::warning}));
        for (int i = 0; i < 1000; ++i) {
            Connection connection = house.connect();
            CHECK(
                test::reason_of(test::House::envelope(connection, {house.open})) == "storage-full"
            );
        }
        log::tell_held_back(log::Rest::all);
        const auto told = read_whole(file, 1U << 20);
        REQUIRE_GOOD(told);
        const auto lines = split(*told, '\n');
        REQUIRE(lines.size() == 3); // the last one is empty
        CHECK(lines[0].find("free some space, or lower min_free") != std::string_view::npos);
        CHECK(lines[1].find("(999 like this were held back)") != std::string_view::npos);
        REQUIRE_GOOD(log::set_up({}));
    }

    TEST_CASE("a text that mentions PDF files is no document and keeps none from being filed") {
        test::House house;
        test::Mail mail = test::mail_with_pdf("x");
        const std::size_t at = mail.body.find("hello");
        REQUIRE(at != std::string::npos);
        mail.body.insert(at, "our files begin with %PDF-1.7 since last week. ");
        CHECK(house.send({house.open}, mail).what == Answer::What::take);
        CHECK(house.documents().size() == 1);
    }

    TEST_CASE("a document is filed from its whole copy when another copy is damaged") {
        test::House house;
        test::Mail mail = test::mail_with_pdf("x");
        const auto copy = [](const std::string& base64) {
            return "--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\n" +
                   base64 + "\r\n";
        };
        mail.body = copy("JVBE!Ri0xLjQK") + copy("JVBERi0xLjQK") + "--b--\r\n";
        CHECK(house.send({house.open}, mail).what == Answer::What::take);
        REQUIRE(house.receipts().size() == 1);
        CHECK(house.receipts()[0].verdict == Verdict::partial);
        REQUIRE(house.documents().size() == 1);
        CHECK(house.documents()[0].sha256 == Digest(sha256("%PDF-1.4\n")).hex());
    }

    TEST_CASE("a refusal beside a recipient that took the mail is told once") {
        test::House house;
        const test::Mail mail = test::mail_with_pdf("no tag");
        for (int i = 0; i < 2; ++i)
            CHECK(house.send({house.open, house.tagged}, mail).what == Answer::What::take);
        CHECK(house.receipts().size() == 2);
        CHECK(list_outbox(house.archive())->size() == 2);
    }

    TEST_CASE("names that strangers chose are cut in the records") {
        test::House house;
        const test::Mail mail = test::mail_with_pdf(std::string(5000, 's'));
        house.send({house.open}, mail);
        REQUIRE(house.receipts().size() == 1);
        CHECK(house.receipts().front().subject == std::string(1024, 's'));
    }

    TEST_CASE("events out of order are answered, not believed") {
        test::House house;
        Connection connection = house.connect();
        CHECK(connection.rcpt("<" + house.open + ">", "").what == Answer::What::refuse);
        CHECK(connection.end("4X").what == Answer::What::refuse);
        connection.header("Subject", " x");
        CHECK(house.send({house.open}, test::mail_with_pdf("x")).what == Answer::What::take);
    }
}

} // namespace kwit
