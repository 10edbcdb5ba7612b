#include "core/mime/examine.hh"

#include "core/mime/caps.hh"
#include "tests/unit/mime/mail.hh"

#include <doctest/doctest.h>

#include <random>

namespace kwit::mime {

namespace {

using test::examined;
using test::html_part;
using test::logo_part;
using test::mail_of;
using test::multipart;
using test::part;
using test::pdf;
using test::pdf_part;
using test::text_part;

const std::vector<std::string> none{};

/// "1 body text/plain text" for each part.
std::vector<std::string> shown(const BodyFacts& facts) {
    std::vector<std::string> out;
    for (const PartFacts& p : facts.parts) {
        const char* place = p.place == Place::body        ? "body"
                            : p.place == Place::related   ? "related"
                            : p.place == Place::signature ? "signature"
                                                          : "other";
        out.push_back(
            std::to_string(p.number) + " " + place + " " + p.media_type + " " +
            std::string(name_of(p.format)) + (p.referenced ? " referenced" : "")
        );
    }
    return out;
}

} // namespace

TEST_SUITE("mime/examine") {
    TEST_CASE("an ordinary mail: text and one PDF") {
        const Examined mail =
            examined(mail_of(multipart("mixed", {text_part, pdf_part()})), {Format::pdf});
        CHECK(mail.facts.ambiguities == none);
        CHECK(mail.facts.over.empty());
        REQUIRE(mail.facts.parts.size() == 2);
        const PartFacts& document = mail.facts.parts[1];
        CHECK(document.number == 2);
        CHECK(document.path == "mail > faktura.pdf");
        CHECK(document.name == "faktura.pdf");
        CHECK(document.raw_name == "faktura.pdf");
        CHECK(document.presentation == Presentation::attachment);
        CHECK(document.size == pdf.size());
        CHECK(document.digest == Digest(sha256(pdf)));
        CHECK(document.damage.empty());
        REQUIRE(mail.files.size() == 1);
        CHECK(test::content_of(mail.files.at(*document.digest)) == pdf);
        CHECK(mail.facts.parts[0].path == "mail > part 1");
    }

    TEST_CASE("a picture's size is a fact, also behind more than the head that tells its format") {
        const auto picture_of = [](const std::string& bytes) {
            const Examined mail = examined(mail_of(
                part("Content-Type: image/jpeg\r\nContent-Transfer-Encoding: binary\r\n", bytes)
            ));
            REQUIRE(mail.facts.parts.size() == 1);
            return mail.facts.parts[0];
        };
        using namespace std::string_literals;
        const std::string camera = "\xFF\xE1\x7F\x02"s + std::string(0x7F00, 'x');
        const std::string frame = "\xFF\xC0\0\x0B\x08\x01\xE0\x02\x80\x01\x01\x11\0"s;
        const PartFacts photo = picture_of("\xFF\xD8" + camera + camera + frame);
        CHECK(photo.format == Format::jpeg);
        CHECK(photo.width == 640);
        CHECK(photo.height == 480);
        const PartFacts cut = picture_of("\xFF\xD8" + camera + frame.substr(0, 8));
        CHECK(cut.format == Format::jpeg);
        CHECK(cut.width == 0);
        CHECK(cut.height == 0);
    }

    TEST_CASE("parts stand where they stand") {
        struct Case {
            std::string_view label;
            std::string entity;
            std::vector<std::string> parts;
        };

        const std::string alternative = multipart("alternative", {text_part, html_part}, "=_alt");
        for (const Case& c : {
                 Case{"plain text", text_part, {"1 body text/plain text"}},
                 Case{"no type at all", part("X: y\r\n", "a"), {"1 body text/plain text"}},
                 Case{
                     "the PDF is the mail",
                     part("Content-Type: application/pdf\r\n", pdf),
                     {"1 other application/pdf pdf"}},
                 Case{
                     "alternatives and a PDF",
                     multipart("mixed", {alternative, pdf_part()}),
                     {"1 body text/plain text",
                      "2 body text/html html",
                      "3 other application/pdf pdf"}},
                 Case{
                     "a logo",
                     multipart("related", {html_part, logo_part}),
                     {"1 body text/html html", "2 related image/png png referenced"}},
                 Case{
                     "a logo beside alternatives",
                     multipart("related", {alternative, logo_part}),
                     {"1 body text/plain text",
                      "2 body text/html html",
                      "3 related image/png png referenced"}},
                 Case{
                     "an image nobody refers to",
                     multipart("mixed", {text_part, logo_part}),
                     {"1 body text/plain text", "2 other image/png png"}},
                 Case{
                     "a PDF as root of related",
                     multipart("related", {pdf_part(), logo_part}),
                     {"1 other application/pdf pdf", "2 related image/png png"}},
                 Case{
                     "a PDF as alternative",
                     multipart("alternative", {text_part, pdf_part()}),
                     {"1 body text/plain text", "2 other application/pdf pdf"}},
                 Case{
                     "signed",
                     multipart(
                         "signed",
                         {text_part, part("Content-Type: application/pgp-signature\r\n", "x")}
                     ),
                     {"1 body text/plain text", "2 signature application/pgp-signature text"}},
                 Case{
                     "a signature by its type",
                     multipart(
                         "mixed",
                         {text_part, part("Content-Type: application/pkcs7-signature\r\n", "x")}
                     ),
                     {"1 body text/plain text", "2 signature application/pkcs7-signature text"}},
                 Case{
                     "text with a name",
                     multipart(
                         "mixed", {text_part, part("Content-Type: text/plain; name=a.txt\r\n", "x")}
                     ),
                     {"1 body text/plain text", "2 other text/plain text"}},
                 Case{
                     "text as attachment",
                     multipart(
                         "mixed",
                         {text_part,
                          part(
                              "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n", "x"
                          )}
                     ),
                     {"1 body text/plain text", "2 other text/plain text"}},
                 Case{
                     "text behind the document",
                     multipart("mixed", {text_part, pdf_part(), part("", "-- \r\nAnna")}),
                     {"1 body text/plain text",
                      "2 other application/pdf pdf",
                      "3 body text/plain text"}},
                 Case{
                     "a PDF that calls itself text",
                     multipart("mixed", {text_part, part("Content-Type: text/plain\r\n", pdf)}),
                     {"1 body text/plain text", "2 other text/plain pdf"}},
                 Case{
                     "a text that speaks of PDFs",
                     part("", "a file begins with %PDF-1.4 x"),
                     {"1 body text/plain text"}},
                 Case{
                     "an empty part",
                     multipart("mixed", {text_part, part("Content-Type: application/pdf\r\n", "")}),
                     {"1 body text/plain text", "2 other application/pdf empty"}},
                 Case{
                     "an attached mail",
                     multipart(
                         "mixed",
                         {text_part,
                          part(
                              "Content-Type: message/rfc822\r\n",
                              "Subject: y\r\n" + multipart("mixed", {pdf_part()}, "=_in")
                          )}
                     ),
                     {"1 body text/plain text", "2 other message/rfc822 text"}},
                 Case{
                     "a digest",
                     multipart("digest", {part("", "Subject: a\r\n\r\nx")}),
                     {"1 other message/rfc822 text"}},
             }) {
            CAPTURE(c.label);
            const Examined mail = examined(mail_of(c.entity));
            CHECK(shown(mail.facts) == c.parts);
            CHECK(mail.facts.ambiguities == none);
            CHECK(mail.files.empty());
        }
        CHECK(examined(mail_of(part("Content-Type: message/rfc822\r\n", "Subject: y\r\n\r\nx")))
                  .facts.parts.at(0)
                  .nested_mail);
    }

    TEST_CASE("damage is a fact of its part") {
        struct Case {
            std::string_view label;
            std::string entity;
            std::string bytes;
            std::vector<Damage> damage;
        };

        const std::string encoded =
            "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n";
        for (const Case& c : {
                 Case{
                     "padded groups are decoded on",
                     multipart("mixed", {part(encoded, "JVBERg==\r\nLTEuNA==\r\n")}),
                     "%PDF-1.4",
                     {}},
                 Case{
                     "junk",
                     multipart("mixed", {part(encoded, "JVBE*Ri0x")}),
                     "%PDF-1",
                     {Damage::base64_junk}},
                 Case{
                     "incomplete",
                     multipart("mixed", {part(encoded, "JVBERi0xLg")}),
                     "%PDF-1.",
                     {Damage::base64_incomplete}},
                 Case{
                     "unknown encoding",
                     multipart(
                         "mixed",
                         {part(
                             "Content-Type: application/pdf\r\nContent-Transfer-Encoding: "
                             "x-uuencode\r\n",
                             "%PDF-1.4"
                         )}
                     ),
                     "%PDF-1.4",
                     {Damage::encoding_unknown}},
                 Case{
                     "cut off",
                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
                     "application/pdf\r\n\r\n%PDF-1.4",
                     "%PDF-1.4",
                     {Damage::truncated}},
                 Case{
                     "inner multipart not closed",
                     multipart(
                         "mixed",
                         {"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: "
                          "application/pdf\r\n\r\n%PDF-1.4"}
                     ),
                     "%PDF-1.4",
                     {Damage::truncated}},
             }) {
            CAPTURE(c.label);
            const Examined mail = examined(mail_of(c.entity), {Format::pdf});
            REQUIRE(mail.facts.parts.size() == 1);
            CHECK(mail.facts.parts[0].damage == c.damage);
            CHECK(mail.facts.ambiguities == none);
            REQUIRE(mail.files.size() == 1);
            CHECK(test::content_of(mail.files.begin()->second) == c.bytes);
        }
    }

    TEST_CASE("names come from the disposition, else from the type, cleaned") {
        struct Case {
            std::string_view label;
            std::string_view headers;
            std::string_view name;
            std::string_view raw_name;
        };

        for (const Case& c : {
                 Case{
                     "both",
                     "Content-Type: application/pdf; name=a.txt\r\nContent-Disposition: "
                     "attachment; filename=b.pdf\r\n",
                     "b.pdf",
                     "b.pdf"},
                 Case{
                     "type alone",
                     "Content-Type: application/pdf; "
                     "name=\"=?utf-8?Q?za=C5=82.pdf?=\"\r\nContent-Disposition: attachment\r\n",
                     "za\xC5\x82.pdf",
                     "za\xC5\x82.pdf"},
                 Case{
                     "empty disposition name",
                     "Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: "
                     "attachment; filename=\"\"\r\n",
                     "a.pdf",
                     "a.pdf"},
                 Case{
                     "a path",
                     "Content-Disposition: attachment; filename=\"../../x.pdf\"\r\n",
                     "x.pdf",
                     "../../x.pdf"},
                 Case{"none", "Content-Type: application/pdf\r\n", "", ""},
             }) {
            CAPTURE(c.label);
            const Examined mail = examined(mail_of(multipart("mixed", {part(c.headers, "x")})));
            REQUIRE(mail.facts.parts.size() == 1);
            CHECK(mail.facts.parts[0].name == c.name);
            CHECK(mail.facts.parts[0].raw_name == c.raw_name);
        }
    }

    TEST_CASE("limits hold on the edge and break one past it") {
        const auto parts = [](std::size_t count) {
            return mail_of(multipart("mixed", std::vector<std::string>(count, text_part)));
        };
        CHECK(examined(parts(3), {}, {.parts = 3}).facts.over.empty());
        CHECK(examined(parts(4), {}, {.parts = 3}).facts.over == std::vector{Limit::parts});
        const std::string two = mail_of(multipart("mixed", {multipart("mixed", {text_part}, "i")}));
        CHECK(examined(two, {}, {.depth = 2}).facts.over.empty());
        CHECK(examined(two, {}, {.depth = 1}).facts.over == std::vector{Limit::depth});
    }

    TEST_CASE("a reference is found across every edge of a long text") {
        for (std::size_t before = 65500; before < 65545; ++before) {
            const std::string html =
                "<html>" + std::string(before, ' ') + "<img src='CID:logo%40x'>";
            const Examined mail = examined(mail_of(
                multipart("related", {part("Content-Type: text/html\r\n", html), logo_part})
            ));
            CAPTURE(before);
            CHECK(mail.facts.parts.at(1).referenced);
        }
    }

    TEST_CASE("a mail cut anywhere gives facts and never more than was there") {
        const std::string whole = mail_of(
            multipart("mixed", {multipart("related", {html_part, logo_part}, "=_r"), pdf_part()})
        );
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            const Examined mail = examined(std::string_view(whole).substr(0, size), {Format::pdf});
            CAPTURE(size);
            CHECK(mail.facts.parts.size() <= 4);
            for (const PartFacts& p : mail.facts.parts)
                CHECK(p.size <= size);
        }
    }

