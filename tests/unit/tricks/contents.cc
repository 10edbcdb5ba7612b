// Contents that are not what they are called, and what holds other files.
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tricks/tables.hh"
#include "tests/unit/zip_maker.hh"

namespace kwit::test {

namespace {

using namespace std::string_literals;

std::string holds(const std::string& type, const std::string& name, const std::string& content) {
    return mail_of(multipart(
        "mixed",
        {text_part,
         part(
             "Content-Type: " + type + "\r\nContent-Disposition: attachment; filename=\"" + name +
                 "\"\r\nContent-Transfer-Encoding: base64\r\n",
             base64(content)
         )}
    ));
}

std::string zip(const std::string& content) {
    return holds("application/zip", "re.zip", content);
}

std::vector<Entry> many(unsigned count) {
    return std::vector<Entry>(count, Entry{"a.txt", "x"});
}

/// ZIP files in one another, the PDF in the innermost.
std::string zips(unsigned depth) {
    std::string out = pdf;
    for (unsigned i = 0; i < depth; ++i)
        out = zip_of({{i == 0 ? "a.pdf" : "b.zip", out}});
    return zip(out);
}

std::vector<Trick> zip_tricks() {
    const std::string whole = zip_of({{"a.pdf", pdf}});
    return {
        {"zip", zip(whole), "re.zip container, a.pdf filed", {pdf}},
        {"zip-called-otherwise",
         holds("application/msword", "a.doc", whole),
         "a.doc container, a.pdf filed",
         {pdf}},
        {"zip-called-a-pdf",
         holds("application/octet-stream", "a.pdf", whole),
         "a.pdf type-mismatch"},
        {"zip-in-a-zip", zips(2), "re.zip container, b.zip container, a.pdf filed", {pdf}},
        {"zips-in-zips-21", zips(21), "over: nesting-too-deep"},
        {"zip-that-is-encrypted", zip(zip_of({{"a.pdf", pdf, 1}})), "re.zip container-encrypted"},
        {"zip-with-one-encrypted-file",
         zip(zip_of({{"a.pdf", pdf, 1}, {"b.pdf", pdf}})),
         "re.zip container, a.pdf container-encrypted/member, b.pdf filed",
         {pdf}},
        {"zip-packed-in-a-way-nobody-knows",
         zip(zip_of({{"a.pdf", pdf, 0, 97}})),
         "re.zip container, a.pdf part-not-accepted/method"},
        {"zip-with-a-wrong-sum",
         zip(zip_of({{"a.pdf", pdf, 0, 0, 1}, {"b.pdf", pdf}})),
         "re.zip container, a.pdf encoding-damaged/member, b.pdf filed",
         {pdf}},
        {"zip-that-is-cut-off",
         zip(whole.substr(0, whole.size() - 23)),
         "re.zip encoding-damaged/container"},
        {"zip-with-a-path-up",
         zip(zip_of({{"../../etc/a.pdf", pdf}})),
         "re.zip container, a.pdf filed",
         {pdf}},
        {"zip-with-a-link",
         zip(zip_of({{"a.pdf", "/etc/passwd", 0, 0, 0, 0120777}})),
         "re.zip container, a.pdf part-not-accepted/link"},
        {"zip-with-a-link-that-is-a-pdf",
         zip(zip_of({{"a.pdf", pdf, 0, 0, 0, 0120777}, {"b.pdf", pdf}})),
         "re.zip container, a.pdf part-not-accepted/link, b.pdf filed",
         {pdf}},
        {"zip-with-a-directory",
         zip(zip_of({{"a/"}, {"a/a.pdf", pdf}})),
         "re.zip container, a.pdf filed",
         {pdf}},
        {"zip-with-a-directory-that-is-a-pdf",
         zip(zip_of({{"a.pdf", pdf, 0, 0, 0, 0040755}, {"b.pdf", pdf}})),
         "re.zip container, a.pdf encoding-damaged/member, b.pdf filed",
         {pdf}},
        {"zip-with-a-pdf-called-a-directory",
         zip(zip_of({{"a.pdf/", pdf}})),
         "re.zip container, a.pdf encoding-damaged/member"},
        {"zip-with-a-pdf-that-dos-calls-a-directory",
         zip(zip_of({{"a.pdf", pdf, 0, 0, 0, 0, true}})),
         "re.zip container, a.pdf encoding-damaged/member"},
        {"zip-with-two-files-of-one-name",
         zip(zip_of({{"a.pdf", pdf}, {"a.pdf", pdf + "%"}})),
         "re.zip container, a.pdf filed, a.pdf filed",
         {pdf, pdf + "%"}},
        {"zip-with-a-program",
         zip(zip_of(
             {{"a.pdf.exe",
               "\x7F"
               "ELF"s +
                   std::string(200, '\0')}}
         )),
         "re.zip container, a.pdf.exe part-not-accepted/format"},
        {"zip-with-what-a-mac-adds",
         zip(zip_of({{"a.pdf", pdf}, {"__MACOSX/._a.pdf", "x"}})),
         "re.zip container, a.pdf filed, ._a.pdf ignored",
         {pdf}},
        {"zip-with-a-pdf-among-what-a-mac-adds",
         zip(zip_of({{"__MACOSX/a.pdf", pdf}, {".DS_Store", "x"}})),
         "re.zip container, a.pdf filed, .DS_Store ignored",
         {pdf}},
        {"zip-with-a-pdf-called-thumbs",
         zip(zip_of({{"Thumbs.db", pdf}})),
         "re.zip container, Thumbs.db filed",
         {pdf}},
        {"zip-of-1001-files", zip(zip_of(many(1001))), "re.zip container-over-budget/members"},
    };
}

} // namespace

std::vector<Trick> content_tricks() {
    const std::string late = std::string(1000, 'x') + pdf;
    std::vector<Trick> out = {
        {"pdf-that-is-a-program",
         holds("application/pdf", "a.pdf", "MZ\x90\0\3"s + std::string(200, '\0')),
         "a.pdf type-mismatch"},
        {"pdf-that-is-a-page",
         holds("application/pdf", "a.pdf", "<!DOCTYPE html><html></html>"),
         "a.pdf type-mismatch"},
        {"pdf-that-is-a-zip",
         holds("application/pdf", "a.pdf", "PK\3\4\x14\0\0\0\0\0"s + std::string(60, '\0')),
         "a.pdf type-mismatch"},
        {"pdf-that-is-nothing", holds("application/pdf", "a.pdf", ""), "a.pdf ignored"},
        {"octets-that-are-a-pdf", holds("application/octet-stream", "a", pdf), "a filed", {pdf}},
        {"word-that-is-a-pdf", holds("application/msword", "a.doc", pdf), "a.doc filed", {pdf}},
        {"program-that-is-a-pdf",
         holds("application/x-msdownload", "a.exe", pdf),
         "a.exe filed",
         {pdf}},
        {"pdf-behind-junk", holds("application/pdf", "a.pdf", late), "a.pdf filed", {late}},
        {"pdf-behind-too-much-junk",
         holds("application/pdf", "a.pdf", std::string(1100, 'x') + pdf),
         "a.pdf type-mismatch"},
        {"pdf-and-zip-at-once",
         holds("application/pdf", "a.pdf", pdf + "PK\5\6" + std::string(18, '\0')),
         "a.pdf filed",
         {pdf + "PK\5\6" + std::string(18, '\0')}},
        {"eicar",
         holds(
             "application/octet-stream",
             "eicar.com",
             "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
         ),
         "eicar.com part-not-accepted/format"},
        {"pdf-as-the-text-of-the-mail",
         mail_of(part("Content-Type: text/plain\r\n", pdf)),
         "- filed",
         {pdf}},
        {"text-that-speaks-of-a-pdf",
         mail_of(part("Content-Type: text/plain\r\n", "it begins with %PDF-1.4")),
         "nothing"},
    };
    for (Trick& trick : zip_tricks())
        out.push_back(std::move(trick));
    return out;
}

} // namespace kwit::test
