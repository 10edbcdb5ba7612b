#include "core/mime/caps.hh"

#include "core/mime/address_header.hh"
#include "tests/unit/mime/mail.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

namespace {

using Over = std::vector<Limit>;

Over over(std::string_view mail, const LimitSettings& limits = {}, std::size_t chunk = 65535) {
    Caps caps(limits);
    for (std::size_t at = 0; at < mail.size(); at += chunk)
        caps.feed(as_bytes(mail.substr(at, chunk)));
    return caps.over();
}

std::string repeat(std::string_view text, std::size_t count) {
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

/// A mail with so many parts.
std::string parts(std::size_t count, std::string_view boundary = "b") {
    return test::mail_of(
        test::multipart("mixed", std::vector<std::string>(count, "\r\nx"), boundary)
    );
}

/// An attached mail with a header block and a body.
std::string attached(std::string_view headers) {
    return test::mail_of(test::multipart(
        "mixed", {"Content-Type: message/rfc822\r\n\r\n" + std::string(headers) + "\r\nbody"}
    ));
}

std::string nested(std::size_t depth) {
    std::string entity = "Content-Type: text/plain\r\n\r\nx";
    for (std::size_t i = 0; i < depth; ++i)
        entity = test::multipart("mixed", {entity}, "b" + std::to_string(i));
    return test::mail_of(entity);
}

} // namespace

TEST_SUITE("mime/caps") {
    TEST_CASE("the header block of the mail holds its limits, wherever the bytes are cut") {
        const LimitSettings limits{.headers = 3, .header_bytes = 30};
        for (std::size_t chunk = 1; chunk < 12; ++chunk) {
            CAPTURE(chunk);
            CHECK(over("A: 1\r\nB: 2\r\nC: 3\r\n\r\nD: 4\r\n", limits, chunk) == Over{});
            CHECK(over("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n", limits, chunk) == Over{Limit::headers});
            CHECK(over("A: 1\n 2\n 3\n 4\n 5\n\n", limits, chunk) == Over{});
            CHECK(over("A: " + std::string(25, 'x') + "\r\n\r\n", limits, chunk) == Over{});
            CHECK(
                over("A: " + std::string(26, 'x') + "\r\n\r\n", limits, chunk) ==
                Over{Limit::header_bytes}
            );
            CHECK(over("A: " + std::string(100, 'x'), limits, chunk) == Over{Limit::header_bytes});
        }
    }

    TEST_CASE("address headers are short, in the mail and in a mail in it") {
        const std::string most = "To:" + std::string(max_address_header - 3, 'g');
        for (const std::size_t chunk : {1UL, 7UL, 4096UL, 65535UL}) {
            CAPTURE(chunk);
            CHECK(over(most + "\r\n\r\n", {}, chunk) == Over{});
            CHECK(over(most + "\n\n", {}, chunk) == Over{});
            CHECK(over(most + "g\r\n\r\n", {}, chunk) == Over{Limit::address_header});
            CHECK(over(attached(most + "\r\n"), {}, chunk) == Over{});
            CHECK(over(attached(most + "g\r\n"), {}, chunk) == Over{Limit::address_header});
        }
        CHECK(over("To: " + repeat("g:", 50000) + "\r\n\r\n") == Over{Limit::address_header});
        CHECK(over(attached("To: " + repeat("g:", 50000) + "\r\n")) == Over{Limit::address_header});
        CHECK(
            over("Reply-To : " + repeat("\r\n g:g:g:g:g:g", 2000) + "\r\n\r\n") ==
            Over{Limit::address_header}
        );
        CHECK(over("To: " + repeat("g:", 50000)) == Over{Limit::address_header});
        CHECK(over("X-To: " + repeat("g:", 50000) + "\r\n\r\n") == Over{});
    }

    TEST_CASE("headers hold so many beginnings of encoded words as can be read in a moment") {
        const LimitSettings limits{.header_bytes = 1ULL << 20U};
        // Work is their number times the header's bytes.
        const auto header = [](std::size_t words) {
            return "Subject: " + repeat("=?abc =\r\n ?def ", words) + "\r\n\r\n";
        };
        std::size_t most = 0;
        while ((most + 1) * (10 + (most + 1) * 14) <= max_word_work)
            ++most;
        for (const std::size_t chunk : {1UL, 7UL, 4096UL}) {
            CAPTURE(chunk);
            CHECK(over(header(most), limits, chunk) == Over{});
            CHECK(over(header(most + 1), limits, chunk) == Over{Limit::headers});
        }
    }

    TEST_CASE("beginnings of encoded words are counted over all parts") {
        const std::string part =
            "Content-Type: application/pdf; name=\"" + repeat("=?a?b? ", 8000) + "\"\r\n\r\nx";
        CHECK(over(test::mail_of(test::multipart("mixed", {part}))) == Over{});
        CHECK(
            over(test::mail_of(test::multipart("mixed", std::vector(3, part)))) ==
            Over{Limit::headers}
        );
        // In a body they are anybody's text.
        CHECK(over(test::mail_of("\r\n" + repeat("=?a?b? ", 200000))) == Over{});
    }

    TEST_CASE("folds count with their line ends") {
        // "Cc: a" and folds of ten bytes each with what ends the line before
        const std::string folded = "Cc: a" + repeat("\r\n 1234567", (max_address_header - 5) / 10);
        const std::size_t rest = max_address_header - folded.size();
        CHECK(over(folded + std::string(rest, 'x') + "\r\n\r\n") == Over{});
        CHECK(
            over(folded + std::string(rest + 1, 'x') + "\r\n\r\n") == Over{Limit::address_header}
        );
    }

    TEST_CASE("parts are counted by the delimiters that begin them") {
        const LimitSettings limits{.parts = 5};
        for (const std::size_t chunk : {1UL, 2UL, 3UL, 65535UL}) {
            CAPTURE(chunk);
            CHECK(over(parts(5), limits, chunk) == Over{});
            CHECK(over(parts(6), limits, chunk) == Over{Limit::parts});
        }
        CHECK(over(parts(1000)) == Over{});
        CHECK(over(parts(1001)) == Over{Limit::parts});
        CHECK(over(parts(300000)) == Over{Limit::parts});
    }

    TEST_CASE("a delimiter is known in every dress") {
        const LimitSettings limits{.parts = 5};
        const auto mail = [](std::string_view type, std::string_view delimiter) {
            return "Content-Type: " + std::string(type) + "\r\n\r\n" +
                   repeat(std::string(delimiter) + "\r\n\r\nx\r\n", 6);
        };
        const std::string longest(252, 'b');
        for (const std::string& text : {
                 mail("multipart/mixed; boundary=b", "--b"),
                 mail("multipart/mixed; boundary=b", "--b \t "),
                 mail("multipart/mixed; boundary=b", "--b" + std::string(300, ' ')),
                 mail("multipart/mixed;\r\n\tboundary=\"b\"", "--b"),
                 mail("multipart/mixed; boundary=\"b--\"", "--b--"),
                 mail(
                     "multipart/mixed; boundary=a\r\nContent-Type: multipart/mixed; boundary=b",
                     "--b"
                 ),
                 mail("multipart/mixed; boundary=a; boundary=b", "--b"),
                 mail("multipart/mixed; boundary*=utf-8''%62", "--b"),
                 mail("multipart/mixed; boundary*0=b; boundary*1=c", "--bc"),
                 mail("multipart/mixed; boundary=\"\\b\"", "--b"),
                 mail("multipart/mixed; boundary=(x)b", "--b"),
                 mail("multipart/mixed; boundary=\"=?utf-8?Q?b?=\"", "--b"),
                 mail("multipart/mixed; boundary=" + longest, "--" + longest),
                 mail("multipart/mixed; boundary=" + longest + "bb", "--" + longest + "bb"),
                 mail("multipart/mixed; x=" + std::string(20000, 'x') + "; boundary=b", "--b"),
                 mail("boundary=b", "--b"),
             }) {
            CAPTURE(text.substr(0, 60));
            CHECK(over(text, limits) == Over{Limit::parts});
        }
    }

    TEST_CASE("text with hyphens is no multipart") {
        const LimitSettings limits{.parts = 5};
        const std::string lines = repeat("-----\r\n-- \r\n--b-\r\n", 100);
        CHECK(over("Subject: x\r\n\r\n" + lines, limits) == Over{});
        CHECK(
            over(
                test::mail_of(test::multipart("mixed", {"\r\n" + lines, "\r\n" + lines})), limits
            ) == Over{}
        );
    }

    TEST_CASE("header blocks of parts and attached mails hold the limits too") {
        const auto part = [](std::size_t count) {
            return test::mail_of(
                test::multipart("mixed", {repeat("A: b\r\n", count) + "\r\nx"}, "b")
            );
        };
        CHECK(over(part(3), {.headers = 4}) == Over{});
        CHECK(over(part(5), {.headers = 4}) == Over{Limit::headers});
        CHECK(over(part(200000)) == Over{Limit::headers});
        CHECK(over(attached(repeat("A: b\r\n", 1000))) == Over{});
        CHECK(over(attached(repeat("A: b\r\n", 1001))) == Over{Limit::headers});
        CHECK(
            over(attached("A: " + std::string(300000, 'x') + "\r\n")) == Over{Limit::header_bytes}
        );
        // a digest's parts are mails without being called so
        const std::string digest =
            test::mail_of(test::multipart("digest", {"\r\n" + repeat("A: b\r\n", 1001) + "\r\nx"}));
        CHECK(over(digest) == Over{Limit::headers});
    }

    TEST_CASE("many blocks together have a limit of their own") {
        const LimitSettings limits{.headers = 4};
        const auto mail = [](std::size_t count) { // four headers of the mail, three of each part
            return test::mail_of(test::multipart(
                "mixed", std::vector<std::string>(count, "A: 1\r\nB: 2\r\nC: 3\r\n\r\nx")
            ));
        };
        CHECK(over(mail(20), limits) == Over{});
        CHECK(over(mail(21), limits) == Over{Limit::headers});
    }

    TEST_CASE("an encoded attached mail is no header block, however long") {
        const std::string body = repeat(std::string(76, 'A') + "\r\n", 10000);
        const auto mail = [&body](std::string_view headers) {
            return test::mail_of(test::multipart(
                "mixed", {"Content-Type: message/rfc822\r\n" + std::string(headers) + "\r\n" + body}
            ));
        };
        CHECK(over(mail("Content-Transfer-Encoding: base64\r\n")) == Over{});
        CHECK(over(mail("")) == Over{Limit::headers});
        CHECK(
            over(mail("Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n")
            ) == Over{Limit::headers}
        );
    }

    TEST_CASE("depth is the number of multiparts and attached mails around") {
        CHECK(over(nested(20)) == Over{});
        CHECK(over(nested(21)) == Over{Limit::depth});
        CHECK(
            over(test::mail_of(repeat("Content-Type: message/rfc822\r\n\r\n", 20) + "\r\nx")) ==
            Over{}
        );
        CHECK(
            over(test::mail_of(repeat("Content-Type: message/rfc822\r\n\r\n", 21) + "\r\nx")) ==
            Over{Limit::depth}
        );
        std::string deep = "Subject: x\r\n";
        for (int i = 0; i < 10000; ++i) {
            const std::string boundary = std::to_string(i);
            deep += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" +
                    boundary + "\r\n";
        }
        CHECK(over(deep) == Over{Limit::depth});
    }

    TEST_CASE("many multiparts side by side are not deep") {
        const std::vector<std::string> open(
            100, "Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\nx"
        );
        CHECK(over(test::mail_of(test::multipart("mixed", open))) == Over{});
    }

    TEST_CASE("forty megabytes of base64 pass") {
        const std::string lines = repeat(std::string(76, 'A') + "\r\n", 500000);
        CHECK(
            over(test::mail_of(test::multipart(
                "mixed",
                {"Content-Type: application/pdf; name=message.pdf\r\nContent-Transfer-Encoding: "
                 "base64\r\n\r\n" +
                 lines}
            ))) == Over{}
        );
    }
}

} // namespace kwit::mime
