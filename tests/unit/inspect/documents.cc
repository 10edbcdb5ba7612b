// What the real kwit-inspector reads in documents of all kinds.
#include "core/base/sha256.hh"
#include "core/inspect/pool.hh"
#include "inspector/sanitized.hh"
#include "tests/unit/inspect/pdf_maker.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <fmt/format.h>

#include <string>
#include <vector>

using namespace kwit;
using namespace kwit::inspect;

namespace {

using State = PdfFacts::State;
using Words = std::vector<std::string>;

/// One inspector for all documents of this file, as in a running milter.
class Inspector {
public:
    Inspector() {
        settings_.program = KWIT_INSPECTOR_BUILT;
        settings_.timeout = std::chrono::seconds(30);
    }

    Inspected operator()(const std::string& content) {
        auto file = TempFile::create(dir_.path());
        REQUIRE_GOOD(file);
        REQUIRE_GOOD(file->write(as_bytes(content)));
        const auto reader = file->reader();
        REQUIRE_GOOD(reader);
        const auto inspected = pool_.look_into(settings_, *reader, Digest(sha256(content)));
        REQUIRE_GOOD(inspected);
        return *inspected;
    }

    InspectorSettings& settings() { return settings_; }

private:
    test::TempDir dir_{};
    InspectorSettings settings_{};
    Pool pool_{};
};

PdfFacts facts_of(const std::string& content) {
    static Inspector inspector;
    const Inspected inspected = inspector(content);
    const auto* const facts = std::get_if<PdfFacts>(&inspected);
    if (facts == nullptr) FAIL(std::get<Uninspectable>(inspected).why);
    return *facts;
}

/// A file specification with its stream, as two objects from 5 on.
std::vector<std::string>
embedded(const std::string& name, const std::string& data, const std::string& more = "") {
    return {
        fmt::format("<< /Type /Filespec /F ({0}) /UF ({0}) /EF << /F 6 0 R /UF 6 0 R >> >>", name),
        test::stream_object(
            data, fmt::format("/Type /EmbeddedFile /Params << /Size {} >> {}", data.size(), more)
        )};
}

const std::string names_file = "/Names << /EmbeddedFiles << /Names [(one) 5 0 R] >> >>";
const std::string invoice_xml = "<?xml version='1.0'?><rsm:CrossIndustryInvoice xmlns:rsm='x'/>";

} // namespace

