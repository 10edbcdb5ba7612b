#include "core/mime/split.hh"

#include "tests/unit/mime/mail.hh"
#include "tests/unit/result.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

namespace {

/// "name=value|name=value|@body" of a file with that content.
std::string shown(std::string_view content, const LimitSettings& limits = {}) {
    const test::TempDir dir;
    const auto mail = split_mail(test::file_of(dir, content), limits);
    REQUIRE_GOOD(mail);
    std::string out;
    for (const HeaderField& field : mail->fields)
        out += field.name + "=" + field.value + "|";
    return out + "@" + std::to_string(mail->body);
}

} // namespace

TEST_SUITE("mime/split") {
    TEST_CASE("a file comes apart as an MTA reads it") {
        struct Case {
            std::string_view label;
            std::string_view content;
            std::string_view parts;
        };

        for (const Case& c : {
                 Case{"CRLF", "A: 1\r\nB:2\r\n\r\nbody", "A= 1|B=2|@13"},
                 Case{"LF", "A: 1\nB:2\n\nbody", "A= 1|B=2|@10"},
                 Case{"folded", "A: 1\r\n 2\r\n\t3\r\n\r\n", "A= 1\r\n 2\r\n\t3|@16"},
                 Case{"space before the colon", "From : x\n\n", "From= x|@10"},
                 Case{"no body", "A: 1\r\n\r\n", "A= 1|@8"},
                 Case{"no empty line", "A: 1\r\n", "A= 1|@6"},
                 Case{"no line end", "A: 1", "A= 1|@4"},
                 Case{"a line without colon ends the block", "A: 1\nno header\nB: 2\n", "A= 1|@5"},
                 Case{"8-bit in a name ends it", "A: 1\nB\xE4: 2\n", "A= 1|@5"},
                 Case{"a space in a name ends it", "A: 1\nFrom x y: 2\n", "A= 1|@5"},
                 Case{"a line of blanks is a fold", "A: 1\n  \nB: 2\n\n", "A= 1\n  |B= 2|@14"},
                 Case{"white space first is body", " A: 1\n", "@0"},
                 Case{"mbox line is body", "From anna Sat Nov 14\nA: 1\n", "@0"},
                 Case{
                     "a From folded before its colon is body (a11 to a13)",
                     "From\r\n : <a@attack.example>\r\nFrom: <b@legit.example>\r\n",
                     "@0"},
                 Case{
                     "a From behind a space is body (a9)",
                     " From: <a@attack.example>\r\nFrom: <b@legit.example>\r\n",
                     "@0"},
                 Case{
                     "From with a space before its colon is From (a10)",
                     "From: <a@b.example>\nFrom : <c@d.example>\n\n",
                     "From= <a@b.example>|From= <c@d.example>|@42"},
                 Case{"empty line first", "\nA: 1\n", "@1"},
                 Case{"empty", "", "@0"},
             }) {
            CAPTURE(c.label);
            CHECK(shown(c.content) == c.parts);
        }
    }

    TEST_CASE("a header longer than a buffer is whole") {
        const std::string value(50000, 'x');
        CHECK(shown("A: " + value + "\r\nB: 2\r\n\r\n") == "A= " + value + "|B= 2|@50013");
    }

    TEST_CASE("it stops one past the limits") {
        CHECK(shown("A:1\nB:2\nC:3\nD:4\n\n", {.headers = 2}) == "A=1|B=2|C=3|@12");
        CHECK(shown("A:1\nB:2\n\n", {.headers = 2}) == "A=1|B=2|@9");
        CHECK(shown("A:1\nB:2\nC:3\n\n", {.header_bytes = 8}) == "A=1|B=2|C=3|@12");
        CHECK(shown("A:1\nB:2\n\n", {.header_bytes = 8}) == "A=1|B=2|@9");
    }
}

} // namespace kwit::mime
