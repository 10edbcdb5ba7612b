// Header fields: twice, malformed, cut short.
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tricks/tables.hh"

namespace kwit::test {

namespace {

using namespace std::string_literals;

const std::string named = "Content-Disposition: attachment; filename=\"faktura.pdf\"\r\n";
const std::string typed = "Content-Type: application/pdf\r\n";
const std::string in_base64 = "Content-Transfer-Encoding: base64\r\n";

/// A mail whose second part has these headers and the PDF in base64.
std::string with(const std::string& headers) {
    return mail_of(multipart("mixed", {text_part, part(headers, base64(pdf))}));
}

/// A mail with one more header at its top, and a PDF.
std::string topped(const std::string& header) {
    return header + mail_of(multipart("mixed", {text_part, pdf_part()}));
}

/// The headers of the second part end with these bytes.
std::string separated(const std::string& separator) {
    return mail_of(multipart(
        "mixed",
        {text_part, typed + named + "Content-Transfer-Encoding: base64" + separator + base64(pdf)}
    ));
}

std::string many_headers(unsigned count) {
    std::string out;
    for (unsigned i = 0; i < count; ++i)
        out += "X-Header: x\r\n";
    return out;
}

} // namespace

std::vector<Trick> header_tricks() {
    return {
        {"content-type-twice-the-same",
         with(typed + typed + named + in_base64),
         "ambiguous: duplicate-content-type"},
        {"content-type-twice",
         with("Content-Type: text/plain\r\n" + typed + named + in_base64),
         "ambiguous: duplicate-content-type, conflicting-header"},
        {"content-type-twice-in-the-mail",
         mail_of("Content-Type: text/plain\r\n" + multipart("mixed", {text_part, pdf_part()})),
         "ambiguous: duplicate-content-type"},
        {"two-boundaries-in-two-content-types",
         mail_of(
             "Content-Type: multipart/mixed; boundary=a\r\n" +
             multipart("mixed", {text_part, pdf_part()}, "b")
         ),
         "ambiguous: duplicate-content-type"},
        {"encoding-twice-the-same",
         with(typed + named + in_base64 + in_base64),
         "ambiguous: duplicate-content-transfer-encoding"},
        {"encoding-twice",
         with(typed + named + "Content-Transfer-Encoding: 7bit\r\n" + in_base64),
         "ambiguous: duplicate-content-transfer-encoding, conflicting-header"},
        {"disposition-twice",
         with(typed + named + "Content-Disposition: inline\r\n" + in_base64),
         "ambiguous: duplicate-content-disposition, conflicting-header"},
        {"mime-version-twice",
         topped("MIME-Version: 1.0\r\n"),
         "ambiguous: duplicate-mime-version"},
        {"subject-twice", topped("Subject: y\r\n"), "ambiguous: duplicate-subject"},
        {"message-id-twice",
         topped("Message-ID: <1@x.example>\r\nMessage-ID: <2@x.example>\r\n"),
         "ambiguous: duplicate-message-id"},
        {"date-twice",
         topped("Date: Sat, 21 Nov 2026 10:00:00 +0100\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\n"
         ),
         "ambiguous: duplicate-date"},
        {"from-twice", topped("From: b@lieferant.example\r\n"), "faktura.pdf filed", {pdf}},
        {"encoding-list",
         with(typed + named + "Content-Transfer-Encoding: base64, quoted-printable\r\n"),
         "ambiguous: malformed-content-transfer-encoding"},
        {"encoding-in-quotes",
         with(typed + named + "Content-Transfer-Encoding: \"base64\"\r\n"),
         "ambiguous: malformed-content-transfer-encoding"},
        {"encoding-unknown",
         with(typed + named + "Content-Transfer-Encoding: x-nobody\r\n"),
         "faktura.pdf encoding-damaged/unknown"},
        {"encoding-in-mixed-case",
         with(typed + named + "CONTENT-transfer-Encoding: bAsE64\r\n"),
         "faktura.pdf filed",
         {pdf}},
        {"encoding-with-a-comment",
         with(typed + named + "Content-Transfer-Encoding: base64 (x)\r\n"),
         "faktura.pdf filed",
         {pdf}},
        {"encoding-with-a-comment-before",
         with(typed + named + "Content-Transfer-Encoding: (7bit) base64\r\n"),
         "faktura.pdf filed",
         {pdf}},
        {"comment-inside-the-encoding",
         with(typed + named + "Content-Transfer-Encoding: bas(x)e64\r\n"),
         "ambiguous: malformed-content-transfer-encoding"},
        {"encoding-folded-inside",
         with(typed + named + "Content-Transfer-Encoding: bas\r\n e64\r\n"),
         "ambiguous: malformed-content-transfer-encoding"},
        {"encoding-on-a-line-of-its-own",
         with(typed + named + "Content-Transfer-Encoding:\r\n base64\r\n"),
         "faktura.pdf filed",
         {pdf}},
        {"encoding-with-a-parameter",
         with(typed + named + "Content-Transfer-Encoding: base64; x=y\r\n"),
         "ambiguous: malformed-content-transfer-encoding"},
        {"encoding-empty",
         with(typed + named + "Content-Transfer-Encoding:\r\n"),
         "faktura.pdf type-mismatch"},
        {"nul-before-a-name",
         with(typed + named + "\0"s + in_base64),
         "ambiguous: malformed-header"},
        {"nul-in-a-name",
         with(typed + named + "Content-Transfer\0-Encoding: base64\r\n"s),
         "ambiguous: malformed-header"},
        {"nul-behind-a-name",
         with(typed + named + "Content-Transfer-Encoding\0: base64\r\n"s),
         "ambiguous: malformed-header"},
        {"nul-in-a-value",
         with(typed + named + "Content-Transfer-Encoding: base64\0x\r\n"s),
         "ambiguous: header-with-nul, malformed-content-transfer-encoding"},
        {"nul-in-a-foreign-value",
         with(typed + named + in_base64 + "X-A: b\0c\r\n"s),
         "ambiguous: header-with-nul"},
        {"space-before-the-colon",
         with("Content-Type : application/pdf\r\n" + named + in_base64),
         "ambiguous: malformed-header-name"},
        {"tab-before-the-colon",
         with(typed + named + "Content-Transfer-Encoding\t: base64\r\n"),
         "ambiguous: malformed-header-name"},
        {"header-begins-with-space",
         with(" " + typed + named + in_base64),
         "ambiguous: malformed-header"},
        {"name-folded-before-the-colon",
         with(named + "Content-Type\r\n : application/pdf\r\n" + in_base64),
         "ambiguous: malformed-header"},
        {"no-colon", with(typed + named + "junk\r\n" + in_base64), "ambiguous: malformed-header"},
        {"mbox-line",
         with("From anna Sat Nov 21 10:00:00 2026\r\n" + typed + named + in_base64),
         "ambiguous: malformed-header"},
        {"eight-bit-in-a-name",
         with(typed + named + "Content-\xE4: x\r\n" + in_base64),
         "ambiguous: malformed-header"},
        {"name-empty", with(typed + named + ": x\r\n" + in_base64), "ambiguous: malformed-header"},
        {"bare-cr-in-a-header",
         with(typed + named + "X-A: b\r" + in_base64),
         "ambiguous: header-with-cr"},
        {"bare-cr-in-a-header-of-the-mail",
         mail_of(
             "X-A: b\rContent-Type: text/plain\r\n" + multipart("mixed", {text_part, pdf_part()})
         ),
         "ambiguous: header-with-cr"},
        {"header-behind-the-empty-line",
         with(typed + "\r\n" + named + in_base64),
         "- type-mismatch"},
        {"header-block-ended-by-a-malformed-line-in-the-mail",
         mail_of("X-A: b\r\njunk\r\n" + multipart("mixed", {text_part, pdf_part()})),
         "ambiguous: malformed-header"},
        {"header-block-ended-by-a-malformed-line-as-the-mta-hands-it-over",
         mail_of(part(typed + named, "junk\r\n" + in_base64 + "\r\n" + base64(pdf))),
         "ambiguous: header-behind-the-headers"},
        {"headers-in-the-second-paragraph",
         mail_of(part("", "Dzien dobry,\r\n\r\nContent-Type: application/pdf\r\n")),
         "nothing"},
        {"blank-line-of-blanks",
         separated("\r\n \r\n"),
         "ambiguous: malformed-header, part-without-content"},
        {"separator-crcrlf",
         separated("\r\n\r\r\n"),
         "ambiguous: malformed-header, part-without-content"},
        {"separator-lflf", separated("\n\n"), "faktura.pdf filed", {pdf}},
        {"separator-crlf-cr",
         separated("\r\n\r"),
         "ambiguous: malformed-header, part-without-content"},
        {"separator-lf-cr", separated("\n\r"), "ambiguous: malformed-header, part-without-content"},
        {"separator-cr-cr",
         separated("\r\r"),
         "ambiguous: part-without-content, header-with-cr, malformed-content-transfer-encoding"},
        {"separator-none",
         separated(""),
         "ambiguous: part-without-content, malformed-content-transfer-encoding"},
        {"header-of-300000-bytes",
         topped("X-A: " + std::string(300000, 'x') + "\r\n"),
         "over: headers-over-limit/header-bytes"},
        {"header-of-60001-bytes",
         topped("X-A: " + std::string(59994, 'x') + "\r\n"),
         "faktura.pdf filed",
         {pdf}},
        {"thousand-headers", topped(many_headers(996)), "faktura.pdf filed", {pdf}},
        {"thousand-and-one-headers", topped(many_headers(997)), "over: headers-over-limit/headers"},
        {"a-hundred-thousand-headers",
         topped(many_headers(100000)),
         "over: headers-over-limit/headers"},
        {"a-hundred-thousand-headers-in-a-part",
         with(many_headers(100000)),
         "over: headers-over-limit/headers"},
        {"groups-in-groups",
         topped(
             "To: " +
             [] {
                 std::string out;
                 for (int i = 0; i < 10000; ++i)
                     out += "g:";
                 return out;
             }() +
             "\r\n"
         ),
         "over: headers-over-limit/address-header"},
        {"groups-in-groups-of-an-attached-mail",
         mail_of(multipart(
             "mixed",
             {text_part,
              part(
                  "Content-Type: message/rfc822\r\n", "To: " + std::string(20000, ':') + "\r\n\r\nx"
              )}
         )),
         "over: headers-over-limit/address-header"},
        {"multipart-in-base64",
         mail_of(in_base64 + multipart("mixed", {text_part, pdf_part()})),
         "ambiguous: encoded-multipart"},
        {"multipart-in-quoted-printable",
         mail_of(
             "Content-Transfer-Encoding: quoted-printable\r\n" +
             multipart("mixed", {text_part, pdf_part()})
         ),
         "ambiguous: encoded-multipart"},
        {"multipart-in-base64-inside",
         mail_of(
             multipart("mixed", {text_part, in_base64 + multipart("mixed", {pdf_part()}, "=_in")})
         ),
         "ambiguous: encoded-multipart"},
        {"no-mime-version",
         "From: anna@kunde.example\r\n" + multipart("mixed", {text_part, pdf_part()}),
         "faktura.pdf filed",
         {pdf}},
        {"content-type-malformed",
         mail_of(
             "Content-Type: multipart; boundary=b\r\n\r\n--b\r\n" + pdf_part() + "\r\n--b--\r\n"
         ),
         "ambiguous: malformed-content-type"},
        {"content-type-without-a-slash",
         with("Content-Type: pdf\r\n" + named + in_base64),
         "faktura.pdf filed",
         {pdf}},
    };
}

} // namespace kwit::test
