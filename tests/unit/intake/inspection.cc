#include "core/intake/inspection.hh"

#include "core/intake/import.hh"
#include "core/intake/inside.hh"
#include "core/rules/documents.hh"
#include "tests/unit/intake/house.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace kwit {

namespace {

/// A house in which looking into a document gives what the test wants, and is counted.
class Watched {
public:
    Watched() {
        house.intake().inspect =
            [this](const auto& /*settings*/, const File& file, const Digest&, inspect::Look look) {
                ++looks;
                last_look = look;
                size = file.size();
                return answer;
            };
    }

    Answer send(const std::string& subject, const std::string& document = test::pdf) {
        test::Mail mail = test::mail_with_pdf(subject, document);
        for (std::string& line : mail.headers)
            if (line.starts_with("Message-ID:"))
                line = "Message-ID: <" + std::to_string(++mails_) + "@kunde.example>";
        return house.send({house.open}, mail);
    }

    test::House house{};
    Result<inspect::Inspected> answer =
        inspect::Inspected(PdfFacts{.pages = 2, .title = "Faktura"});
    unsigned looks = 0;
    inspect::Look last_look = inspect::Look::pdf;
    std::uint64_t size = 0;

private:
    unsigned mails_ = 0;
};

std::string reason_of(const Answer& answer) {
    return answer.refusal ? std::string(code_of(answer.refusal->finding.reason)) : std::string();
}

Error away(Cause cause) {
    return {Kind::temporary, "no inspector", "start it", cause};
}

} // namespace

