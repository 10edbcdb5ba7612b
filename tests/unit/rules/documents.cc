#include "core/rules/documents.hh"

#include "tests/unit/rules/judged.hh"

#include <doctest/doctest.h>

#include <functional>

namespace kwit::rules {

namespace {

using parts::embedded;
using parts::judged;
using parts::nameless;
using parts::shown;
using test::file_part;
using test::pdf_part;

PartFacts inline_part(PartFacts part) {
    part.presentation = Presentation::inline_;
    return part;
}

PartFacts at_place(Place place, PartFacts part) {
    part.place = place;
    return part;
}

PartFacts empty_part(PartFacts part) {
    part.size = 0;
    part.format = Format::empty;
    return part;
}

PartFacts damaged(Damage damage, PartFacts part) {
    part.damage = {damage};
    return part;
}

PartFacts nested_mail() {
    PartFacts part = file_part(2, "Rechnung.eml", "message/rfc822", Format::text);
    part.nested_mail = true;
    return part;
}

} // namespace

TEST_SUITE("rules/documents") {
    TEST_CASE("each part has the disposition of its kind, by policy") {
        struct Case {
            std::string_view label;
            PartFacts part;
            std::string_view open;
            std::string_view tagged;
        };

        constexpr std::string_view format = "refused part-not-accepted/format";
        constexpr std::string_view office = "refused part-not-accepted/office";
        constexpr std::string_view zip = "refused part-not-accepted/zip";
        constexpr std::string_view heic = "refused part-not-accepted/heic";
        constexpr std::string_view mismatch = "refused type-mismatch";
        const std::string jpeg = "image/jpeg";
        const std::string octets = "application/octet-stream";
        const auto claiming_pdf = [](Format content) {
            return file_part(2, "rechnung.pdf", "application/pdf", content);
        };
        for (const Case& c : {
                 Case{"text body", test::text_body(), "body", "body"},
                 Case{
                     "html body",
                     at_place(Place::body, nameless(file_part(1, "", "text/html", Format::html))),
                     "body",
                     "body"},
                 Case{
                     "empty body",
                     at_place(
                         Place::body,
                         empty_part(nameless(file_part(1, "", "text/plain", Format::text)))
                     ),
                     "body",
                     "body"},
                 Case{
                     "damaged body",
                     damaged(Damage::quoted_printable, test::text_body()),
                     "body",
                     "body"},
                 Case{
                     "text behind an attachment",
                     inline_part(nameless(file_part(3, "", "text/plain", Format::text))),
                     "body",
                     "body"},
                 Case{
                     "html behind an attachment",
                     nameless(file_part(3, "", "text/html", Format::html)),
                     "body",
                     "body"},
                 Case{
                     "text file",
                     file_part(2, "liste.txt", "text/plain", Format::text),
                     format,
                     format},
                 Case{
                     "named inline text",
                     inline_part(file_part(2, "liste.txt", "text/plain", Format::text)),
                     format,
                     format},
                 Case{"PDF", pdf_part(2, "rechnung.pdf"), "filed", "filed"},
                 Case{"PDF inline", inline_part(pdf_part(2, "rechnung.pdf")), "filed", "filed"},
                 Case{"PDF without a name", nameless(pdf_part(2, "x")), "filed", "filed"},
                 Case{"PDF under any name", pdf_part(2, "rechnung.exe"), "filed", "filed"},
                 Case{
                     "PDF as octets",
                     file_part(2, "rechnung", octets, Format::pdf),
                     "filed",
                     "filed"},
                 Case{
                     "PDF as text",
                     file_part(2, "rechnung", "text/plain", Format::pdf),
                     "filed",
                     "filed"},
                 Case{
                     "PDF as the body",
                     at_place(Place::body, file_part(1, "", "text/plain", Format::pdf)),
                     "filed",
                     "filed"},
                 Case{
                     "PDF as signature",
                     at_place(Place::signature, pdf_part(2, "a.pdf")),
                     "filed",
                     "filed"},
                 Case{
                     "photo attached",
                     file_part(2, "photo.jpg", jpeg, Format::jpeg),
                     format,
                     "filed"},
                 Case{"photo inline and large", embedded(Format::jpeg, 400000), format, "filed"},
                 Case{"logo in the HTML", embedded(Format::png, 4000), "decoration", "decoration"},
                 Case{"animated logo", embedded(Format::gif, 4000), "decoration", "decoration"},
                 Case{
                     "just under the limit",
                     embedded(Format::jpeg, decoration_limit - 1),
                     "decoration",
                     "decoration"},
                 Case{"at the limit", embedded(Format::jpeg, decoration_limit), format, "filed"},
                 Case{"TIFF in the HTML", embedded(Format::tiff, 4000), format, "filed"},
                 Case{
                     "liste.xlsx",
                     file_part(2, "liste.xlsx", octets, Format::office),
                     office,
                     office},
                 Case{
                     "brief.docx",
                     file_part(2, "brief.docx", octets, Format::office),
                     office,
                     office},
                 Case{"EXE as PDF", claiming_pdf(Format::executable), mismatch, mismatch},
                 Case{"HTML as PDF", claiming_pdf(Format::html), mismatch, mismatch},
                 Case{"ZIP as PDF", claiming_pdf(Format::zip), mismatch, mismatch},
                 Case{
                     "ZIP as PDF by name alone",
                     file_part(2, "Rechnung.PDF", octets, Format::zip),
                     mismatch,
                     mismatch},
                 Case{
                     "EXE as PDF by type alone",
                     file_part(2, "rechnung", "application/pdf", Format::executable),
                     mismatch,
                     mismatch},
                 Case{"unknown bytes as PDF", claiming_pdf(Format::unknown), mismatch, mismatch},
                 Case{
                     "HTML as photo",
                     file_part(2, "photo.jpg", jpeg, Format::html),
                     format,
                     mismatch},
                 Case{"photo as PDF", claiming_pdf(Format::jpeg), format, "filed"},
                 Case{
                     "GIF as PNG",
                     file_part(2, "scan.png", "image/png", Format::gif),
                     format,
                     format},
                 Case{
                     "EXE as itself",
                     file_part(2, "setup.exe", octets, Format::executable),
                     format,
                     format},
                 Case{
                     "HTML as itself",
                     file_part(2, "seite.html", "text/html", Format::html),
                     format,
                     format},
                 Case{
                     "unknown bytes",
                     file_part(2, "data.bin", octets, Format::unknown),
                     "refused part-not-accepted/unknown",
                     "refused part-not-accepted/unknown"},
                 Case{
                     "invite.ics",
                     file_part(2, "invite.ics", "text/calendar", Format::text),
                     "ignored",
                     "ignored"},
                 Case{
                     "invite.ics as octets",
                     file_part(2, "invite.ics", octets, Format::text),
                     "ignored",
                     "ignored"},
                 Case{
                     "smime.p7s",
                     file_part(2, "smime.p7s", "application/pkcs7-signature", Format::unknown),
                     "signature",
                     "signature"},
                 Case{
                     "smime.p7s as octets",
                     file_part(2, "smime.p7s", octets, Format::unknown),
                     "signature",
                     "signature"},
                 Case{
                     "signature.asc",
                     file_part(2, "signature.asc", "application/pgp-signature", Format::text),
                     "signature",
                     "signature"},
                 Case{
                     "signature.asc as octets",
                     file_part(2, "signature.asc", octets, Format::text),
                     "signature",
                     "signature"},
                 Case{
                     "armoured file",
                     file_part(2, "faktura.pdf.asc", octets, Format::text),
                     format,
                     format},
                 Case{
                     "by place",
                     at_place(
                         Place::signature, file_part(2, "x", "application/x-own", Format::unknown)
                     ),
                     "signature",
                     "signature"},
                 Case{
                     "a workbook in the place of a signature",
                     at_place(
                         Place::signature,
                         file_part(2, "liste.xls", "application/vnd.ms-excel", Format::office)
                     ),
                     "refused part-not-accepted/office",
                     "refused part-not-accepted/office"},
                 Case{
                     "a workbook that calls itself an invitation",
                     file_part(2, "rechnung.xlsx", "text/calendar", Format::office),
                     "refused part-not-accepted/office",
                     "refused part-not-accepted/office"},
                 Case{
                     "card.vcf",
                     file_part(2, "card.vcf", "text/vcard", Format::text),
                     "ignored",
                     "ignored"},
                 Case{
                     "attached mail",
                     nested_mail(),
                     "refused part-not-accepted/mail",
                     "refused part-not-accepted/mail"},
                 Case{"r.zip", file_part(2, "r.zip", "application/zip", Format::zip), zip, zip},
                 Case{
                     "winmail.dat",
                     file_part(2, "winmail.dat", "application/ms-tnef", Format::tnef),
                     "refused part-not-accepted/tnef",
                     "refused part-not-accepted/tnef"},
                 Case{
                     "empty part",
                     empty_part(file_part(2, "leer.pdf", "application/pdf", Format::pdf)),
                     "ignored",
                     "ignored"},
                 Case{"HEIC", file_part(2, "IMG_1.HEIC", "image/heic", Format::heic), heic, heic},
                 Case{"HEIC as photo", file_part(2, "IMG_1.jpg", jpeg, Format::heic), heic, heic},
                 Case{
                     "encrypted by S/MIME",
                     file_part(1, "smime.p7m", "application/pkcs7-mime", Format::unknown),
                     "refused mail-encrypted/smime",
                     "refused mail-encrypted/smime"},
                 Case{
                     "signed XML invoice",
                     file_part(2, "fattura.xml.p7m", "application/pkcs7-mime", Format::unknown),
                     "refused part-not-accepted/unknown",
                     "refused part-not-accepted/unknown"},
                 Case{
                     "note of an encrypted mail",
                     nameless(file_part(1, "", "application/pgp-encrypted", Format::text)),
                     "refused mail-encrypted/pgp",
                     "refused mail-encrypted/pgp"},
             }) {
            CAPTURE(c.label);
            CHECK(judged(c.part, test::open()) == c.open);
            CHECK(judged(c.part, test::tagged()) == c.tagged);
        }
    }

    TEST_CASE("a part with a damaged encoding is never filed") {
        struct Case {
            Damage damage;
            std::string_view detail;
        };

        for (const Case& c : {
                 Case{Damage::base64_junk, "base64"},
                 Case{Damage::base64_incomplete, "base64"},
                 Case{Damage::quoted_printable, "quoted-printable"},
                 Case{Damage::encoding_unknown, "unknown"},
                 Case{Damage::truncated, "truncated"},
             }) {
            CAPTURE(c.detail);
            const std::string wanted = "refused encoding-damaged/" + std::string(c.detail);
            CHECK(judged(damaged(c.damage, pdf_part(2, "a.pdf")), test::open()) == wanted);
            // So badly that the content is no longer what it claims, or that nothing is left.
            PartFacts junk = damaged(c.damage, pdf_part(2, "a.pdf"));
            junk.format = Format::unknown;
            CHECK(judged(junk, test::open()) == wanted);
            CHECK(judged(empty_part(junk), test::open()) == wanted);
            CHECK(
                judged(damaged(c.damage, embedded(Format::png, 100)), test::open()) == "decoration"
            );
            CHECK(
                judged(
                    damaged(c.damage, file_part(2, "l.xlsx", "application/x", Format::office)),
                    test::open()
                ) == "refused part-not-accepted/office"
            );
        }
    }

    TEST_CASE("the same bytes are filed once, under whatever name") {
        PartFacts again = pdf_part(3, "b.pdf");
        const PartFacts first = pdf_part(2, "a.pdf");
        again.digest = first.digest;
        PartFacts third = pdf_part(4, "c.pdf");
        third.digest = first.digest;
        const auto outcomes =
            judge_parts(std::vector{first, again, third, pdf_part(5, "d.pdf")}, test::open());
        REQUIRE(outcomes.size() == 4);
        CHECK(shown(outcomes[0]) == "filed");
        CHECK(shown(outcomes[1]) == "duplicate of 2");
        CHECK(shown(outcomes[2]) == "duplicate of 2");
        CHECK(shown(outcomes[3]) == "filed");
    }

    TEST_CASE("a damaged twin does not stand for the whole one") {
        PartFacts twin = damaged(Damage::base64_junk, pdf_part(2, "a.pdf"));
        PartFacts whole = pdf_part(3, "a.pdf");
        twin.digest = whole.digest;
        const auto outcomes = judge_parts(std::vector{twin, whole}, test::open());
        REQUIRE(outcomes.size() == 2);
        CHECK(shown(outcomes[0]) == "refused encoding-damaged/base64");
        CHECK(shown(outcomes[1]) == "filed");
    }

    TEST_CASE("the data of a PGP/MIME mail follows its note") {
        const PartFacts note =
            nameless(file_part(1, "", "application/pgp-encrypted", Format::text));
        const PartFacts data =
            file_part(2, "encrypted.asc", "application/octet-stream", Format::text);
        const auto outcomes = judge_parts(std::vector{note, data, data}, test::open());
        REQUIRE(outcomes.size() == 3);
        CHECK(shown(outcomes[1]) == "refused mail-encrypted/pgp");
        CHECK(shown(outcomes[2]) == "refused part-not-accepted/format");
    }

    TEST_CASE("a refusal quotes the file, what it is and what would be taken") {
        const auto finding = [](const PartFacts& part, const Policy& policy) {
            return judge_parts(std::vector{part}, policy).front().finding.value();
        };
        CHECK(
            finding(file_part(7, "liste.gif", "image/gif", Format::gif), test::tagged()) ==
            Finding{
                .reason = Reason::part_not_accepted,
                .detail = "format",
                .values =
                    {{"accepted", "PDF, JPEG, PNG, TIFF"}, {"name", "liste.gif"}, {"read", "GIF"}},
                .part = 7}
        );
        CHECK(
            finding(nameless(file_part(2, "", "image/x-own", Format::unknown)), test::open()) ==
            Finding{
                .reason = Reason::part_not_accepted,
                .detail = "unknown",
                .values = {{"accepted", "PDF"}, {"name", "image/x-own"}, {"read", "image/x-own"}},
                .part = 2}
        );
        CHECK(
            finding(file_part(2, "r.pdf", "application/pdf", Format::html), test::open()) ==
            Finding{
                .reason = Reason::type_mismatch,
                .values = {{"claimed", "PDF"}, {"name", "r.pdf"}, {"read", "HTML"}},
                .part = 2}
        );
    }

    TEST_CASE("a file that a person hands over is a document wherever it stood") {
        const auto answer = [](const PartFacts& file, const PartFacts* before = nullptr) {
            const auto finding = judge_file(file, before, test::tagged());
            return finding ? test::reasons_of({*finding}) : std::string("taken");
        };
        const PartFacts png = file_part(1, "logo.png", "image/png", Format::png);
        CHECK(answer(pdf_part(2, "a.pdf")) == "taken");
        CHECK(answer(embedded(Format::png, 100)) == "taken");
        CHECK(answer(at_place(Place::signature, png)) == "taken");
        CHECK(answer(empty_part(png)) == "no-document");
        CHECK(
            answer(file_part(1, "a.xlsx", "application/octet-stream", Format::office)) ==
            "part-not-accepted/office"
        );
        CHECK(answer(file_part(1, "a.pdf", "application/pdf", Format::html)) == "type-mismatch");
        PartFacts torn = pdf_part(2, "a.pdf");
        torn.damage = {Damage::base64_incomplete};
        CHECK(answer(torn) == "encoding-damaged/base64");
        const PartFacts note = file_part(1, "", "application/pgp-encrypted", Format::text);
        const PartFacts data = file_part(2, "x", "application/octet-stream", Format::unknown);
        CHECK(answer(data, &note) == "mail-encrypted/pgp");
        CHECK(answer(data) == "part-not-accepted/unknown");
        PartFacts nested = pdf_part(2, "a.pdf");
        nested.nested_mail = true;
        CHECK(answer(nested) == "part-not-accepted/mail");
    }

    TEST_CASE("a policy that takes texts still leaves the mail's own text alone") {
        Policy policy = test::open();
        policy.formats = {Format::text, Format::empty};
        CHECK(judged(test::text_body(), policy) == "body");
        CHECK(judged(file_part(2, "l.txt", "text/plain", Format::text), policy) == "filed");
        CHECK(
            judged(empty_part(file_part(2, "l.txt", "text/plain", Format::text)), policy) ==
            "ignored"
        );
    }

    TEST_CASE("what holds other files becomes what came of opening it") {
        using State = Opening::State;

        struct Case {
            std::string_view label;
            Holder holds;
            std::optional<Opening> opening;
            std::string_view becomes;
        };

        const Policy policy = test::open();
        for (const Case& c :
             {Case{"opened", Holder::zip, Opening{}, "container"},
              Case{"not tried", Holder::zip, std::nullopt, "container"},
              Case{
                  "locked",
                  Holder::zip,
                  Opening{.state = State::encrypted},
                  "refused container-encrypted"},
              Case{
                  "enveloped",
                  Holder::cms,
                  Opening{.state = State::encrypted},
                  "refused mail-encrypted/smime"},
              Case{
                  "broken",
                  Holder::tnef,
                  Opening{.state = State::damaged, .said = "cut off"},
                  "refused encoding-damaged/container"},
              Case{
                  "members",
                  Holder::zip,
                  Opening{.state = State::over_members},
                  "refused container-over-budget/members"},
              Case{
                  "unpacked",
                  Holder::zip,
                  Opening{.state = State::over_unpacked},
                  "refused container-over-budget/unpacked"},
              Case{
                  "ratio",
                  Holder::zip,
                  Opening{.state = State::over_ratio},
                  "refused container-over-budget/ratio"}}) {
            CAPTURE(c.label);
            PartFacts part = file_part(2, "r.zip", "application/zip", Format::zip);
            part.holds = c.holds;
            part.opening = c.opening;
            CHECK(judged(part, policy) == c.becomes);
            part.damage = {Damage::base64_junk};
            CHECK(judged(part, policy) == "refused encoding-damaged/base64");
        }
        PartFacts crashed = file_part(2, "r.zip", "application/zip", Format::zip);
        crashed.holds = Holder::zip;
        crashed.uninspectable = true;
        CHECK(judged(crashed, policy) == "refused uninspectable");
        PartFacts text = at_place(Place::body, file_part(1, "", "text/plain", Format::text));
        text.holds = Holder::uuencode;
        text.opening = Opening{};
        CHECK(judged(text, policy) == "body");
    }

    TEST_CASE("a member is judged as a file, or by what keeps its bytes away") {
        struct Case {
            std::string_view label;
            std::string_view raw_name;
            std::optional<Withheld> withheld;
            std::string_view becomes;
        };

        const Policy policy = test::open();
        for (const Case& c :
             {Case{"a PDF", "a/r.pdf", std::nullopt, "filed"},
              Case{"locked", "r.pdf", Withheld::encrypted, "refused container-encrypted/member"},
              Case{"broken", "r.pdf", Withheld::damaged, "refused encoding-damaged/member"},
              Case{"packed oddly", "r.pdf", Withheld::method, "refused part-not-accepted/method"},
              Case{"a link", "r.pdf", Withheld::link, "refused part-not-accepted/link"}}) {
            CAPTURE(c.label);
            PartFacts part = pdf_part(3, "r.pdf");
            part.in = 2;
            part.raw_name = c.raw_name;
            part.withheld = c.withheld;
            CHECK(judged(part, policy) == c.becomes);
            part.raw_name = "__MACOSX/r.pdf";
            CHECK(judged(part, policy) == c.becomes);
        }
    }

    TEST_CASE("what programs that pack files add is ignored, but no document that is called so") {
        Policy policy = test::open();
        policy.formats = {Format::pdf, Format::xml_invoice};
        for (const std::string name :
             {"__MACOSX/._r.pdf", ".DS_Store", "a/Thumbs.db", "desktop.ini"}) {
            CAPTURE(name);
            const auto clutter = [&](Format format) {
                const std::string last = name.substr(name.rfind('/') + 1);
                PartFacts part = file_part(3, last, std::string(media_type_of(format)), format);
                part.in = 2;
                part.raw_name = name;
                return part;
            };
            CHECK(judged(clutter(Format::unknown), policy) == "ignored");
            CHECK(judged(clutter(Format::office), policy) == "ignored");
            CHECK(judged(clutter(Format::jpeg), policy) == "ignored");
            CHECK(judged(clutter(Format::pdf), policy) == "filed");
            CHECK(judged(clutter(Format::xml_invoice), policy) == "filed");
            PartFacts part = clutter(Format::pdf);
            part.pdf = PdfFacts{.state = PdfFacts::State::encrypted};
            CHECK(judged(part, policy) == "refused pdf-encrypted");
            part = clutter(Format::zip);
            part.holds = Holder::zip;
            part.opening = Opening{.state = Opening::State::encrypted};
            CHECK(judged(part, policy) == "refused container-encrypted");
            part = clutter(Format::xml);
            part.xml = XmlFacts{.state = XmlFacts::State::damaged, .said = "cut off"};
            CHECK(judged(part, policy) == "refused part-not-accepted/xml-damaged");
            part = clutter(Format::unknown);
            part.nested_mail = true;
            CHECK(judged(part, policy) == "refused part-not-accepted/mail");
            part = clutter(Format::unknown);
            part.damage = {Damage::truncated};
            CHECK(judged(part, policy).starts_with("refused "));
            part = clutter(Format::unknown);
            part.in = 0; // as somebody attached it
            CHECK(judged(part, policy).starts_with("refused "));
        }
    }
}

} // namespace kwit::rules
