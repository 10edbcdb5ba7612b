#include "core/outbox/submit.hh"
#include "tests/unit/outbox/office.hh"
#include "tests/unit/outbox/smtp_server.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

using std::chrono::seconds;
constexpr Timeouts quick{
    .connect = seconds(2), .stall = seconds(2), .whole = seconds(10), .grace = seconds(1)};

Result<Submitted> send(
    const std::string& url,
    const Notice& notice,
    std::optional<File> original = {},
    const std::stop_token& stop = {},
    const Timeouts& timeouts = quick
) {
    auto wire = Wire::of(notice, std::move(original));
    REQUIRE_GOOD(wire);
    return submit(url, notice, *wire, timeouts, stop);
}

/// For waits that something else must end: longer than a test allows.
Timeouts patient() {
    Timeouts timeouts = quick;
    timeouts.stall = timeouts.whole = seconds(120);
    return timeouts;
}

Notice failure() {
    return rendered(malformed(NoticeKind::failure));
}

std::vector<TakenMail> when_taken(SmtpServer& server, std::size_t count) {
    // The server notes a mail when its connection is over, a moment after the client knows.
    for (int i = 0; i < 200 && server.taken().size() < count; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return server.taken();
}

} // namespace

TEST_SUITE("outbox/smtp") {

    TEST_CASE("a mail is handed over octet by octet, and the queue id comes back") {
        SmtpServer server;
        const Notice notice = failure();
        const auto done = send(server.url(), notice);
        REQUIRE_GOOD(done);
        CHECK(done->queue_id == "4TEST1");
        CHECK(done->reply == "250 2.0.0 Ok: queued as 4TEST1");
        const std::vector<TakenMail> mails = when_taken(server, 1);
        REQUIRE(mails.size() == 1);
        CHECK(mails[0].helo == "in.example.com");
        CHECK(mails[0].from == "bounce+01jda0000000000000000000r1@in.example.com");
        CHECK(mails[0].to == "anna@kunde.example");
        CHECK(mails[0].data == wired(notice));
    }

    TEST_CASE("a reply to a sender has the null sender") {
        SmtpServer server;
        REQUIRE_GOOD(send(server.url(), rendered(malformed(NoticeKind::correction))));
        const std::vector<TakenMail> mails = when_taken(server, 1);
        REQUIRE(mails.size() == 1);
        CHECK(mails[0].from.empty());
    }

    TEST_CASE("no original ends the mail early, whatever it holds") {
        const TempDir dir;
        const std::string head = "Subject: x\r\n\r\n";
        const std::string big(3000000, '\xfe');
        for (const std::string& original :
             {head + ".\r\nMAIL FROM:<eve@evil.example>\r\n..\r\n.\r\n",
              head + "x\n.\r\nQUIT\r\n",
              head + "x\r.\rQUIT\r\n",
              head + "x\r\n.\nQUIT\r\n",
              std::string(".\r\n"),
              head + std::string("\r\n\0.\r\n", 6),
              big,
              std::string("no end")}) {
            CAPTURE(original.substr(0, 80));
            SmtpServer server;
            const auto open = [&] { return file_with(dir.path() / "original", original); };
            const Notice notice = failure();
            REQUIRE_GOOD(send(server.url(), notice, open()));
            const std::vector<TakenMail> mails = when_taken(server, 1);
            REQUIRE(mails.size() == 1);
            CHECK(mails[0].data == wired(notice, open()));
        }
    }

    TEST_CASE("what the server says decides whether it is tried again") {
        struct Case {
            std::string stage;
            std::string answer;
            Kind kind;
            bool unreachable;
        };

        const Notice notice = failure();
        for (const Case& c :
             {Case{"greeting", "421 4.3.2 closing", Kind::temporary, true},
              {"greeting", "554 5.3.2 no service", Kind::temporary, true},
              {"greeting", "drop", Kind::temporary, true},
              {"MAIL", "451 4.3.0 later", Kind::temporary, false},
              {"MAIL", "552 5.3.4 too large", Kind::refused, false},
              {"RCPT", "450 4.2.0 greylisted", Kind::temporary, false},
              {"RCPT", "550 5.1.1 nobody", Kind::refused, false},
              {"RCPT", "drop", Kind::temporary, false},
              {"DATA", "451 4.3.0 later", Kind::temporary, false},
              {"DATA", "554 5.5.1 no", Kind::refused, false},
              {"body", "drop", Kind::temporary, false},
              {"dot", "452 4.3.1 full", Kind::temporary, false},
              {"dot", "554 5.6.0 no", Kind::refused, false},
              {"dot", "drop", Kind::temporary, false}}) {
            CAPTURE(c.stage);
            CAPTURE(c.answer);
            SmtpServer server(c.stage, c.answer);
            const auto done = send(server.url(), notice);
            REQUIRE_FALSE(done.has_value());
            CAPTURE(done.error().what);
            CHECK(done.error().kind == c.kind);
            CHECK((done.error().cause == Cause::unreachable) == c.unreachable);
            if (c.answer != "drop")
                CHECK(done.error().what == server.url() + " did not take the mail: " + c.answer);
            CHECK(server.taken().empty());
        }
    }

    TEST_CASE("a server that knows no EHLO is greeted with HELO") {
        SmtpServer server("EHLO", "502 5.5.1 unknown");
        REQUIRE_GOOD(send(server.url(), failure()));
    }

    TEST_CASE("a server that takes a mail and then hangs has taken it") {
        SmtpServer server("QUIT", "hang");
        const auto begun = std::chrono::steady_clock::now();
        const auto done = send(server.url(), failure(), {}, {}, patient());
        REQUIRE_GOOD(done);
        CHECK(done->queue_id == "4TEST1");
        CHECK(std::chrono::steady_clock::now() - begun < seconds(30));
    }

    TEST_CASE("nobody listens: the transport is away, for every mail") {
        std::string url;
        {
            const SmtpServer server;
            url = server.url();
        }
        const auto done = send(url, failure());
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == Kind::temporary);
        CHECK(done.error().cause == Cause::unreachable);
        CHECK_FALSE(done.error().remedy.empty());
    }

    TEST_CASE("a server that says nothing more is given up in time") {
        for (const char* stage : {"greeting", "RCPT", "dot"}) {
            CAPTURE(stage);
            SmtpServer server(stage, "hang");
            const auto begun = std::chrono::steady_clock::now();
            const auto done = send(server.url(), failure());
            REQUIRE_FALSE(done.has_value());
            CHECK(done.error().kind == Kind::temporary);
            CHECK(std::chrono::steady_clock::now() - begun < seconds(30));
        }
    }

    TEST_CASE("a mail that cannot be read to its end is broken off, never ended") {
        const TempDir dir;
        const auto path = dir.path() / "original";
        SmtpServer server;
        const Notice notice = failure();
        std::string original;
        while (original.size() < 3000000)
            original += "0123456789012345678901234567890123456789\r\n";
        auto wire = Wire::of(notice, file_with(path, original));
        REQUIRE_GOOD(wire);
        std::filesystem::resize_file(path, 1500000);
        const auto done = submit(server.url(), notice, *wire, quick, {});
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == Kind::corrupt);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        CHECK(server.taken().empty());
    }

    TEST_CASE("a stop breaks off a mail that is not out, and waits a little for one that is") {
        for (const char* stage : {"RCPT", "dot"}) {
            CAPTURE(stage);
            SmtpServer server(stage, "hang");
            std::stop_source stop;
            std::jthread stopper([&stop] {
                std::this_thread::sleep_for(std::chrono::milliseconds(300));
                stop.request_stop();
            });
            const auto begun = std::chrono::steady_clock::now();
            const auto done = send(server.url(), failure(), {}, stop.get_token(), patient());
            REQUIRE_FALSE(done.has_value());
            CHECK(done.error().kind == Kind::temporary);
            CHECK(std::chrono::steady_clock::now() - begun < seconds(30));
        }
    }
}
