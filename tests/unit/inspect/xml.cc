// What the real kwit-inspector reads in XML files of all kinds.
#include "core/base/sha256.hh"
#include "core/inspect/pool.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <fmt/format.h>

#include <string>
#include <variant>

using namespace kwit;
using namespace kwit::inspect;
using namespace std::string_literals;

namespace {

using State = XmlFacts::State;

XmlFacts facts_of(const std::string& content) {
    static Pool pool;
    InspectorSettings settings;
    settings.program = KWIT_INSPECTOR_BUILT;
    settings.timeout = std::chrono::seconds(60);
    const test::TempDir dir;
    auto file = TempFile::create(dir.path());
    REQUIRE_GOOD(file);
    REQUIRE_GOOD(file->write(as_bytes(content)));
    const auto reader = file->reader();
    REQUIRE_GOOD(reader);
    const auto inspected = pool.look_into(settings, *reader, Digest(sha256(content)), Look::xml);
    REQUIRE_GOOD(inspected);
    const auto* const trouble = std::get_if<Uninspectable>(&*inspected);
    if (trouble != nullptr) FAIL(trouble->why);
    return std::get<XmlFacts>(*inspected);
}

const std::string ubl_space = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
const std::string basic_space =
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const std::string cii_space = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";
const std::string ksef_space = "http://crd.gov.pl/wzor/2025/06/25/13775/";

std::string ubl(const std::string& inside, const std::string& head = "<?xml version=\"1.0\"?>\n") {
    return fmt::format(
        "{}<Invoice xmlns=\"{}\" xmlns:cbc=\"{}\">{}</Invoice>",
        head,
        ubl_space,
        basic_space,
        inside
    );
}

const std::string number = "<cbc:ID>FV/17</cbc:ID>";

/// ASCII in UTF-16.
std::string wide(const std::string& text, bool big_endian) {
    std::string out;
    for (const char c : text)
        out += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
    return out;
}

std::string deep(std::size_t levels) {
    std::string out;
    for (std::size_t i = 0; i < levels; ++i)
        out += "<a>";
    for (std::size_t i = 0; i < levels; ++i)
        out += "</a>";
    return out;
}

XmlFacts invoice(const std::string& kind, const std::string& id = "FV/17") {
    return {.state = State::invoice, .kind = kind, .id = id};
}

} // namespace

