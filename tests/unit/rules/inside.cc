#include "core/base/text.hh"
#include "core/rules/documents.hh"
#include "tests/unit/rules/judged.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

namespace {

using parts::judged;
using test::file_part;
using test::pdf_part;

} // namespace

TEST_SUITE("rules/inside") {
    TEST_CASE("XML is an invoice when an inspector has said so") {
        Policy invoices = test::open();
        invoices.formats = {Format::pdf, Format::xml_invoice};
        Policy any = test::open();
        any.formats = {Format::xml};
        const auto xml = [](std::optional<XmlFacts> facts) {
            PartFacts part = file_part(2, "faktura.xml", "application/xml", Format::xml);
            if (facts && facts->state == XmlFacts::State::invoice)
                part.format = Format::xml_invoice;
            part.xml = std::move(facts);
            return part;
        };

        struct Case {
            std::string_view label;
            PartFacts part;
            std::string_view of_invoices;
            std::string_view of_any;
            std::string_view of_none;
        };

        using State = XmlFacts::State;
        constexpr std::string_view format = "refused part-not-accepted/format";
        PartFacts crashed = xml({});
        crashed.uninspectable = true;
        PartFacts cut = xml(XmlFacts{.state = State::damaged, .said = "it ends too early"});
        cut.damage = {Damage::truncated};
        for (const Case& c : {
                 Case{"not looked into yet", xml({}), "filed", "filed", format},
                 Case{
                     "an invoice",
                     xml(XmlFacts{.state = State::invoice}),
                     "filed",
                     "filed",
                     format},
                 Case{"another", xml(XmlFacts{.state = State::other}), format, "filed", format},
                 Case{
                     "with a DTD",
                     xml(XmlFacts{.state = State::dtd}),
                     "refused part-not-accepted/xml-dtd",
                     "filed",
                     "refused part-not-accepted/xml-dtd"},
                 Case{
                     "damaged",
                     xml(XmlFacts{.state = State::damaged, .said = "it ends too early"}),
                     "refused part-not-accepted/xml-damaged",
                     "filed",
                     "refused part-not-accepted/xml-damaged"},
                 Case{"crashed", crashed, "refused uninspectable", "filed", format},
                 Case{
                     "cut off on the way",
                     cut,
                     "refused encoding-damaged/truncated",
                     "refused encoding-damaged/truncated",
                     format},
             }) {
            CAPTURE(c.label);
            CHECK(judged(c.part, invoices) == c.of_invoices);
            CHECK(judged(c.part, any) == c.of_any);
            CHECK(judged(c.part, test::open()) == c.of_none);
        }
        CHECK(
            judged(file_part(2, "faktura.xml", "text/xml", Format::executable), invoices) ==
            "refused type-mismatch"
        );
    }

    TEST_CASE("what is inside a PDF decides whether it is taken") {
        using State = PdfFacts::State;
        const PartFacts plain = pdf_part(2, "r.pdf");
        const auto inside = [&plain](const PdfFacts& facts) {
            PartFacts part = plain;
            part.pdf = facts;
            return part;
        };
        const auto judge_as = [](const PartFacts& part, ActiveContent active) {
            Policy policy = test::open();
            policy.active_content = active;
            const auto flags = flags_of(part, policy);
            return judged(part, policy) + (flags.empty() ? "" : ", " + join(flags, " "));
        };
        const PartFacts active = inside({.pages = 1, .active = {"javascript", "launch"}});
        CHECK(judge_as(plain, ActiveContent::refuse) == "filed");
        CHECK(judge_as(inside({.pages = 1}), ActiveContent::refuse) == "filed");
        CHECK(
            judge_as(inside({.state = State::encrypted}), ActiveContent::ignore) ==
            "refused pdf-encrypted"
        );
        CHECK(
            judge_as(inside({.state = State::damaged, .said = "x"}), ActiveContent::ignore) ==
            "refused pdf-damaged"
        );
        CHECK(
            judge_as(
                inside({.pages = 1, .repaired = true, .owner_password = true}),
                ActiveContent::refuse
            ) == "filed, repaired owner-password"
        );
        CHECK(judge_as(active, ActiveContent::ignore) == "filed");
        CHECK(judge_as(active, ActiveContent::flag) == "filed, active-content");
        CHECK(
            judge_as(active, ActiveContent::refuse) == "refused pdf-active-content, active-content"
        );
        PartFacts crashing = plain;
        crashing.uninspectable = true;
        CHECK(judge_as(crashing, ActiveContent::ignore) == "refused uninspectable");
        PartFacts torn = inside({.state = State::damaged, .said = "x"});
        torn.damage = {Damage::base64_incomplete};
        CHECK(judge_as(torn, ActiveContent::ignore) == "refused encoding-damaged/base64");
    }

    TEST_CASE("a refusal for what is inside quotes the file and what was found") {
        PartFacts part = pdf_part(3, "r.pdf");
        part.pdf = PdfFacts{.state = PdfFacts::State::damaged, .said = "it has no pages"};
        CHECK(
            judge_parts(std::vector{part}, test::open()).front().finding ==
            Finding{
                .reason = Reason::pdf_damaged,
                .values = {{"name", "r.pdf"}, {"said", "it has no pages"}},
                .part = 3}
        );
        Policy strict = test::open();
        strict.active_content = ActiveContent::refuse;
        part.pdf = PdfFacts{.pages = 1, .active = {"javascript", "launch"}};
        CHECK(
            judge_parts(std::vector{part}, strict).front().finding ==
            Finding{
                .reason = Reason::pdf_active_content,
                .values = {{"found", "javascript, launch"}, {"name", "r.pdf"}},
                .part = 3}
        );
        CHECK(judge_file(part, nullptr, strict)->reason == Reason::pdf_active_content);
    }
}

} // namespace kwit::rules