    TEST_CASE("attachments come back bit for bit, whatever they are and however they travel") {
        std::mt19937 random(20261121);
        const auto below = [&random](std::size_t bound) {
            return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
        };
        const auto bytes = [&](std::size_t size, bool lines) {
            std::string out = "%PDF-1.4\r\n";
            while (out.size() < size)
                out += static_cast<char>(below(256));
            if (lines) // what 8bit can carry
                for (char& c : out)
                    if (c == '\0' || c == '\r' || c == '\n') c = 'x';
            return out;
        };
        for (int round = 0; round < 40; ++round) {
            std::vector<std::string> contents;
            std::vector<std::string> entities{text_part};
            const std::size_t count = 1 + below(5);
            for (std::size_t i = 0; i < count; ++i) {
                const std::size_t how = below(4);
                contents.push_back(bytes(10 + below(round == 0 ? 300000 : 5000), how == 2));
                const std::string& content = contents.back();
                const std::string encoding = how == 0   ? "base64"
                                             : how == 1 ? "quoted-printable"
                                             : how == 2 ? "8bit"
                                                        : "binary";
                const std::string body = how == 0   ? test::base64(content, 4 + 4 * below(19))
                                         : how == 1 ? test::quoted_printable(content)
                                                    : content;
                entities.push_back(part(
                    "Content-Type: application/pdf\r\nContent-Transfer-Encoding: " + encoding +
                        "\r\n",
                    body
                ));
            }
            const std::string mail = mail_of(multipart("mixed", entities, "=_edge_of_a_part"));
            const Examined out = examined(mail, {Format::pdf});
            CAPTURE(round);
            CHECK(out.facts.ambiguities == none);
            REQUIRE(out.facts.parts.size() == count + 1);
            for (std::size_t i = 0; i < count; ++i) {
                const PartFacts& p = out.facts.parts[i + 1];
                CHECK(p.damage.empty());
                CHECK(p.digest == Digest(sha256(contents[i])));
                REQUIRE(out.files.contains(*p.digest));
                CHECK(test::content_of(out.files.at(*p.digest)) == contents[i]);
            }
        }
    }

