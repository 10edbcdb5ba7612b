#include "core/outbox/wire.hh"

#include "tests/unit/outbox/office.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

#include <filesystem>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

Notice failure() {
    return rendered(malformed(NoticeKind::failure), "pl");
}

/// What the server sees must not end early or be read in two ways.
void check_lines(std::string_view mail) {
    CHECK(mail.ends_with("\r\n"));
    std::size_t column = 0;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < mail.size(); ++i) {
        const char c = mail[i];
        if (c <= 0) FAIL("a NUL or an octet over 127 at " << i);
        if ((c == '\r') != (i + 1 < mail.size() && mail[i + 1] == '\n'))
            FAIL("a bare CR or LF at " << i);
        column = c == '\n' ? 0 : column + 1;
        longest = std::max(longest, column);
    }
    CHECK(longest <= 999); // its CR counts here
}

std::string text_of(std::string_view part) {
    std::string text = undone(mime::Encoding::quoted_printable, body_of(part));
    std::erase(text, '\r');
    return text;
}

struct Attached {
    std::string head;
    std::string content;
};

Attached attached(const std::string& mail) {
    const std::vector<std::string> parts = parts_of(mail);
    REQUIRE(parts.size() == 2);
    const std::size_t end = parts[1].find("\r\n\r\n") + 4;
    return {parts[1].substr(0, end), parts[1].substr(end)};
}

} // namespace

