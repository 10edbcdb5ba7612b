// The boundary parameter, and lines that look like delimiters.
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tricks/tables.hh"

namespace kwit::test {

namespace {

/// A mail whose Content-Type goes on with these words, and which is cut at that boundary.
std::string cut_at(const std::string& boundary, const std::string& words) {
    return mail_of(
        "Content-Type: multipart/mixed" + words + "\r\n\r\n--" + boundary + "\r\n" + text_part +
        "\r\n--" + boundary + "\r\n" + pdf_part() + "\r\n--" + boundary + "--\r\n"
    );
}

/// The second delimiter is written in another way.
std::string delimited(const std::string& line) {
    return mail_of(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + text_part + line + pdf_part() +
        "\r\n--b--\r\n"
    );
}

std::string nested(const std::string& outer, const std::string& inner) {
    return mail_of(multipart(
        "mixed", {multipart("alternative", {text_part, html_part}, inner), pdf_part()}, outer
    ));
}

} // namespace

std::vector<Trick> boundary_tricks() {
    return {
        {"boundary-absent", cut_at("b", ""), "ambiguous: multipart-without-boundary"},
        {"boundary-twice",
         cut_at("a", "; boundary=a; boundary=b"),
         "ambiguous: duplicate-boundary"},
        {"boundary-twice-the-last-is-used",
         cut_at("b", "; boundary=a; boundary=b"),
         "ambiguous: duplicate-boundary"},
        {"boundary-empty",
         cut_at("", "; boundary=\"\""),
         "ambiguous: odd-boundary, multipart-without-boundary"},
        {"boundary-begins-with-space",
         cut_at(" b", "; boundary=\" b\""),
         "ambiguous: odd-boundary"},
        {"boundary-ends-in-space", cut_at("b ", "; boundary=\"b \""), "ambiguous: odd-boundary"},
        {"boundary-with-space-in-quotes",
         cut_at("a b", "; boundary=\"a b\""),
         "faktura.pdf filed",
         {pdf}},
        {"boundary-with-space", cut_at("a b", "; boundary=a b"), "ambiguous: odd-boundary"},
        {"boundary-in-single-quotes", cut_at("b", "; boundary='b'"), "ambiguous: odd-boundary"},
        {"boundary-with-semicolon-in-quotes",
         cut_at("a;b", "; boundary=\"a;b\""),
         "ambiguous: odd-boundary"},
        {"boundary-with-escapes", cut_at("ab", "; boundary=\"a\\b\""), "ambiguous: odd-boundary"},
        {"boundary-with-an-open-quote", cut_at("b", "; boundary=\"b"), "ambiguous: odd-boundary"},
        {"boundary-with-a-quote-inside",
         cut_at("a\"b", "; boundary=a\"b"),
         "ambiguous: odd-boundary"},
        {"boundary-of-70",
         cut_at(std::string(70, 'b'), "; boundary=" + std::string(70, 'b')),
         "faktura.pdf filed",
         {pdf}},
        {"boundary-of-71",
         cut_at(std::string(71, 'b'), "; boundary=" + std::string(71, 'b')),
         "ambiguous: odd-boundary"},
        {"boundary-of-5000",
         cut_at(std::string(5000, 'b'), "; boundary=" + std::string(5000, 'b')),
         "ambiguous: odd-boundary"},
        {"boundary-in-two-pieces",
         cut_at("ab", "; boundary*0=a; boundary*1=b"),
         "ambiguous: odd-boundary"},
        {"boundary-in-pieces-out-of-order",
         cut_at("ab", "; boundary*1=b; boundary*0=a"),
         "ambiguous: odd-boundary"},
        {"boundary-in-pieces-with-a-gap",
         cut_at("a", "; boundary*0=a; boundary*2=b"),
         "ambiguous: odd-boundary"},
        {"boundary-in-pieces-without-the-first",
         cut_at("b", "; boundary*1=b"),
         "ambiguous: multipart-without-boundary"},
        {"boundary-in-pieces-twice",
         cut_at("a", "; boundary*0=a; boundary*0=b"),
         "ambiguous: duplicate-boundary, odd-boundary"},
        {"boundary-plain-and-in-pieces",
         cut_at("a", "; boundary=a; boundary*0=b"),
         "ambiguous: duplicate-boundary"},
        {"boundary-with-charset", cut_at("b", "; boundary*=utf-8''%62"), "ambiguous: odd-boundary"},
        {"boundary-as-encoded-word",
         cut_at("b", "; boundary=\"=?utf-8?q?b?=\""),
         "ambiguous: odd-boundary"},
        {"comment-behind-the-boundary", cut_at("b", "; boundary=b (x)"), "ambiguous: odd-boundary"},
        {"comment-before-the-boundary", cut_at("b", "; boundary=(x)b"), "ambiguous: odd-boundary"},
        {"comment-holds-a-boundary",
         cut_at("b", " (; boundary=a); boundary=b"),
         "ambiguous: odd-boundary"},
        {"space-before-the-equals-sign", cut_at("b", "; boundary =b"), "ambiguous: odd-boundary"},
        {"space-behind-the-equals-sign", cut_at("b", "; boundary= b"), "ambiguous: odd-boundary"},
        {"boundary-misspelt", cut_at("b", "; boundry=b"), "ambiguous: multipart-without-boundary"},
        {"boundary-in-upper-case", cut_at("b", "; BOUNDARY=b"), "faktura.pdf filed", {pdf}},
        {"boundary-of-another-case",
         cut_at("B", "; boundary=b"),
         "ambiguous: part-outside-delimiters, multipart-without-parts"},
        {"boundary-folded", cut_at("b", ";\r\n boundary=b"), "faktura.pdf filed", {pdf}},
        {"boundary-folded-inside",
         cut_at("ab", "; boundary=\"a\r\n b\""),
         "ambiguous: part-outside-delimiters, multipart-without-parts"},
        {"boundary-without-a-semicolon",
         cut_at("b", " boundary=b"),
         "ambiguous: multipart-without-boundary"},
        {"boundary-with-eight-bit", cut_at("\xE4", "; boundary=\xE4"), "ambiguous: odd-boundary"},
        {"boundary-ends-in-hyphens", cut_at("b--", "; boundary=b--"), "faktura.pdf filed", {pdf}},
        {"boundary-of-a-text",
         mail_of(
             "Content-Type: text/plain; boundary=b\r\n\r\n--b\r\n" + pdf_part() + "\r\n--b--\r\n"
         ),
         "ambiguous: header-behind-the-headers"},
        {"outer-is-prefix-of-inner", nested("b", "bc"), "faktura.pdf filed", {pdf}},
        {"inner-is-prefix-of-outer", nested("bc", "b"), "faktura.pdf filed", {pdf}},
        {"inner-is-outer", nested("b", "b"), "ambiguous: boundary-used-twice"},
        {"inner-looks-like-the-end-of-outer", nested("b", "b--"), "ambiguous: boundary-used-twice"},
        {"outer-looks-like-the-end-of-inner", nested("b--", "b"), "ambiguous: boundary-used-twice"},
        {"delimiter-with-blanks", delimited("\r\n--b \t\r\n"), "faktura.pdf filed", {pdf}},
        {"delimiter-with-junk", delimited("\r\n--b junk\r\n"), "ambiguous: delimiter-with-more"},
        {"delimiter-with-junk-attached",
         delimited("\r\n--bjunk\r\n"),
         "ambiguous: delimiter-with-more"},
        {"delimiter-with-vt", delimited("\r\n--b\v\r\n"), "ambiguous: delimiter-with-more"},
        {"delimiter-with-nul",
         delimited(std::string("\r\n--b\0\r\n", 8)),
         "ambiguous: delimiter-with-more"},
        {"delimiter-with-cr",
         delimited("\r\n--b\r\r\n"),
         "ambiguous: delimiter-with-more, structure-differs"},
        {"delimiter-behind-bare-cr", delimited("\r--b\r\n"), "ambiguous: delimiter-with-bare-cr"},
        {"delimiter-before-bare-cr", delimited("\r\n--b\r"), "ambiguous: delimiter-with-more"},
        {"delimiter-behind-bare-cr-far-away",
         delimited(std::string(70000, 'x') + "\r--b\r\n"),
         "ambiguous: delimiter-with-bare-cr"},
        {"delimiter-between-bare-cr", delimited("\r--b\r"), "ambiguous: delimiter-with-bare-cr"},
        {"delimiter-behind-bare-lf", delimited("\n--b\n"), "faktura.pdf filed", {pdf}},
        {"delimiter-behind-a-blank", delimited("\r\n --b\r\n"), "nothing"},
        {"delimiter-with-one-hyphen", delimited("\r\n-b\r\n"), "nothing"},
        {"end-with-junk",
         mail_of(
             "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + text_part +
             "\r\n--b--junk\r\n--b\r\n" + pdf_part() + "\r\n--b--\r\n"
         ),
         "ambiguous: delimiter-with-more"},
        {"end-without-a-line-end",
         mail_of(
             "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + text_part +
             "\r\n--b\r\n" + pdf_part() + "\r\n--b--"
         ),
         "faktura.pdf filed",
         {pdf}},
    };
}

} // namespace kwit::test
