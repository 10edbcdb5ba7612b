// Contents that are not what they are called.
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tricks/tables.hh"

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

} // namespace

std::vector<Trick> content_tricks() {
    const std::string late = std::string(1000, 'x') + pdf;
    return {
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
}

} // namespace kwit::test