TEST_SUITE("outbox/wire") {

    TEST_CASE("a notice alone is its text and its page, which read as they were worded") {
        const Notice notice = failure();
        const std::string mail = wired(notice);
        check_lines(mail);
        CHECK(mail.starts_with(notice.headers + "MIME-Version: 1.0\r\n"));
        CHECK(header(mail, "Content-Type").starts_with("multipart/alternative; boundary="));
        const auto parts = parts_of(mail);
        REQUIRE(parts.size() == 2);
        CHECK(header(parts[0], "Content-Type") == "text/plain; charset=UTF-8");
        CHECK(header(parts[1], "Content-Type") == "text/html; charset=UTF-8");
        for (const std::string& part : parts)
            CHECK(header(part, "Content-Transfer-Encoding") == "quoted-printable");
        CHECK(text_of(parts[0]) == notice.text);
        CHECK(text_of(parts[1]) == notice.html);
    }

    TEST_CASE("a logo travels beside the page that shows it") {
        Notice notice = failure();
        const std::string bytes("\x89PNG\0\xff", 6);
        notice.logo = std::make_shared<const Logo>(Logo{.media_type = "image/png", .bytes = bytes});
        notice.content_id = "logo.x@in.example.com";
        const std::string mail = wired(notice);
        check_lines(mail);
        const auto parts = parts_of(mail);
        REQUIRE(parts.size() == 2);
        CHECK(header(parts[1], "Content-Type").starts_with("multipart/related; type=\"text/html\"")
        );
        const auto related = parts_of(parts[1]);
        REQUIRE(related.size() == 2);
        CHECK(text_of(related[0]) == notice.html);
        CHECK(header(related[1], "Content-Type") == "image/png");
        CHECK(header(related[1], "Content-ID") == "<logo.x@in.example.com>");
        CHECK(header(related[1], "Content-Disposition") == "inline");
        CHECK(undone(mime::Encoding::base64, body_of(related[1])) == bytes);
        CHECK(wired(notice) == mail);
    }

    TEST_CASE("with an original both forms of the words are one part before it") {
        const TempDir dir;
        const Notice notice = failure();
        const auto parts =
            parts_of(wired(notice, file_with(dir.path() / "original", "a: b\r\n\r\n")));
        REQUIRE(parts.size() == 2);
        CHECK(header(parts[0], "Content-Type").starts_with("multipart/alternative;"));
        const auto words = parts_of(parts[0]);
        REQUIRE(words.size() == 2);
        CHECK(text_of(words[0]) == notice.text);
    }

    TEST_CASE("a report says for programs what became of the mail") {
        Notice notice = failure();
        notice.status = "Reporting-MTA: dns; in.example.com\n\nAction: failed\n";
        const std::string mail = wired(notice);
        check_lines(mail);
        CHECK(header(mail, "Content-Type")
                  .starts_with("multipart/report; report-type=delivery-status; boundary="));
        const auto parts = parts_of(mail);
        REQUIRE(parts.size() == 2);
        CHECK(header(parts[0], "Content-Type").starts_with("multipart/alternative;"));
        CHECK(
            parts[1] == "Content-Type: message/delivery-status\r\n\r\n"
                        "Reporting-MTA: dns; in.example.com\r\n\r\nAction: failed\r\n"
        );
    }

    TEST_CASE("a canonical 7-bit original goes byte for byte as message/rfc822") {
        const TempDir dir;
        for (const std::string& original :
             {std::string("Subject: x\r\n\r\nbody\r\n"),
              std::string("no line end"),
              std::string(),
              std::string("Subject: x\r\n\r\n.\r\n..\r\n.x\r\n\r\n.\r\n"),
              "x: " + std::string(995, 'y') + "\r\n",
              std::string("\r\n\r\n"),
              std::string(
                  "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"
              )}) {
            CAPTURE(original);
            const std::string mail = wired(failure(), file_with(dir.path() / "original", original));
            check_lines(mail);
            const Attached part = attached(mail);
            CHECK(header(part.head, "Content-Type") == "message/rfc822; name=\"original.eml\"");
            CHECK(header(part.head, "Content-Transfer-Encoding") == "7bit");
            CHECK(part.content == original);
        }
    }

    TEST_CASE("an original that could be changed or end the mail goes in base64") {
        const TempDir dir;
        const std::string head = "Subject: x\r\n\r\n";
        for (const std::string& original :
             {head + "8-bit: \xc5\xbc\r\n",
              "x: " + std::string(996, 'y') + "\r\n",
              head + std::string("nul: \0\r\n", 8),
              head + "bare\n.\r\nMAIL FROM:<x>\r\n",
              head + "bare\r.\rx\r\n",
              head + "x\r\n.\n\r\n",
              head + "ends in CR\r",
              head + "\r\r\n",
              std::string("\n"),
              std::string("\r"),
              head + std::string(300000, '\xff')}) {
            CAPTURE(original.substr(0, 100));
            const std::string mail = wired(failure(), file_with(dir.path() / "original", original));
            check_lines(mail);
            const Attached part = attached(mail);
            CHECK(
                header(part.head, "Content-Type") ==
                "application/octet-stream; name=\"original.eml\""
            );
            CHECK(header(part.head, "Content-Transfer-Encoding") == "base64");
            CHECK(undone(mime::Encoding::base64, part.content) == original);
        }
    }

    TEST_CASE("the bad octet is seen wherever it stands, also across the blocks it is read in") {
        const TempDir dir;
        const std::string line = std::string(62, 'x') + "\r\n"; // a block ends between lines
        std::string original;
        while (original.size() < 200000)
            original += line;
        for (const std::size_t at : {0U, 65535U, 65536U, 131071U, 131072U, 199999U}) {
            std::string bad = original;
            bad[at] = '\n';
            if (bad == original) bad[at] = '\r';
            if (at % 64 == 63) bad[at] = 'x'; // the LF of a CRLF is gone
            CAPTURE(at);
            const std::string mail = wired(failure(), file_with(dir.path() / "original", bad));
            CHECK(undone(mime::Encoding::base64, attached(mail).content) == bad);
        }
        CHECK(
            attached(wired(failure(), file_with(dir.path() / "original", original))).content ==
            original
        );
    }

    TEST_CASE("the bytes do not depend on how they are asked for") {
        const TempDir dir;
        for (const std::string& original :
             {std::string("Subject: x\r\n\r\nbody\r\n"), std::string(100000, '\xfe')}) {
            const auto open = [&] { return file_with(dir.path() / "original", original); };
            const std::string whole = wired(failure(), open());
            for (const std::size_t step : {1U, 77U, 78U, 79U, 65536U, 1048576U})
                CHECK(wired(failure(), open(), step) == whole);
        }
    }

    TEST_CASE("the boundary is the same at every try and stands nowhere in the text") {
        const TempDir dir;
        const auto open = [&] { return file_with(dir.path() / "original", "a: b\r\n\r\n"); };
        Notice notice = failure();
        CHECK(wired(notice, open()) == wired(notice, open()));
        const std::string before = header(wired(notice, open()), "Content-Type");
        notice.attach = Digest::parse(std::string(64, '1')).value();
        CHECK(header(wired(notice, open()), "Content-Type") != before);
    }

    TEST_CASE("an original that ends early is an error, never a shorter mail") {
        const TempDir dir;
        for (const char octet : {'x', '\xff'}) {
            const auto path = dir.path() / "original";
            auto wire = Wire::of(failure(), file_with(path, std::string(900, octet) + "\r\n"));
            REQUIRE_GOOD(wire);
            std::filesystem::resize_file(path, 500);
            std::vector<std::byte> buffer(100000);
            const auto got = wire->read(buffer);
            REQUIRE_FALSE(got.has_value());
            CHECK(got.error().kind == Kind::corrupt);
        }
    }
}