TEST_SUITE("inspector/xml") {
    TEST_CASE("an invoice is known by its root element and namespace, and tells its number") {
        CHECK(facts_of(ubl("<cbc:UBLVersionID>2.1</cbc:UBLVersionID>" + number)) == invoice("ubl"));
        CHECK(
            facts_of("<c:CreditNote xmlns:c='urn:oasis:names:specification:ubl:schema:xsd:"
                     "CreditNote-2'><ID>FV/17</ID></c:CreditNote>") == invoice("ubl")
        );
        CHECK(
            facts_of(fmt::format(
                "<rsm:CrossIndustryInvoice xmlns:rsm='{}' xmlns:ram='r'><rsm:Context><ram:ID>no"
                "</ram:ID></rsm:Context><rsm:ExchangedDocument><ram:Note><ram:ID>no</ram:ID>"
                "</ram:Note><ram:ID>FV/17</ram:ID></rsm:ExchangedDocument>"
                "<rsm:ExchangedDocument><ram:ID>no</ram:ID></rsm:ExchangedDocument>"
                "</rsm:CrossIndustryInvoice>",
                cii_space
            )) == invoice("cii")
        );
        CHECK(
            facts_of(fmt::format(
                "<?xml version='1.0' encoding='UTF-8'?><Faktura xmlns='{}'><Naglowek/><Fa>"
                "<P_1>2026-11-02</P_1><P_2>FV/17</P_2></Fa></Faktura>",
                ksef_space
            )) == invoice("ksef")
        );
        CHECK(facts_of(ubl("")) == invoice("ubl", ""));
        CHECK(facts_of(ubl("<cbc:ID>\n  <![CDATA[FV]]>&#47;17\n</cbc:ID>")) == invoice("ubl"));
        CHECK(facts_of(ubl("<cbc:ID>F<b>no</b>V</cbc:ID>")) == invoice("ubl", "FV"));
        const std::string longest(max_text, 'x');
        CHECK(facts_of(ubl("<cbc:ID>" + longest + "x</cbc:ID>")) == invoice("ubl", longest));
    }

    TEST_CASE("other XML is none, and is not read further") {
        for (const std::string& content :
             {"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"s,
              "<Invoice/>"s,
              "<Invoice xmlns='urn:example:Invoice-2'/>"s,
              "<Invoice xmlns='" + cii_space + "'/>",
              "<Invoice xmlns='" + ubl_space + "3'/>",
              "<Faktura xmlns='http://example.test/http://crd.gov.pl/wzor/'/>"s,
              "<a><Invoice xmlns='" + ubl_space + "'/></a>",
              "<svg><"s}) {
            CAPTURE(content);
            CHECK(facts_of(content).state == State::other);
        }
    }

    TEST_CASE("a document type declaration ends the reading") {
        const std::string laughs = "<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>";
        for (const std::string& dtd :
             {"<!DOCTYPE Invoice>"s,
              "<!DOCTYPE Invoice SYSTEM 'file:///etc/passwd'>"s,
              "<!DOCTYPE Invoice [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"s,
              "<!DOCTYPE Invoice [<!ENTITY % p SYSTEM 'http://192.0.2.1/'> %p;]>"s,
              "<!DOCTYPE Invoice [" + laughs + "]>"}) {
            CAPTURE(dtd);
            CHECK(facts_of(ubl("&b;&x;", "<?xml version='1.0'?>" + dtd)).state == State::dtd);
        }
    }

    TEST_CASE("what is not well formed is damaged, anywhere") {
        const std::string whole = ubl(number);
        for (const std::size_t size : {whole.size() - 1, whole.size() - 10, whole.size() / 2})
            CHECK(facts_of(whole.substr(0, size)).state == State::damaged);
        for (const std::string& content :
             {ubl("<a>"),
              ubl("</a>"),
              ubl("&nbsp;"),
              ubl("&b;"),
              ubl("<a b=1/>"),
              ubl("<a b='1' b='2'/>"),
              ubl("<none:a/>"),
              ubl("\x01"),
              ubl("\xFF"),
              ubl(number) + "<more/>",
              ubl(number) + "rest",
              " <?xml version='1.0'?><a/>"s,
              "no XML at all"s,
              ""s}) {
            CAPTURE(content);
            const XmlFacts facts = facts_of(content);
            CHECK(facts.state == State::damaged);
            CHECK_FALSE(facts.said.empty());
            CHECK(facts.id.empty());
        }
        const std::string good = deep(254); // and the root, and the number in it
        CHECK(facts_of(ubl(number + good)) == invoice("ubl"));
        CHECK(facts_of(ubl(number + deep(255))).state == State::invoice);
        CHECK(facts_of(ubl(number + deep(256))).said == "it is nested too deeply");
    }

    TEST_CASE("Unicode is read, and what needs no converter; nothing else") {
        const auto with = [](const std::string& encoding) {
            return ubl(number, "<?xml version=\"1.0\" encoding=\"" + encoding + "\"?>");
        };
        for (const std::string& content :
             {with("UTF-8"),
              with("utf-8"),
              "\xEF\xBB\xBF" + with("UTF-8"),
              "\xEF\xBB\xBF" + ubl(number),
              with("US-ASCII"),
              "\xFF\xFE" + wide(with("UTF-16"), false),
              "\xFE\xFF" + wide(with("utf-16"), true),
              "\xFF\xFE" + wide(ubl(number, ""), false),
              wide(with("UTF-16LE"), false),
              wide(with("UTF-16BE"), true)}) {
            CAPTURE(content);
            CHECK(facts_of(content) == invoice("ubl"));
        }
        CHECK(
            facts_of(ubl("<cbc:ID>\xA7 1</cbc:ID>", "<?xml version='1.0' encoding='ISO-8859-1'?>")
            ) == invoice("ubl", "\u00A7 1")
        );
        CHECK(facts_of(ubl("<cbc:ID>\u015B</cbc:ID>")) == invoice("ubl", "\u015B"));
        // Saved as other than it says, and encodings that would be files of converters.
        for (const std::string& content :
             {with("UTF-16"),
              "\xFF\xFE" + wide(with("UTF-8"), false),
              "\xEF\xBB\xBF" + with("ISO-8859-1"),
              with("windows-1250"),
              with("ISO-8859-2"),
              with("UTF-7"),
              with("x\" onload=\"")}) {
            CAPTURE(content);
            const XmlFacts facts = facts_of(content);
            CHECK(facts.state == State::damaged);
            CHECK(facts.said.find("is not read here") != std::string::npos);
        }
    }

    TEST_CASE("large invoices are read in pieces, with a document inside, however large") {
        const std::string attached =
            "<cbc:EmbeddedDocumentBinaryObject mimeCode=\"application/pdf\">" +
            std::string(12UL << 20, 'A') + "</cbc:EmbeddedDocumentBinaryObject>";
        CHECK(facts_of(ubl(attached + number)) == invoice("ubl"));
        std::string lines;
        for (int i = 0; i < 50'000; ++i)
            lines += fmt::format("<cbc:Line n=\"{}\">\u017C\u00F3\u0142w</cbc:Line>\n", i);
        CHECK(facts_of(ubl(lines + number)) == invoice("ubl"));
        CHECK(facts_of(ubl(lines + "<a>" + number)).state == State::damaged);
    }
}
