#include "core/mime/holder.hh"

#include "tests/unit/result.hh"

#include <string>

using namespace kwit;
using namespace kwit::mime;

TEST_SUITE("mime/holder") {
    TEST_CASE("a header block of a mail is one, and other texts are none") {
        struct Case {
            std::string label;
            std::string head;
            bool mail;
        };

        for (const Case& c : {
                 Case{"a mail", "From: a@b.example\r\nSubject: x\r\n\r\nText", true},
                 Case{"LF", "Received: x\n\nText", true},
                 Case{"an entity", "Content-Type: text/plain\r\n\r\nText", true},
                 Case{"an mbox", "From a Mon Nov 16 10:00:00 2026\nDate: x\n\nText", true},
                 Case{"folded", "X-A: b\r\n c\r\nTo: d\r\n\r\n", true},
                 Case{"cut in a line", "To: a\r\nX-Long: bbbb", true},
                 Case{"fields of nothing", "Name: Anna\r\nOrt: Wien\r\n\r\n", false},
                 Case{"a letter", "Dear all: hello\r\n\r\n", false},
                 Case{"a body first", "\r\nFrom: a@b.example\r\n", false},
                 Case{"a table", "From: a\r\nno field\r\n\r\n", false},
                 Case{"nothing", "", false},
             }) {
            CAPTURE(c.label);
            CHECK(reads_as_mail(c.head) == c.mail);
        }
    }

    TEST_CASE("content tells a holder before its name does") {
        struct Case {
            std::string label;
            PartFacts part;
            std::string head;
            Holder holds;
        };

        const std::string mail = "From: a@b.example\r\n\r\nText";
        const std::string cms = "\x30\x82\x01\x01\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0";
        const PartFacts signed_apart{
            .media_type = "application/pkcs7-mime", .place = Place::signature};
        const Case cases[] = {
            {"zip", {.name = "a", .format = Format::zip}, "PK", Holder::zip},
            {"zip as PDF", {.name = "a.PDF", .format = Format::zip}, "PK", Holder::none},
            {"zip as picture",
             {.media_type = "image/png", .format = Format::zip},
             "PK",
             Holder::none},
            {"office", {.name = "a.zip", .format = Format::office}, "PK", Holder::none},
            {"tnef", {.format = Format::tnef}, "", Holder::tnef},
            {"rfc822", {.media_type = "message/rfc822"}, mail, Holder::mail},
            {"rfc822 that is none", {.media_type = "message/rfc822"}, "%PDF-1.4", Holder::none},
            {"eml", {.name = "A.EML", .media_type = "text/plain"}, mail, Holder::mail},
            {"a text like a mail",
             {.name = "a.txt", .media_type = "text/plain"},
             mail,
             Holder::none},
            {"p7m", {.name = "re.pdf.p7m"}, cms, Holder::cms},
            {"smime", {.media_type = "application/x-pkcs7-mime"}, cms, Holder::cms},
            {"a key", {.media_type = "application/x-pkcs7-mime"}, "\x30\x82\x01", Holder::none},
            {"a signature", signed_apart, cms, Holder::none},
        };
        for (const Case& c : cases) {
            CAPTURE(c.label);
            CHECK(holder_of(c.part, c.head) == c.holds);
        }
    }
}