    TEST_CASE("a mail takes no more open files than it may have documents of a format, and one") {
        const auto pdf_of = [](std::size_t i) {
            return part("Content-Type: application/pdf\r\n", "%PDF-1.4 " + std::to_string(i));
        };
        const auto files_of = [&](std::size_t count, std::size_t same) {
            std::vector<std::string> entities;
            for (std::size_t i = 0; i < count; ++i)
                entities.push_back(pdf_of(i));
            for (std::size_t i = 0; i < same; ++i)
                entities.push_back(pdf_of(0));
            const Examined out =
                examined(mail_of(multipart("mixed", entities)), {Format::pdf}, {.documents = 10});
            CHECK(out.facts.parts.size() == count + same);
            return out.files.size();
        };
        CHECK(files_of(10, 0) == 10);
        CHECK(files_of(10, 5) == 10);
        CHECK(files_of(11, 0) == 11);
        CHECK(files_of(30, 0) == 11);
    }

    TEST_CASE("what Caps lets pass GMime can take") {
        std::string most = "Content-Type: multipart/mixed; boundary=b\r\nTo: ";
        while (most.size() < 16000)
            most += "g:";
        most += "\r\n\r\n";
        for (int i = 0; i < 1000; ++i)
            most += "--b\r\n\r\nx\r\n";
        const std::string mail = mail_of(most + "--b--\r\n");
        Caps caps{LimitSettings{}};
        caps.feed(as_bytes(mail));
        CHECK(caps.over().empty());
        CHECK(examined(mail).facts.parts.size() == 1000);
    }

