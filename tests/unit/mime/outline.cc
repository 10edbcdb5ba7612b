#include "core/mime/outline.hh"

#include "tests/unit/mime/mail.hh"

#include <doctest/doctest.h>

#include <algorithm>

namespace kwit::mime {

namespace {

using test::examined;
using test::html_part;
using test::mail_of;
using test::multipart;
using test::part;
using test::pdf_part;
using test::text_part;

const std::vector<std::string> none{};

} // namespace

// Both readings together, as examine() compares them.
TEST_SUITE("mime/outline") {
    TEST_CASE("a structure that can be read in two ways is ambiguous") {
        struct Case {
            std::string_view label;
            std::string entity;
            std::vector<std::string> words; // these at least
        };

        using namespace std::string_literals;
        const std::string open =
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n";
        for (const Case& c : {
                 Case{
                     "type twice",
                     "Content-Type: multipart/mixed; boundary=a\r\n" +
                         multipart("mixed", {text_part}, "b"),
                     {"duplicate-content-type"}},
                 Case{
                     "boundary twice",
                     "Content-Type: multipart/mixed; boundary=a; "
                     "boundary=b\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n",
                     {"duplicate-boundary"}},
                 Case{
                     "encoding twice in a part",
                     multipart(
                         "mixed",
                         {part(
                             "Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: "
                             "7bit\r\n",
                             "eA=="
                         )}
                     ),
                     {"duplicate-content-transfer-encoding"}},
                 Case{
                     "no boundary",
                     "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
                     {"multipart-without-boundary"}},
                 Case{
                     "no part",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
                     {"multipart-without-parts"}},
                 Case{
                     "only a preamble",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\ntext\r\n",
                     {"multipart-without-parts"}},
                 Case{
                     "inner boundary like the outer",
                     multipart("mixed", {multipart("mixed", {text_part}, "b")}, "b"),
                     {"boundary-used-twice"}},
                 Case{
                     "inner boundary looks like an end",
                     multipart("mixed", {multipart("mixed", {text_part}, "b--")}, "b"),
                     {"boundary-used-twice"}},
                 Case{
                     "delimiter with junk",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b "
                     "junk\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
                     {"delimiter-with-more"}},
                 Case{
                     "a part behind the end",
                     open + "--b--\r\n--b\r\n\r\ny\r\n--b--\r\n",
                     {"part-after-close"}},
                 Case{
                     "a part in the preamble",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\nContent-Type: "
                     "application/pdf\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
                     {"part-outside-delimiters"}},
                 Case{
                     "a part in the epilogue",
                     open + "--b--\r\nContent-Transfer-Encoding: base64\r\n",
                     {"part-outside-delimiters"}},
                 Case{
                     "a delimiter among headers",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: "
                     "b\r\n--b\r\n\r\nx\r\n--b--\r\n",
                     {"part-without-content"}},
                 Case{
                     "a line among headers",
                     multipart("mixed", {part("no header\r\nA: b\r\n", "x")}),
                     {"malformed-header"}},
                 Case{
                     "NUL in a header",
                     multipart("mixed", {part("A: b\0c\r\n"s, "x")}),
                     {"header-with-nul"}},
                 Case{
                     "8-bit in a header name",
                     multipart("mixed", {part("A\xE4: b\r\n", "x")}),
                     {"malformed-header"}},
                 Case{
                     "space before a part's colon",
                     multipart("mixed", {part("Content-Type : text/plain\r\n", "x")}),
                     {"malformed-header-name"}},
                 Case{
                     "encoded multipart",
                     "Content-Transfer-Encoding: base64\r\n" + multipart("mixed", {text_part}),
                     {"encoded-multipart"}},
                 Case{
                     "encoding in quotes",
                     multipart(
                         "mixed", {part("Content-Transfer-Encoding: \"base64\"\r\n", "eA==")}
                     ),
                     {"malformed-content-transfer-encoding"}},
                 Case{
                     "an attached mail with the outer boundary",
                     multipart(
                         "mixed",
                         {part(
                             "Content-Type: message/rfc822\r\n",
                             "Subject: y\r\n" + multipart("mixed", {text_part, text_part}, "b")
                         )},
                         "b"
                     ),
                     {"structure-differs"}},
                 Case{
                     "a sea of preamble",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + std::string(70000, 'x') +
                         "\r\n--b\r\n\r\nx\r\n--b--\r\n",
                     {"text-outside-parts"}},
             }) {
            CAPTURE(c.label);
            const std::vector<std::string> found = examined(mail_of(c.entity)).facts.ambiguities;
            for (const std::string& word : c.words) {
                CAPTURE(word);
                CHECK(std::find(found.begin(), found.end(), word) != found.end());
            }
        }
    }

    TEST_CASE("what is only unusual is not ambiguous") {
        struct Case {
            std::string_view label;
            std::string entity;
            std::size_t parts;
        };

        std::string lf = multipart("mixed", {text_part, text_part});
        lf.erase(std::remove(lf.begin(), lf.end(), '\r'), lf.end());
        for (const Case& c : {
                 Case{"LF only", lf, 2},
                 Case{
                     "preamble and epilogue",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\nThis is a multi-part "
                     "message in MIME format.\r\n--b\r\n\r\nx\r\n--b--\r\nbye\r\n",
                     1},
                 Case{
                     "blanks behind delimiters",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b \t\r\n\r\nx\r\n--b-- "
                     "\r\n",
                     1},
                 Case{
                     "no line end at the end",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
                     1},
                 Case{
                     "similar boundaries",
                     multipart(
                         "mixed",
                         {multipart("alternative", {text_part, html_part}, "b1"), pdf_part()},
                         "b"
                     ),
                     3},
                 Case{
                     "one boundary for two siblings",
                     multipart(
                         "mixed",
                         {multipart("alternative", {text_part}, "i"),
                          multipart("alternative", {text_part}, "i")},
                         "b"
                     ),
                     2},
                 Case{
                     "a comment behind the encoding",
                     multipart(
                         "mixed", {part("Content-Transfer-Encoding: base64 (x)\r\n", "eA==")}
                     ),
                     1},
                 Case{"NUL in a body", part("", std::string("a\0b", 3)), 1},
                 Case{"a bare CR in a body", part("", "a\r--b\rc"), 1},
                 Case{"signature line", part("", "a\r\n-- \r\nAnna"), 1},
                 Case{
                     "long lines",
                     part("", std::string(100000, 'x') + "\r\n" + std::string(70000, 'y')),
                     1},
                 Case{"empty body", part("", ""), 1},
                 Case{"part without headers", multipart("mixed", {part("", "x"), pdf_part()}), 2},
             }) {
            CAPTURE(c.label);
            const Examined mail = examined(mail_of(c.entity));
            CHECK(mail.facts.ambiguities == none);
            CHECK(mail.facts.parts.size() == c.parts);
        }
    }
}

} // namespace kwit::mime
