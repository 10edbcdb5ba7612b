#include "core/base/text.hh"
#include "core/rules/documents.hh"
#include "tests/unit/rules/judged.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

namespace {

using parts::embedded;
using parts::judged;
using parts::nameless;
using parts::shown;
using test::file_part;
using test::pdf_part;

PartFacts of_pixels(std::uint32_t width, std::uint32_t height) {
    PartFacts part = embedded(Format::jpeg, 4000);
    part.width = width;
    part.height = height;
    return part;
}

} // namespace

TEST_SUITE("rules/decorations") {
    TEST_CASE("a small picture is decoration only where it is shown, never when it is attached") {
        const std::string refused = "refused part-not-accepted/format";
        PartFacts logo = embedded(Format::png, 4000);
        logo.presentation = Presentation::attachment; // some programs say so of every image
        CHECK(judged(logo, test::open()) == "decoration");
        logo.place = Place::other; // Apple's programs show what stands beside the text
        CHECK(judged(logo, test::open()) == "decoration");
        for (const Place place : {Place::other, Place::related}) {
            logo.place = place;
            logo.referenced = false;
            logo.presentation = Presentation::attachment;
            CHECK(judged(logo, test::open()) == refused);
            CHECK(judged(logo, test::tagged()) == "filed");
            logo.presentation = Presentation::unstated;
            CHECK(judged(logo, test::open()) == refused);
            CHECK(judged(logo, test::tagged()) == "filed");
            logo.presentation = Presentation::inline_;
            CHECK(judged(logo, test::open()) == "decoration");
            CHECK(judged(logo, test::tagged()) == "decoration");
        }
    }

    TEST_CASE("a picture is small on both sides, or it may be a document") {
        constexpr std::uint32_t edge = decoration_side;
        CHECK(judged(of_pixels(edge - 1, edge - 1), test::tagged()) == "decoration");
        CHECK(judged(of_pixels(edge, 1), test::tagged()) == "filed");
        CHECK(judged(of_pixels(1, edge), test::tagged()) == "filed"); // a till receipt is long
        CHECK(judged(of_pixels(0, 0), test::tagged()) == "filed");    // not known
        CHECK(judged(of_pixels(100, 0), test::tagged()) == "filed");
        for (const Format format : {Format::png, Format::gif, Format::bmp, Format::webp})
            CHECK(judged(embedded(format, 4000), test::open()) == "decoration");
        CHECK(
            judged(embedded(Format::heic, 4000), test::open()) == "refused part-not-accepted/heic"
        );
        CHECK(judged(embedded(Format::tiff, 4000), test::tagged()) == "filed");
    }

    TEST_CASE("what the office marked is a decoration, whatever it is and wherever it stands") {
        PartFacts logo = file_part(2, "logo.jpg", "image/jpeg", Format::jpeg);
        PartFacts terms = pdf_part(3, "agb.pdf");
        PartFacts program = file_part(4, "setup.exe", "application/x", Format::executable);
        for (PartFacts* part : {&logo, &terms, &program}) {
            const auto with_mark = [&](const std::set<Digest>& marks) {
                return shown(judge_parts(std::vector{*part}, test::tagged(), marks).front());
            };
            CHECK(with_mark({*part->digest}) == "decoration");
            CHECK(with_mark({*test::text_body().digest}) != "decoration");
            CHECK(with_mark({}) != "decoration");
        }
        const PartFacts text = test::text_body();
        CHECK(
            shown(judge_parts(std::vector{text}, test::tagged(), {*text.digest}).front()) == "body"
        );
    }

    TEST_CASE("what holds others and was marked is a decoration with all that came out of it") {
        PartFacts zip = file_part(2, "werbung.zip", "application/zip", Format::zip);
        zip.holds = Holder::zip;
        zip.opening = Opening{};
        PartFacts mail = file_part(3, "weiter.eml", "message/rfc822", Format::unknown);
        mail.holds = Holder::mail;
        mail.opening = Opening{};
        mail.in = zip.number;
        PartFacts text = test::text_body();
        text.number = 4;
        text.in = mail.number;
        PartFacts locked;
        locked.number = 5;
        locked.in = zip.number;
        locked.withheld = Withheld::encrypted;
        PartFacts inside = pdf_part(6, "werbung.pdf");
        inside.in = mail.number;
        const PartFacts beside = pdf_part(7, "rechnung.pdf");
        const std::vector parts{zip, mail, text, locked, inside, beside};
        const auto with_mark = [&](const std::set<Digest>& marks) {
            std::vector<std::string> all;
            for (const PartOutcome& one : judge_parts(parts, test::tagged(), marks))
                all.push_back(shown(one));
            return join(all, ", ");
        };
        CHECK(
            with_mark({}) ==
            "container, container, body, refused container-encrypted/member, filed, filed"
        );
        CHECK(
            with_mark({*zip.digest}) ==
            "decoration, decoration, decoration, decoration, decoration, filed"
        );
        CHECK(
            with_mark({*mail.digest}) == "container, decoration, decoration, refused "
                                         "container-encrypted/member, decoration, filed"
        );
    }

    TEST_CASE("an annex is known by its name, and never in the place of a document") {
        Policy policy = test::tagged();
        policy.annex = {"*agb*", "Anlage_?.pdf"};
        CHECK(judged(pdf_part(2, "Unsere AGB 2026.pdf"), policy) == "annex");
        CHECK(judged(pdf_part(2, "anlage_1.PDF"), policy) == "annex");
        CHECK(judged(pdf_part(2, "Anlage_12.pdf"), policy) == "filed");
        CHECK(judged(nameless(pdf_part(2, "x")), policy) == "filed");
        CHECK(
            judged(file_part(2, "agb.docx", "application/x", Format::office), policy) ==
            "refused part-not-accepted/office"
        ); // it has to be one that would be filed
        // The same bytes under both names are a document, whichever comes first.
        PartFacts terms = pdf_part(2, "agb.pdf");
        PartFacts invoice = pdf_part(3, "rechnung.pdf");
        invoice.digest = terms.digest;
        const auto both = judge_parts(std::vector{terms, invoice}, policy);
        CHECK(shown(both[0]) == "filed");
        CHECK(shown(both[1]) == "duplicate of 2");
        PartFacts again = pdf_part(4, "AGB (1).pdf");
        again.digest = terms.digest;
        const auto twice = judge_parts(std::vector{terms, again}, policy);
        CHECK(shown(twice[0]) == "annex");
        CHECK(shown(twice[1]) == "duplicate of 2");
    }
}

} // namespace kwit::rules
