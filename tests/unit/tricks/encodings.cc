// Base64, quoted-printable, and what is neither.
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tricks/tables.hh"

#include <algorithm>

namespace kwit::test {

namespace {

using namespace std::string_literals;

/// A mail with a PDF in that encoding, as it stands there.
std::string in(std::string_view encoding, std::string_view content) {
    return mail_of(multipart(
        "mixed",
        {text_part,
         part(
             "Content-Type: application/pdf\r\nContent-Disposition: attachment; "
             "filename=\"a.pdf\"\r\nContent-Transfer-Encoding: " +
                 std::string(encoding) + "\r\n",
             content
         )}
    ));
}

std::string replaced(std::string text, std::string_view old, std::string_view with) {
    for (std::size_t at = text.find(old); at != std::string::npos;
         at = text.find(old, at + with.size()))
        text.replace(at, old.size(), with);
    return text;
}

/// So many bytes in a group of their own, padded.
std::string in_chunks(std::size_t size) {
    std::string out;
    for (std::size_t at = 0; at < pdf.size(); at += size)
        out += base64(std::string_view(pdf).substr(at, size)) + "\r\n";
    return out;
}

const std::string uuencoded = "))5!$1BTQ+C0*\r\n";
constexpr std::string_view damage = "a.pdf encoding-damaged/base64";
constexpr std::string_view quoted_damage = "a.pdf encoding-damaged/quoted-printable";

} // namespace

std::vector<Trick> encoding_tricks() {
    const std::string plain = base64(pdf);
    const std::string text = "%PDF-1.4 a=b\r\n";
    return {
        {"base64-in-padded-chunks", in("base64", in_chunks(16)), "a.pdf filed", {pdf}},
        {"base64-padded-after-each-byte", in("base64", in_chunks(1)), "a.pdf filed", {pdf}},
        {"base64-in-lines-of-one",
         in("base64", replaced(base64(pdf, 4), "\r\n", "")),
         "a.pdf filed",
         {pdf}},
        {"base64-in-lines-of-four", in("base64", base64(pdf, 4)), "a.pdf filed", {pdf}},
        {"base64-groups-over-lines",
         in("base64", "J\r\nV\r\nBE\r\nRi0\r\nxLjQ=\r\n"),
         "a.pdf filed",
         {"%PDF-1.4"}},
        {"base64-with-blanks-and-tabs",
         in("base64", replaced(plain, "\r\n", " \t\r\n \t")),
         "a.pdf filed",
         {pdf}},
        {"base64-with-empty-lines",
         in("base64", replaced(plain, "\r\n", "\r\n\r\n\r\n") + "\r\n\r\n"),
         "a.pdf filed",
         {pdf}},
        {"base64-with-vertical-tabs", in("base64", "JVBE\vRi0xLjQ="), damage},
        {"base64-with-junk", in("base64", "JVBE.-#!Ri0xLjQ="), damage},
        {"base64-with-nul", in("base64", "JVBE\0Ri0xLjQ="s), damage},
        {"base64-with-eight-bit", in("base64", "JVBE\xE4Ri0xLjQ="), damage},
        {"base64-of-the-url-alphabet", in("base64", "JVBERi0xLjQ_-_-_"), damage},
        {"base64-without-padding", in("base64", "JVBERi0xLjQ"), damage},
        {"base64-with-one-character-left", in("base64", "JVBERi0xLjQ=J"), damage},
        {"base64-with-too-much-padding", in("base64", "JVBERi0xLjQ=="), damage},
        {"base64-that-begins-with-padding", in("base64", "=JVBERi0xLjQ="), damage},
        {"base64-with-padding-inside-a-group", in("base64", "JV=BERi0xLjQ="), damage},
        {"base64-with-bits-in-the-padding",
         in("base64", "JVBERi0xLjR="),
         "a.pdf filed",
         {"%PDF-1.4"}},
        {"base64-with-a-text-behind",
         in("base64", plain + "\r\n\r\nSent from my phone.\r\n"),
         damage},
        {"base64-with-a-word-behind",
         in("base64", plain + "\r\n\r\nEnde\r\n"),
         "a.pdf filed",
         {pdf + "\x12w\x5E"}},
        {"base64-with-bare-cr", in("base64", replaced(plain, "\r\n", "\r")), "a.pdf filed", {pdf}},
        {"base64-with-bare-lf", in("base64", replaced(plain, "\r\n", "\n")), "a.pdf filed", {pdf}},
        {"base64-in-a-line-of-5000",
         in("base64", base64(pdf + std::string(3750, 'x'), 100000)),
         "a.pdf filed",
         {pdf + std::string(3750, 'x')}},
        {"base64-that-is-a-pdf", in("base64", pdf), damage},
        {"base64-empty", in("base64", ""), "a.pdf ignored"},
        {"quoted", in("quoted-printable", quoted_printable(pdf)), "a.pdf filed", {pdf}},
        {"quoted-in-lower-case",
         in("quoted-printable", "=25PDF-1.4 a=3db=0d=0a"),
         "a.pdf filed",
         {text}},
        {"quoted-with-blanks-behind-a-soft-break",
         in("quoted-printable", "=25PDF= \t\r\n-1.4 a=3Db=0D=0A"),
         "a.pdf filed",
         {text}},
        {"quoted-with-blanks-at-the-end-of-a-line",
         in("quoted-printable", "=25PDF-1.4 a=3Db \t\r\nx"),
         "a.pdf filed",
         {text + "x"}},
        {"quoted-with-an-equals-sign-at-the-end",
         in("quoted-printable", "=25PDF-1.4 a=3Db=0D=0A="),
         "a.pdf filed",
         {text}},
        {"quoted-with-half-an-escape-at-the-end",
         in("quoted-printable", "=25PDF-1.4 a=3"),
         quoted_damage},
        {"quoted-with-an-illegal-escape", in("quoted-printable", "=25PDF-1.4 =XY"), quoted_damage},
        {"quoted-with-an-escape-cut-by-a-line-end",
         in("quoted-printable", "=25PDF-1.4 =3\r\nD"),
         quoted_damage},
        {"quoted-with-raw-eight-bit",
         in("quoted-printable", "%PDF-1.4 \xE4"),
         "a.pdf filed",
         {"%PDF-1.4 \xE4"}},
        {"quoted-with-raw-nul",
         in("quoted-printable", "%PDF-1.4 \0x"s),
         "a.pdf filed",
         {"%PDF-1.4 \0x"s}},
        {"quoted-with-bare-cr",
         in("quoted-printable", "%PDF-1.4 \rx"),
         "a.pdf filed",
         {"%PDF-1.4 \rx"}},
        {"quoted-in-a-line-of-5000",
         in("quoted-printable", "%PDF-1.4 " + std::string(5000, 'x')),
         "a.pdf filed",
         {"%PDF-1.4 " + std::string(5000, 'x')}},
        {"uuencode-as-transfer-encoding",
         in("x-uuencode", "begin 644 a.pdf\r\n#0V%T\r\n`\r\nend\r\n"),
         "a.pdf encoding-damaged/unknown"},
        {"uue-as-transfer-encoding",
         in("uue", "begin 644 a.pdf\r\n#0V%T\r\n`\r\nend\r\n"),
         "a.pdf encoding-damaged/unknown"},
        {"yenc-as-transfer-encoding",
         in("yEnc", "=ybegin line=128 size=1 name=a.pdf\r\n"),
         "a.pdf encoding-damaged/unknown"},
        {"binhex-as-transfer-encoding",
         in("binhex", "(This file must be converted with BinHex 4.0)\r\n"),
         "a.pdf encoding-damaged/unknown"},
        {"gzip64-as-transfer-encoding",
         in("x-gzip64", "H4sIAAAAAAAA\r\n"),
         "a.pdf encoding-damaged/unknown"},
        {"pdf-behind-an-unknown-encoding", in("x-nobody", pdf), "a.pdf encoding-damaged/unknown"},
        {"binary-with-bare-cr-and-lf",
         in("binary", "%PDF-1.4\ra\nb\r\r\nc"),
         "a.pdf filed",
         {"%PDF-1.4\ra\nb\r\r\nc"}},
        {"eight-bit-with-nul", in("8bit", "%PDF-1.4\0\xFF"s), "a.pdf filed", {"%PDF-1.4\0\xFF"s}},
        {"seven-bit-that-is-eight",
         in("7bit", "%PDF-1.4 \xE4\xF6"),
         "a.pdf filed",
         {"%PDF-1.4 \xE4\xF6"}},
        {"mail-in-base64",
         mail_of(multipart(
             "mixed",
             {text_part,
              part(
                  "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n",
                  base64("Subject: y\r\n\r\nx")
              )}
         )),
         "- container"},
        {"uuencoded-in-the-text",
         mail_of(part(
             "Content-Type: text/plain\r\n",
             "Hallo\r\nbegin 644 a.pdf\r\n" + uuencoded + "`\r\nend\r\nGruss\r\n"
         )),
         "a.pdf filed",
         {"%PDF-1.4\n"}},
        {"uuencoded-and-broken-off",
         mail_of(
             part("Content-Type: text/plain\r\n", "begin 644 a.pdf\r\n" + uuencoded + "Hallo\r\n")
         ),
         "a.pdf encoding-damaged/member"},
        {"uuencoded-in-words-only",
         mail_of(part("Content-Type: text/plain\r\n", "begin 644 a.pdf\r\nHallo\r\nend\r\n")),
         "nothing"},
    };
}

} // namespace kwit::test