TEST_SUITE("inspector/pdf") {
    TEST_CASE("an ordinary document is readable and has its pages") {
        for (const unsigned count : {1U, 2U, 50U}) {
            const PdfFacts facts = facts_of(test::pages(count));
            CHECK(facts == PdfFacts{.pages = count});
        }
        CHECK(facts_of(test::packed(test::pages(3))) == PdfFacts{.pages = 3});
    }

    TEST_CASE("the title is one clean line") {
        const auto titled = [](const std::string& title) {
            test::Pdf pdf = test::document(1);
            pdf.objects.push_back("<< /Title " + title + " >>");
            pdf.trailer = "/Info 5 0 R";
            return facts_of(pdf.bytes()).title;
        };
        CHECK(titled("(Faktura 17)") == "Faktura 17");
        CHECK(titled("<FEFF015A0077>") == "\u015aw");
        CHECK(titled("(a\\nb\\tc)") == "a b c");
        CHECK(titled("7").empty());
        CHECK(titled("(" + std::string(300, 'x') + ")") == std::string(300, 'x'));
        CHECK(titled("(" + std::string(301, 'x') + ")") == std::string(300, 'x'));
    }

    TEST_CASE("encrypted is only what needs a password to be opened") {
        CHECK(
            facts_of(test::encrypted(test::one_page(), "secret", "boss")).state == State::encrypted
        );
        const PdfFacts open = facts_of(test::encrypted(test::pages(2), "", "boss"));
        CHECK(open.state == State::readable);
        CHECK(open.pages == 2);
        CHECK(open.owner_password);
        test::Pdf certificate = test::document(1);
        certificate.trailer =
            "/ID [<00> <00>] /Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 >>";
        CHECK(facts_of(certificate.bytes()).state == State::encrypted);
    }

    TEST_CASE("damaged is what cannot be opened, has no pages, or has lost some") {
        struct Case {
            std::string_view label;
            std::string content;
            std::string said;
        };

        const std::string three = test::pages(3);
        const auto object = [&three](int number) {
            return three.find(fmt::format("\n{} 0 obj", number)) + 1;
        };
        for (const Case& c :
             {Case{
                  "only a head",
                  "%PDF-1.4\n",
                  "unable to find trailer dictionary while recovering damaged file"},
              Case{
                  "no page tree",
                  test::Pdf{.objects = {"<< /Type /Catalog >>"}}.bytes(),
                  "it has no page tree"},
              Case{"no pages", test::pages(0), "it has no pages"},
              Case{
                  "a page tree in a circle",
                  test::Pdf{
                      .objects =
                          {"<< /Type /Catalog /Pages 2 0 R >>",
                           "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                           "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}}
                      .bytes(),
                  "its page tree runs in a circle"},
              Case{
                  "cut off before the second page's text",
                  three.substr(0, object(6)) + "trailer << /Root 1 0 R >>",
                  "2 of 3 pages are lost: file is damaged"}}) {
            CAPTURE(c.label);
            const PdfFacts facts = facts_of(c.content);
            CHECK(facts.state == State::damaged);
            CHECK(facts.said == c.said);
        }
    }

    TEST_CASE("cut off anywhere, a document is damaged or all its pages are there") {
        const std::string whole = test::pages(2);
        const std::size_t last_object_end = whole.find("xref\n0");
        for (std::size_t size = 20; size < whole.size(); size += 7) {
            CAPTURE(size);
            const PdfFacts facts = facts_of(whole.substr(0, size));
            if (facts.state != State::readable) continue;
            CHECK(facts.pages == 2);
            CHECK(size > last_object_end - 60); // the last object ends there, or nearly
        }
    }

    TEST_CASE("a picture that is cut off is a page lost") {
        test::Pdf scan = test::document(1);
        scan.objects[2] = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
                          "/Resources << /XObject << /Im 5 0 R >> >> >>";
        scan.objects.push_back(test::stream_object(
            std::string(3000, 'p'), "/Type /XObject /Subtype /Image /Width 50 /Height 60"
        ));
        const std::string whole = scan.bytes();
        CHECK(facts_of(whole) == PdfFacts{.pages = 1});
        const PdfFacts cut =
            facts_of(whole.substr(0, whole.size() - 1000) + "\ntrailer << /Root 1 0 R >>");
        CHECK(cut.state == State::damaged);
        CHECK(cut.said.starts_with("1 of 1 pages are lost"));
    }

    TEST_CASE("what is out of order with all pages there is only repaired") {
        std::string moved = test::pages(2);
        moved.insert(9, "% every place in the table is wrong now\n");
        PdfFacts facts = facts_of(moved);
        CHECK(facts.state == State::readable);
        CHECK(facts.pages == 2);
        CHECK(facts.repaired);
        facts = facts_of("rubbish before\n" + test::one_page());
        CHECK(facts.state == State::readable);
    }

    TEST_CASE("what could act is named, each kind once") {
        struct Case {
            std::string_view label;
            std::string content;
            Words active;
        };

        const std::string script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>";
        for (const Case& c :
             {Case{"a destination", test::with("/OpenAction [3 0 R /Fit]"), {}},
              Case{
                  "a link",
                  test::with("/OpenAction << /S /URI /URI (https://kunde.example/) >>"),
                  {}},
              Case{"a structure", test::with("/Tabs << /Type /StructElem /S /Launch >>"), {}},
              Case{"a script", test::with("/OpenAction " + script), {"javascript"}},
              Case{
                  "a script in an object",
                  test::with("/OpenAction 5 0 R", {script}),
                  {"javascript"}},
              Case{"a script nobody refers to", test::with("", {script}), {"javascript"}},
              Case{
                  "a script deep inside",
                  test::with("/A [[[<< /B [ " + script + " ] >>]]]"),
                  {"javascript"}},
              Case{
                  "a script packed",
                  test::packed(test::with("/OpenAction 5 0 R", {script})),
                  {"javascript"}},
              Case{
                  "a script under an owner's password",
                  test::encrypted(test::with("/OpenAction " + script), "", "boss"),
                  {"javascript"}},
              Case{"two scripts", test::with("/A " + script + "/B " + script), {"javascript"}},
              Case{
                  "a program", test::with("/OpenAction << /S /Launch /F (cmd.exe) >>"), {"launch"}},
              Case{"a form's data", test::with("/A << /S /ImportData /F (x) >>"), {"import-data"}},
              Case{"a form sent", test::with("/A << /S /SubmitForm /F (x) >>"), {"submit-form"}},
              Case{"a form of XML", test::with("/AcroForm << /XFA [(a) (b)] >>"), {"xfa"}}}) {
            CAPTURE(c.label);
            const PdfFacts facts = facts_of(c.content);
            CHECK(facts.state == State::readable);
            CHECK(facts.active == c.active);
        }
    }

    TEST_CASE("embedded files are listed, and known by name and content") {
        struct Case {
            std::string_view label;
            std::vector<std::string> objects;
            EmbeddedFile file;
            Words active{};
        };

        for (const Case& c :
             {Case{
                  "a text",
                  embedded("notes.txt", "hello", "/Subtype /text#2Fplain"),
                  {"notes.txt", "text/plain", 5, ""}},
              Case{
                  "Factur-X",
                  embedded("factur-x.xml", invoice_xml),
                  {"factur-x.xml", "", invoice_xml.size(), "factur-x"}},
              Case{// of which only the beginning is unpacked
                   "a long one",
                   embedded("factur-x.xml", invoice_xml + std::string(200'000, ' ')),
                   {"factur-x.xml", "", invoice_xml.size() + 200'000, "factur-x"}},
              Case{
                  "ZUGFeRD",
                  embedded("ZUGFeRD-invoice.xml", invoice_xml),
                  {"ZUGFeRD-invoice.xml", "", invoice_xml.size(), "zugferd"}},
              Case{
                  "only the name",
                  embedded("factur-x.xml", "<html/>"),
                  {"factur-x.xml", "", 7, ""}},
              Case{
                  "only the content",
                  embedded("other.xml", invoice_xml),
                  {"other.xml", "", invoice_xml.size(), ""}},
              Case{
                  "a program by name",
                  embedded("Setup.EXE", "x"),
                  {"Setup.EXE", "", 1, "program"},
                  {"embedded-program"}},
              Case{
                  "a program by content",
                  embedded("a.txt", "MZ\x90"),
                  {"a.txt", "", 3, "program"},
                  {"embedded-program"}}}) {
            CAPTURE(c.label);
            const PdfFacts facts = facts_of(test::with(names_file, c.objects));
            CHECK(facts.state == State::readable);
            REQUIRE(facts.embedded.size() == 1);
            CHECK(facts.embedded.front() == c.file);
            CHECK(facts.active == c.active);
        }
    }

    TEST_CASE("of embedded files the limit is listed, and one more changes nothing") {
        const auto files = [](std::size_t count) {
            std::vector<std::string> objects;
            for (std::size_t i = 0; i < count; ++i) {
                objects.push_back(
                    fmt::format("<< /F (file {}) /EF << /F {} 0 R >> >>", i, 6 + 2 * i)
                );
                objects.push_back(test::stream_object("x"));
            }
            return facts_of(test::with("", objects)).embedded.size();
        };
        CHECK(files(max_embedded) == max_embedded);
        CHECK(files(max_embedded + 1) == max_embedded);
    }

    TEST_CASE("a document that takes more memory than it may is uninspectable") {
        if (inspector::sanitized) return; // it has no limit there
        Inspector look;
        look.settings().memory = 96ULL << 20;
        // Objects by the million, each of which qpdf keeps.
        test::Pdf pdf = test::document(1);
        std::string flat = "[";
        for (int i = 0; i < 3'000'000; ++i)
            flat += "<<>>";
        pdf.objects.push_back(flat + "]");
        const Inspected inspected = look(pdf.bytes());
        REQUIRE(std::holds_alternative<Uninspectable>(inspected));
        CHECK(std::get<Uninspectable>(inspected).why == "it gave up: memory ran out");
    }

    TEST_CASE("nesting without end is no way to crash it") {
        test::Pdf pdf = test::document(1);
        pdf.objects.push_back(std::string(1'000'000, '['));
        const PdfFacts facts = facts_of(pdf.bytes());
        CHECK(facts.pages == 1);
        CHECK(facts.repaired);
    }
}