    TEST_CASE("a part taken out by its number is what it was in the whole mail, the text too") {
        const std::string mail = mail_of(multipart(
            "mixed",
            {multipart("related", {html_part, logo_part}, "=_r"),
             pdf_part(),
             part("Content-Type: message/rfc822\r\n", "Subject: x\r\n\r\ny")}
        ));
        const Examined whole = examined(mail, {Format::pdf});
        const kwit::test::TempDir dir;
        const File file = kwit::test::file_of(dir, mail);
        const auto make_temp = [&dir] { return TempFile::create(dir.path()); };
        REQUIRE(whole.facts.parts.size() == 4);
        for (const PartFacts& wanted : whole.facts.parts) {
            CAPTURE(wanted.number);
            const auto found = extract(file, {}, wanted.number, make_temp);
            REQUIRE(found.has_value());
            REQUIRE(found->has_value());
            const PartFacts& facts = (*found)->facts;
            CHECK(facts.digest == wanted.digest);
            CHECK(facts.size == wanted.size);
            CHECK(facts.format == wanted.format);
            CHECK(facts.name == wanted.name);
            CHECK(facts.media_type == wanted.media_type);
            CHECK(facts.nested_mail == wanted.nested_mail);
            CHECK(Digest(sha256(test::content_of((*found)->file))) == *wanted.digest);
        }
        for (const std::uint32_t none : {0U, 5U}) {
            const auto found = extract(file, {}, none, make_temp);
            REQUIRE(found.has_value());
            CHECK_FALSE(found->has_value());
        }
    }

    TEST_CASE("a file of a person has the facts of an attachment") {
        const std::string bytes = pdf + std::string(20'000, ' ');
        FileFacts reader("/home/\x1b[31mrechnung.pdf");
        for (std::size_t at = 0; at < bytes.size(); at += 7000)
            reader.take(as_bytes(std::string_view(bytes).substr(at, 7000)));
        const PartFacts facts = std::move(reader).finish();
        CHECK(facts.name == "[31mrechnung.pdf");
        CHECK(facts.size == bytes.size());
        CHECK(facts.format == Format::pdf);
        CHECK(facts.digest == Digest(sha256(bytes)));
        CHECK(facts.presentation == Presentation::attachment);
        CHECK(FileFacts("x.pdf").finish().format == Format::empty);
    }

    TEST_CASE("our own failure is an error, not a fact") {
        const test::TempDir dir;
        const File file = test::file_of(dir, mail_of(multipart("mixed", {pdf_part()})));
        const auto result = examine(file, {}, {Format::pdf}, []() -> Result<TempFile> {
            return fail(Kind::temporary, "cannot write: disk full");
        });
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().kind == Kind::temporary);
        CHECK(result.error().what == "cannot write: disk full");
    }
}

} // namespace kwit::mime
