// The tree of parts: open ends, parts outside of it, too many, too deep, and what mails attach.
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tricks/tables.hh"

namespace kwit::test {

namespace {

const std::string open_b = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

std::string many_parts(unsigned count) {
    std::string out = open_b;
    for (unsigned i = 0; i < count; ++i)
        out += "--b\r\n\r\nx\r\n";
    return mail_of(out + "--b--\r\n");
}

/// So many multiparts in one another, the PDF in the innermost.
std::string deep(unsigned depth) {
    std::string out = pdf_part();
    for (unsigned i = 0; i < depth; ++i)
        out = multipart("mixed", {out}, "n" + std::to_string(i) + "x");
    return mail_of(out);
}

std::string deep_mails(unsigned depth) {
    std::string out = "Subject: y\r\n\r\nx";
    for (unsigned i = 0; i < depth; ++i)
        out = part("Content-Type: message/rfc822\r\n", out);
    return mail_of(out);
}

std::string attached(const std::string& mail) {
    return mail_of(multipart("mixed", {text_part, part("Content-Type: message/rfc822\r\n", mail)}));
}

} // namespace

std::vector<Trick> structure_tricks() {
    const std::string whole = multipart("mixed", {text_part, pdf_part()}, "b");
    const std::string inner =
        "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n" + pdf_part();
    return {
        {"outer-end-is-missing",
         mail_of(open_b + "--b\r\n" + text_part + "\r\n--b\r\n" + pdf_part()),
         "faktura.pdf encoding-damaged/truncated"},
        {"outer-end-is-missing-behind-a-line",
         mail_of(open_b + "--b\r\n" + text_part + "\r\n--b\r\n" + pdf_part() + "\r\n"),
         "faktura.pdf encoding-damaged/truncated"},
        {"inner-end-is-missing",
         mail_of(multipart("mixed", {text_part, inner}, "b")),
         "faktura.pdf encoding-damaged/truncated"},
        {"cut-off-in-the-headers-of-a-part",
         mail_of(open_b + "--b\r\n" + text_part + "\r\n--b\r\nContent-Type: applic"),
         "ambiguous: part-without-content"},
        {"nothing-behind-the-last-delimiter",
         mail_of(open_b + "--b\r\n" + pdf_part() + "\r\n--b\r\n"),
         "ambiguous: part-without-content, structure-differs"},
        {"outer-delimiter-inside-of-an-attached-mail",
         mail_of(multipart(
             "mixed",
             {part(
                 "Content-Type: message/rfc822\r\n",
                 "Subject: y\r\n" + multipart("mixed", {text_part, pdf_part()}, "b")
             )},
             "b"
         )),
         "ambiguous: part-after-close, structure-differs"},
        {"delimiter-at-the-beginning-of-a-part",
         mail_of(multipart("mixed", {part("", "--b\r\n\r\n" + pdf_part()), text_part}, "b")),
         "nothing"},
        {"part-in-the-preamble",
         mail_of(open_b + pdf_part() + "\r\n--b\r\n" + text_part + "\r\n--b--\r\n"),
         "ambiguous: part-outside-delimiters"},
        {"part-in-the-epilogue",
         mail_of(multipart("mixed", {text_part}, "b") + pdf_part()),
         "ambiguous: part-outside-delimiters"},
        {"delimiter-in-the-epilogue",
         mail_of(whole + "--b\r\n" + pdf_part() + "\r\n--b--\r\n"),
         "ambiguous: part-after-close, part-outside-delimiters"},
        {"multipart-in-the-epilogue",
         mail_of(whole + multipart("mixed", {pdf_part()}, "c")),
         "ambiguous: part-outside-delimiters"},
        {"words-before-and-behind",
         mail_of(
             open_b + "This is a multi-part message in MIME format.\r\n--b\r\n" + text_part +
             "\r\n--b\r\n" + pdf_part() + "\r\n--b--\r\nThis was it.\r\n"
         ),
         "faktura.pdf filed",
         {pdf}},
        {"sea-of-preamble",
         mail_of(open_b + std::string(70000, 'x') + "\r\n--b\r\n" + pdf_part() + "\r\n--b--\r\n"),
         "ambiguous: text-outside-parts"},
        {"part-without-headers",
         mail_of(multipart("mixed", {part("", "x"), pdf_part()}, "b")),
         "faktura.pdf filed",
         {pdf}},
        {"part-without-headers-and-empty-line",
         mail_of(open_b + "--b\r\nx\r\n--b\r\n" + pdf_part() + "\r\n--b--\r\n"),
         "ambiguous: malformed-header, part-without-content, structure-differs"},
        {"delimiters-side-by-side",
         mail_of(open_b + "--b\r\n--b\r\n" + pdf_part() + "\r\n--b--\r\n"),
         "ambiguous: part-without-content, structure-differs"},
        {"empty-part",
         mail_of(multipart("mixed", {part("", ""), pdf_part()}, "b")),
         "faktura.pdf filed",
         {pdf}},
        {"no-part", mail_of(open_b + "--b--\r\n"), "ambiguous: multipart-without-parts"},
        {"only-a-preamble", mail_of(open_b + "x\r\n"), "ambiguous: multipart-without-parts"},
        {"one-part", mail_of(multipart("mixed", {pdf_part()}, "b")), "faktura.pdf filed", {pdf}},
        {"no-multipart", mail_of(pdf_part()), "faktura.pdf filed", {pdf}},
        {"thousand-parts", many_parts(1000), "nothing"},
        {"thousand-and-one-parts", many_parts(1001), "over: too-many-parts/parts"},
        {"a-hundred-thousand-parts", many_parts(100000), "over: too-many-parts/parts"},
        {"depth-20", deep(20), "faktura.pdf filed", {pdf}},
        {"depth-21", deep(21), "over: nesting-too-deep"},
        {"depth-100", deep(100), "over: nesting-too-deep"},
        {"depth-1025", deep(1025), "over: nesting-too-deep"},
        {"mails-in-mails-21", deep_mails(21), "over: nesting-too-deep"},
        {"mails-in-mails-1025", deep_mails(1025), "over: nesting-too-deep"},
        {"attached-mail",
         attached("Subject: y\r\n" + multipart("mixed", {text_part, pdf_part()}, "i")),
         "- container, faktura.pdf filed",
         {pdf}},
        {"attached-mail-called-otherwise",
         mail_of(multipart(
             "mixed",
             {text_part,
              part(
                  "Content-Type: application/octet-stream; name=y.eml\r\n",
                  "Subject: y\r\n" + pdf_part()
              )}
         )),
         "y.eml container, faktura.pdf filed",
         {pdf}},
        {"attached-mail-in-an-attached-mail",
         attached(
             "Subject: y\r\n" +
             part("Content-Type: message/rfc822\r\n", "Subject: z\r\n" + pdf_part())
         ),
         "- container, - container, faktura.pdf filed",
         {pdf}},
        {"attached-mail-that-is-ambiguous",
         attached("Subject: y\r\n" + multipart("mixed", {text_part}, "b") + pdf_part()),
         "ambiguous: part-outside-delimiters"},
        {"attached-mail-with-damage",
         attached(
             "Subject: y\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n" + pdf_part()
         ),
         "- container, faktura.pdf encoding-damaged/truncated"},
        {"document-beside-and-in-an-attached-mail",
         mail_of(multipart(
             "mixed",
             {pdf_part(),
              part("Content-Type: message/rfc822\r\n", "Subject: y\r\n" + pdf_part("b.pdf"))}
         )),
         "faktura.pdf filed, - container, b.pdf duplicate",
         {pdf}},
        {"message-partial",
         mail_of(part("Content-Type: message/partial; number=1; total=2; id=\"1@x\"\r\n", whole)),
         "- part-not-accepted/mail"},
        {"message-external-body",
         mail_of(multipart(
             "mixed",
             {text_part,
              part(
                  "Content-Type: message/external-body; access-type=URL; "
                  "URL=\"http://lieferant.example/a.pdf\"\r\n",
                  "Content-Type: application/pdf\r\n\r\n"
              )}
         )),
         "- part-not-accepted/mail"},
        {"pdf-as-an-alternative",
         mail_of(multipart("alternative", {text_part, pdf_part()})),
         "faktura.pdf filed",
         {pdf}},
        {"pdf-as-the-root-of-related",
         mail_of(multipart("related", {pdf_part(), logo_part})),
         "faktura.pdf filed, - part-not-accepted/format",
         {pdf}},
        {"pdf-as-a-member-of-related",
         mail_of(multipart("related", {html_part, logo_part, pdf_part()})),
         "- decoration, faktura.pdf filed",
         {pdf}},
        {"multipart-signed",
         mail_of(multipart(
             "signed",
             {multipart("mixed", {text_part, pdf_part()}, "=_in"),
              part("Content-Type: application/pgp-signature; name=signature.asc\r\n", "x")}
         )),
         "faktura.pdf filed, signature.asc signature",
         {pdf}},
        {"multipart-report-with-a-document",
         mail_of(multipart("report; report-type=disposition-notification", {text_part, pdf_part()})
         ),
         "faktura.pdf filed",
         {pdf}},
        {"multipart-of-an-unknown-kind",
         mail_of(multipart("x-nobody", {text_part, pdf_part()})),
         "faktura.pdf filed",
         {pdf}},
        {"multipart-encrypted",
         mail_of(multipart(
             "encrypted; protocol=\"application/pgp-encrypted\"",
             {part("Content-Type: application/pgp-encrypted\r\n", "Version: 1"),
              part("Content-Type: application/octet-stream\r\n", "-----BEGIN PGP MESSAGE-----")}
         )),
         "- mail-encrypted/pgp, - mail-encrypted/pgp"},
        {"two-parts-of-one-name",
         mail_of(multipart(
             "mixed",
             {pdf_part(),
              part(
                  "Content-Type: application/pdf; name=\"faktura.pdf\"\r\n\r\n", "%PDF-1.4 another"
              )}
         )),
         "faktura.pdf filed, faktura.pdf filed",
         {pdf, "\r\n%PDF-1.4 another"}},
        {"one-document-twice",
         mail_of(multipart("mixed", {pdf_part(), pdf_part("Faktura.PDF")})),
         "faktura.pdf filed, Faktura.PDF duplicate",
         {pdf}},
    };
}

} // namespace kwit::test