TEST_SUITE("intake/inspection") {
    TEST_CASE("a PDF that is filed was looked into, and its document says what was found") {
        Watched watched;
        PdfFacts facts{.pages = 3, .title = "Faktura", .repaired = true, .active = {"javascript"}};
        facts.embedded = {{"factur-x.xml", "text/xml", 17, "factur-x"}};
        watched.answer = inspect::Inspected(facts);
        CHECK(watched.send("x").what == Answer::What::take);
        CHECK(watched.looks == 1);
        CHECK(watched.size == test::pdf.size());
        const auto documents = watched.house.documents();
        REQUIRE(documents.size() == 1);
        CHECK(documents[0].inspected == way_of_inspecting);
        CHECK(documents[0].pages == 3);
        CHECK(documents[0].title == "Faktura");
        CHECK(documents[0].flags == Flags{"repaired", "active-content"});
        CHECK(documents[0].active == std::vector<std::string>{"javascript"});
        CHECK(documents[0].embedded == facts.embedded);
    }

    TEST_CASE("what keeps a document from being looked into is 451, and nothing is kept") {
        struct Case {
            Cause cause;
            std::string reason;
        };

        Watched watched;
        for (const Case& c :
             {Case{Cause::unreachable, "inspector-unavailable"},
              Case{Cause::overloaded, "busy"},
              Case{Cause::other, "archive-unavailable"}}) {
            CAPTURE(c.reason);
            watched.answer = fail(away(c.cause));
            CHECK(reason_of(watched.send("x")) == c.reason);
        }
        CHECK(watched.house.receipts().empty());
        CHECK(watched.house.documents().empty());
    }

    TEST_CASE("XML is looked into where invoices are taken, and is what was found") {
        Watched watched;
        Settings settings = watched.house.settings();
        settings.policies["open"].formats = {Format::pdf, Format::xml_invoice};
        watched.house.configure(settings);
        const std::string xml = "<?xml version='1.0'?><Invoice/>";
        watched.answer = inspect::Inspected(XmlFacts{
            .state = XmlFacts::State::invoice, .kind = "ubl", .id = "FV/17"});
        watched.send("x", xml);
        CHECK(watched.last_look == inspect::Look::xml);
        const auto documents = watched.house.documents();
        REQUIRE(documents.size() == 1);
        CHECK(documents[0].media_type == "application/xml");
        CHECK(documents[0].title == "FV/17");
        CHECK(documents[0].kind == "ubl");
        CHECK(documents[0].inspected == way_of_inspecting);
        CHECK(documents[0].pages == 0);

        watched.answer = inspect::Inspected(XmlFacts{.state = XmlFacts::State::other});
        watched.send("y", xml + "<!-- another -->");
        watched.answer = inspect::Inspected(XmlFacts{.state = XmlFacts::State::dtd});
        watched.send("z", xml + "<!-- with a DTD -->");
        CHECK(watched.house.documents().size() == 1);
        const auto receipts = watched.house.receipts();
        REQUIRE(receipts.size() == 3);
        // Its name says that it is a PDF.
        CHECK(receipts[1].findings.at(0).reason == Reason::type_mismatch);
        CHECK(receipts[2].findings.at(0).detail == "xml-dtd");

        settings.policies["open"].formats = {Format::pdf, Format::xml};
        watched.house.configure(settings);
        const unsigned looks = watched.looks;
        watched.send("as it is", xml + "<!-- as it is -->");
        CHECK(watched.looks == looks);
        CHECK(watched.house.documents().size() == 2);
    }

    TEST_CASE("what is wrong inside is a reason like others") {
        struct Case {
            inspect::Inspected inside;
            Reason reason;
        };

        Watched watched;
        for (const Case& c :
             {Case{inspect::Uninspectable{"it crashed"}, Reason::uninspectable},
              Case{PdfFacts{.state = PdfFacts::State::encrypted}, Reason::pdf_encrypted},
              Case{PdfFacts{.state = PdfFacts::State::damaged}, Reason::pdf_damaged}}) {
            CAPTURE(code_of(c.reason));
            watched.answer = c.inside;
            CHECK(watched.send("x").what == Answer::What::take);
            const Receipt receipt = watched.house.receipts().back();
            CHECK(receipt.verdict == Verdict::failed);
            CHECK(receipt.findings.at(0).reason == c.reason);
        }
        CHECK(watched.house.documents().empty());
    }

    TEST_CASE("what nobody would file is not looked into") {
        Watched watched;
        test::House& house = watched.house;
        house.send({house.tagged}, test::mail_with_pdf("no tag"), "anna@kunde.example");
        CHECK(watched.looks == 0);
        CHECK(house.receipts().at(0).verdict == Verdict::failed);
    }

    TEST_CASE("the same bytes twice in a mail are looked into once and judged alike") {
        Watched watched;
        watched.answer = inspect::Inspected(PdfFacts{.state = PdfFacts::State::encrypted});
        test::Mail mail = test::mail_with_pdf("x");
        const std::size_t second = mail.body.find("--b\r\nContent-Type: application/pdf");
        REQUIRE(second != std::string::npos);
        const std::size_t end = mail.body.find("--b--");
        mail.body.insert(end, mail.body.substr(second, end - second));
        CHECK(watched.house.send({watched.house.open}, mail).what == Answer::What::take);
        CHECK(watched.looks == 1);
        const Receipt receipt = watched.house.receipts().at(0);
        REQUIRE(receipt.parts.size() == 3);
        CHECK(receipt.parts[1].reason == "pdf-encrypted");
        CHECK(receipt.parts[2].reason == "pdf-encrypted");
    }

    TEST_CASE("what the archive knows needs no second look, but what a person forced in does") {
        Watched watched;
        watched.send("one");
        watched.send("two");
        CHECK(watched.looks == 1);
        const auto documents = watched.house.documents();
        REQUIRE(documents.size() == 2);
        CHECK(documents[1].pages == 2);
        CHECK(documents[1].title == "Faktura");
        watched.send("three", test::pdf + "another");
        CHECK(watched.looks == 2);
    }

    TEST_CASE("the documents of a mail have a time together") {
        Watched watched;
        Settings settings = watched.house.settings();
        settings.inspector.timeout = std::chrono::seconds(0);
        watched.house.configure(settings);
        CHECK(reason_of(watched.send("x")) == "busy");
        CHECK(watched.looks == 0);
    }

    TEST_CASE("by hand, a document that cannot be looked into now waits unless that is forced") {
        Watched watched;
        test::House& house = watched.house;
        watched.answer = fail(away(Cause::unreachable));
        ImportOrder order{
            .client = "10023", .category = "INNE", .period = *Period::parse("2026-10")};
        const auto import = [&] {
            const Fd fd(::memfd_create("file", MFD_CLOEXEC));
            REQUIRE(::pwrite(fd.get(), test::pdf.data(), test::pdf.size(), 0) > 0);
            auto file = take_file(house.archive(), house.settings(), fd.get(), "a.pdf");
            REQUIRE_GOOD(file);
            std::vector<HandedOver> files;
            files.push_back(*std::move(file));
            return import_by_hand(
                house.archive(),
                house.settings(),
                house.intake().inspect,
                order,
                std::move(files),
                {"anna", house.time}
            );
        };
        const auto refused = import();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what == "no inspector");
        order.forced = {Reason::uninspectable};
        REQUIRE_GOOD(import());
        REQUIRE(house.documents().size() == 1);
        CHECK(house.documents()[0].inspected == 0);
        // So it is looked into when it comes again.
        watched.answer = inspect::Inspected(PdfFacts{.state = PdfFacts::State::encrypted});
        order.forced = {};
        order.period = *Period::parse("2026-11");
        const auto encrypted = import();
        REQUIRE_GOOD(encrypted);
        REQUIRE(encrypted->refusals.size() == 1);
        CHECK(encrypted->refusals[0].finding.reason == Reason::pdf_encrypted);
        order.forced = {Reason::pdf_encrypted};
        REQUIRE_GOOD(import());
        CHECK(watched.looks == 4);
    }
}

} // namespace kwit
