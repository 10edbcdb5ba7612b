// Names of files, and what they hide.
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tricks/tables.hh"

namespace kwit::test {

namespace {

using namespace std::string_literals;

/// A mail with a PDF whose Content-Disposition goes on with these words.
std::string called(const std::string& words, const std::string& more = "") {
    return mail_of(multipart(
        "mixed",
        {text_part,
         part(
             "Content-Type: application/pdf" + more + "\r\nContent-Disposition: attachment; " +
                 words + "\r\nContent-Transfer-Encoding: base64\r\n",
             base64(pdf)
         )}
    ));
}

} // namespace

std::vector<Trick> name_tricks() {
    const std::string ending = ".pdf";
    return {
        {"names-of-disposition-and-type-differ",
         called("filename=a.pdf", "; name=b.exe"),
         "a.pdf filed",
         {pdf}},
        {"name-in-pieces-with-charset",
         called("filename*0*=utf-8''Fa%C5; filename*1*=%BCktura; filename*2=.pdf"),
         "Fa\u017Cktura.pdf filed",
         {pdf}},
        {"name-of-utf-16",
         called("filename*=utf-16be''%00a%00.%00p%00d%00f"),
         "a.pdf filed",
         {pdf}},
        {"name-plain-and-extended",
         called("filename=\"a.exe\"; filename*=utf-8''b.pdf"),
         "b.pdf filed",
         {pdf}},
        {"name-extended-and-plain",
         called("filename*=utf-8''b.pdf; filename=\"a.exe\""),
         "b.pdf filed",
         {pdf}},
        {"name-as-encoded-word",
         called("filename=\"=?utf-8?B?RmHFvGt0dXJh?= =?utf-8?Q?_1.pdf?=\""),
         "Fa\u017Cktura 1.pdf filed",
         {pdf}},
        {"name-as-encoded-words-split-in-a-character",
         called("filename=\"=?utf-8?B?RmHF?= =?utf-8?B?vGt0dXJhLnBkZg==?=\""),
         "Fa\u017Cktura.pdf filed",
         {pdf}},
        {"name-as-padded-encoded-words",
         called("filename=\"=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?LnBkZg==?=\""),
         "Hello.pdf filed",
         {pdf}},
        {"name-in-raw-utf-8",
         called("filename=\"Fa\xC5\xBCktura.pdf\""),
         "Fa\u017Cktura.pdf filed",
         {pdf}},
        {"name-in-raw-latin-1",
         called("filename=\"M\xFCller.pdf\""),
         "M\u00FCller.pdf filed",
         {pdf}},
        {"name-without-quotes",
         called("filename=Rechnung Nr 17.pdf"),
         "Rechnung Nr 17.pdf filed",
         {pdf}},
        {"name-of-an-unknown-charset",
         called("filename*=x-nobody''a%E4.pdf"),
         "a\u00E4.pdf filed",
         {pdf}},
        {"name-twice", called("filename=a.pdf; filename=b.pdf"), "a.pdf filed", {pdf}},
        {"name-empty", called("filename=\"\""), "- filed", {pdf}},
        {"name-of-dots", called("filename=\"...\""), "- filed", {pdf}},
        {"name-of-5000-bytes",
         called("filename=\"" + std::string(5000, 'a') + ".pdf\""),
         "LONG filed",
         {pdf}},
        {"name-with-a-path-up", called("filename=\"../../etc/passwd\""), "passwd filed", {pdf}},
        {"name-with-a-drive", called("filename=\"C:\\Users\\anna\\a.pdf\""), "a.pdf filed", {pdf}},
        {"name-with-a-slash", called("filename=\"a/b.pdf\""), "b.pdf filed", {pdf}},
        {"name-with-an-encoded-path",
         called("filename*=utf-8''..%2F..%5Ca.pdf"),
         "a.pdf filed",
         {pdf}},
        {"name-with-nul", called("filename*=utf-8''a%00.exe.pdf"), "a.exe.pdf filed", {pdf}},
        {"name-with-a-line-end",
         called("filename*=utf-8''a%0D%0AX-A:b.pdf"),
         "a  X-A:b.pdf filed",
         {pdf}},
        {"name-ends-in-a-dot", called("filename=\"a.pdf.\""), "a.pdf filed", {pdf}},
        {"name-ends-in-a-space", called("filename=\"a.pdf \""), "a.pdf filed", {pdf}},
        {"name-reserved", called("filename=\"CON\""), "CON filed", {pdf}},
        {"name-begins-with-a-hyphen", called("filename=\"-rf.pdf\""), "-rf.pdf filed", {pdf}},
        {"name-written-from-right-to-left",
         called("filename*=utf-8''invoice_%E2%80%AEfdp.exe"),
         "invoice_fdp.exe filed",
         {pdf}},
        {"name-with-zero-width", called("filename*=utf-8''a%E2%80%8B.pdf"), "a.pdf filed", {pdf}},
        {"name-of-composed-characters",
         called("filename*=utf-8''Mu%CC%88ller.pdf"),
         "M\u00FCller.pdf filed",
         {pdf}},
        {"name-of-letters-that-look-alike",
         called("filename*=utf-8''%D0%B0.pdf"),
         "\u0430.pdf filed",
         {pdf}},
        {"name-with-two-endings", called("filename=\"a.pdf.exe\""), "a.pdf.exe filed", {pdf}},
        {"name-as-a-formula", called("filename=\"=SUM(A1).pdf\""), "=SUM(A1).pdf filed", {pdf}},
    };
}

} // namespace kwit::test
