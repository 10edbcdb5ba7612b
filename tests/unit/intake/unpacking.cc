#include "core/intake/unpacking.hh"

#include "core/intake/import.hh"
#include "tests/unit/intake/house.hh"

#include <fmt/format.h>
#include <unistd.h>

namespace kwit {

namespace {

/// A mail with these parts, each with its own headers.
test::Mail mail_of(const std::vector<std::string>& parts, const std::string& id = "1") {
    test::Mail mail{
        .headers =
            {"From: Anna <anna@kunde.example>",
             "Subject: x",
             "Date: Sat, 21 Nov 2026 10:00:00 +0100",
             "Message-ID: <" + id + "@kunde.example>",
             "MIME-Version: 1.0",
             "Content-Type: multipart/mixed; boundary=b"},
        .body = {}};
    for (const std::string& part : parts)
        mail.body += "--b\r\n" + part + "\r\n";
    mail.body += "--b--\r\n";
    return mail;
}

std::string pdf_part(const std::string& text) {
    return "Content-Type: application/pdf; name=" + text + ".pdf\r\n\r\n" + test::pdf + "%" + text;
}

/// As a part: an attached mail around a part.
std::string attached(const std::string& part, const std::string& boundary) {
    return "Content-Type: application/octet-stream; name=" + boundary +
           ".eml\r\n\r\nFrom: b@lieferant.example\r\nMIME-Version: 1.0\r\n"
           "Content-Type: multipart/mixed; boundary=" +
           boundary + "\r\n\r\n--" + boundary + "\r\n" + part + "\r\n--" + boundary + "--";
}

std::string zip_part(const std::string& name) {
    return "Content-Type: application/zip; name=" + name + "\r\n\r\nPK\3\4 " + name;
}

/// "mail > a.eml=container" and so on, of the newest receipt.
std::vector<std::string> parts_of(test::House& house) {
    std::vector<std::string> shown;
    const auto receipts = house.receipts();
    REQUIRE_FALSE(receipts.empty());
    for (const PartRecord& part : receipts.back().parts)
        shown.push_back(fmt::format(
            "{}/{} {}={}{}",
            part.number,
            part.in,
            part.path,
            name_of(part.disposition),
            part.reason.empty() ? "" : " " + part.reason
        ));
    return shown;
}

/// Answers what a test wants; what comes out of every container is one PDF, its digest in it.
class Packer {
public:
    explicit Packer(test::House& house) {
        house.intake().unpack = [this](
                                    const InspectorSettings& /*settings*/,
                                    const inspect::UnpackOrder& order,
                                    const File& /*container*/,
                                    const Digest& digest
                                ) { return answer(order, digest); };
    }

    Opening opening{};
    std::uint32_t spent_members = 1;
    std::uint64_t spent_bytes = 100;
    bool crashes = false;
    std::vector<inspect::UnpackOrder> orders{};

private:
    Result<inspect::UnpackedOrNot> answer(const inspect::UnpackOrder& order, const Digest& digest) {
        orders.push_back(order);
        if (crashes) return inspect::UnpackedOrNot(inspect::Uninspectable{"crashed"});
        inspect::Unpacked unpacked{
            .opening = opening, .spent_members = spent_members, .spent_bytes = spent_bytes};
        if (opening.state != Opening::State::opened)
            return inspect::UnpackedOrNot(std::move(unpacked));
        const std::string content = test::pdf + "%" + digest.hex();
        TempFile output = TRY(order.make_output());
        TRY(output.write(as_bytes(content)));
        unpacked.members = {
            {.name = "\x81.pdf", .charset = "CP437", .offset = 0, .size = content.size()}};
        unpacked.output = std::move(output);
        return inspect::UnpackedOrNot(std::move(unpacked));
    }
};

using Lines = std::vector<std::string>;

} // namespace

TEST_SUITE("intake/unpacking") {
    TEST_CASE("what is in an attached mail stands behind the leaves, with its way") {
        test::House house;
        const test::Mail mail =
            mail_of({attached(attached(pdf_part("tief"), "c"), "d"), pdf_part("oben")});
        CHECK(house.send({house.open}, mail).what == Answer::What::take);
        CHECK(
            parts_of(house) ==
            Lines{
                "1/0 mail > d.eml=container",
                "2/0 mail > oben.pdf=filed",
                "3/1 mail > d.eml > c.eml=container",
                "4/3 mail > d.eml > c.eml > tief.pdf=filed"}
        );
        CHECK(house.documents().size() == 2);
    }

    TEST_CASE("a container gives its members, and its budget is what the mail has left") {
        test::House house;
        Packer packer(house);
        CHECK(
            house.send({house.open}, mail_of({zip_part("a.zip"), zip_part("b.zip")})).what ==
            Answer::What::take
        );
        CHECK(
            parts_of(house) ==
            Lines{
                "1/0 mail > a.zip=container",
                "2/0 mail > b.zip=container",
                "3/1 mail > a.zip > ü.pdf=filed",
                "4/2 mail > b.zip > ü.pdf=filed"}
        );
        const LimitSettings limits;
        REQUIRE(packer.orders.size() == 2);
        CHECK(packer.orders[0].members == limits.members);
        CHECK(packer.orders[1].members == limits.members - 1);
        CHECK(packer.orders[0].bytes == 1ULL << 20); // small files are not held to the ratio
    }

    TEST_CASE("what comes of opening a container is the container's own") {
        struct Case {
            Opening::State state;
            std::uint64_t unpacked;
            std::string reason;
        };

        using State = Opening::State;
        for (const Case& c :
             {Case{State::encrypted, 200ULL << 20, "container-encrypted"},
              Case{State::damaged, 200ULL << 20, "encoding-damaged"},
              Case{State::over_members, 200ULL << 20, "container-over-budget"},
              Case{State::over_unpacked, 200ULL << 20, "container-over-budget"}}) {
            test::House house;
            Packer packer(house);
            packer.opening = {.state = c.state, .said = "so"};
            house.send({house.open}, mail_of({zip_part("a.zip"), pdf_part("x")}));
            CHECK(
                parts_of(house) ==
                Lines{"1/0 mail > a.zip=refused " + c.reason, "2/0 mail > x.pdf=filed"}
            );
            REQUIRE(house.receipts()[0].findings.size() == 1);
            // Less than the mail has left was allowed: it was the ratio.
            if (c.state == State::over_unpacked)
                CHECK(house.receipts()[0].findings[0].detail == "ratio");
        }
        test::House house;
        Packer packer(house);
        packer.crashes = true;
        house.send({house.open}, mail_of({zip_part("a.zip"), pdf_part("x")}));
        CHECK(parts_of(house).at(0) == "1/0 mail > a.zip=refused uninspectable");
    }

    TEST_CASE("limits count for the mail as a whole, on their edge and one past it") {
        struct Case {
            std::string label;
            void (*set)(LimitSettings&);
            std::string fits;
            std::string over;
            std::string reason;
        };

        const std::string pdf = pdf_part("x");
        const std::string two = pdf + "\r\n--c\r\n" + pdf_part("y");
        for (const Case& c :
             {Case{
                  "depth",
                  [](LimitSettings& limits) { limits.depth = 3; },
                  attached(attached(pdf, "c"), "d"),
                  attached(attached(attached(pdf, "c"), "d"), "e"),
                  "nesting-too-deep"},
              Case{
                  "documents",
                  [](LimitSettings& limits) { limits.documents = 1; },
                  attached(pdf, "c"),
                  attached(two, "c"),
                  "too-many-parts"},
              Case{
                  "holders",
                  [](LimitSettings& limits) { limits.documents = 2; },
                  attached(attached(pdf, "c"), "d"),
                  attached(attached(attached(pdf, "c"), "d"), "e"),
                  "too-many-parts"},
              Case{
                  "parts",
                  [](LimitSettings& limits) { limits.parts = 3; },
                  attached(two, "c"),
                  attached(two + "\r\n--c\r\n" + pdf_part("z"), "c"),
                  "too-many-parts"}}) {
            CAPTURE(c.label);
            test::House house;
            Settings settings = house.settings();
            c.set(settings.limits);
            settings.policies["open"].on_failure = OnFailure::reject;
            house.configure(std::move(settings));
            CHECK(house.send({house.open}, mail_of({c.fits}, "1")).what == Answer::What::take);
            CHECK(test::reason_of(house.send({house.open}, mail_of({c.over}, "2"))) == c.reason);
        }
    }

    TEST_CASE("what nobody can use of a container counts against the budgets of the mail") {
        test::House house;
        Packer packer(house);
        packer.opening = {.state = Opening::State::damaged, .said = "so"};
        packer.spent_members = 7;
        packer.spent_bytes = LimitSettings().unpacked - 10;
        house.send({house.open}, mail_of({zip_part("a.zip"), zip_part("b.zip")}));
        REQUIRE(packer.orders.size() == 2);
        CHECK(packer.orders[1].members == LimitSettings().members - 7);
        CHECK(packer.orders[1].bytes == 10);
    }

    TEST_CASE("mails in mails are paid for from the second level on") {
        const std::string deepest = attached(pdf_part("x"), "c");
        // What stands behind the header block of the outermost file is what the second level takes.
        const std::string second = deepest.substr(deepest.find("\r\n\r\n") + 4);
        for (const std::uint64_t less : {0UL, 1UL}) {
            test::House house;
            Settings settings = house.settings();
            settings.limits.unpacked = second.size() - less;
            house.configure(std::move(settings));
            house.send({house.open}, mail_of({attached(deepest, "d")}));
            const auto parts = parts_of(house);
            REQUIRE(parts.size() == 3 - less);
            CHECK(
                parts[1] == (less == 0 ? "2/1 mail > d.eml > c.eml=container"
                                       : "2/1 mail > d.eml > c.eml=refused container-over-budget")
            );
        }
    }

    TEST_CASE("copies of a content and of a holder count once") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.documents = 2;
        house.configure(std::move(settings));
        std::string copies;
        for (int i = 0; i < 4; ++i)
            copies += pdf_part("x") + "\r\n--c\r\n";
        CHECK(
            house.send({house.open}, mail_of({attached(copies + pdf_part("y"), "c")})).what ==
            Answer::What::take
        );
        CHECK(parts_of(house).back() == "6/1 mail > c.eml > y.pdf=filed");
    }

    TEST_CASE("a mail that a stranger sent is not opened") {
        test::House house;
        Packer packer(house);
        house.send({house.tagged}, mail_of({zip_part("a.zip")}));
        CHECK(packer.orders.empty());
    }

    TEST_CASE("what a child changes behind its answer is not filed under the old digest") {
        const test::TempDir dir;
        for (const bool changes : {false, true}) {
            int output = -1;
            const mime::MakeTemp make_temp = [&] {
                // Asked for the copy: the content has been read once.
                if (changes && output != -1) REQUIRE(::pwrite(output, "?", 1, 6) == 1);
                return TempFile::create(dir.path());
            };
            auto mail = TempFile::create(dir.path());
            REQUIRE_GOOD(mail);
            REQUIRE_GOOD(mail->write(as_bytes(zip_part("a.zip"))));
            const auto file = mail->reader();
            REQUIRE_GOOD(file);
            auto found = mime::examine(*file, {}, {Format::pdf}, make_temp, mime::Kept::holders);
            REQUIRE_GOOD(found);
            const auto unpack =
                [&output](const InspectorSettings&, const inspect::UnpackOrder& order, const File&, const Digest&)
                -> Result<inspect::UnpackedOrNot> {
                inspect::Unpacked out{.members = {{.name = "a.pdf", .size = test::pdf.size()}}};
                out.output = TRY(order.make_output());
                TRY(out.output->write(as_bytes(test::pdf)));
                output = out.output->descriptor();
                return inspect::UnpackedOrNot(std::move(out));
            };
            const LimitSettings limits;
            const std::set<Format> wanted = {Format::pdf};
            const InspectorSettings settings;
            const inspect::Inspect nobody;
            const Inspection inspection(settings, nobody, unpack);
            const auto opened = open_holders({limits, wanted, make_temp, inspection}, *found);
            REQUIRE(opened.has_value() != changes);
            if (changes) CHECK(opened.error().kind == Kind::temporary);
            CHECK(found->facts.parts.size() == (changes ? 1 : 2));
        }
    }

    TEST_CASE("a part deep in a mail is taken out by its number") {
        test::House house;
        Packer packer(house);
        house.send({house.open}, mail_of({attached(zip_part("a.zip"), "c"), pdf_part("x")}));
        const Receipt receipt = house.receipts().at(0);
        REQUIRE(receipt.parts.size() == 4);
        const auto taken =
            take_part(house.archive(), house.settings(), receipt, 4, house.intake().unpack);
        REQUIRE_GOOD(taken);
        CHECK(taken->facts.digest->hex() == receipt.parts[3].sha256);
        CHECK(taken->facts.name == "ü.pdf");
        CHECK(taken->file.size() == receipt.parts[3].size);
        packer.opening.state = Opening::State::over_members;
        const auto less =
            take_part(house.archive(), house.settings(), receipt, 4, house.intake().unpack);
        REQUIRE_FALSE(less.has_value());
        CHECK(less.error().kind == Kind::refused);
        CHECK(
            less.error().what ==
            "what holds the part cannot be opened any more: it holds more than [limits] members"
        );
        packer.opening = {};
        Receipt wrong = receipt;
        wrong.parts[3].in = 4; // in itself
        CHECK_FALSE(take_part(house.archive(), house.settings(), wrong, 4, house.intake().unpack));
    }
}

} // namespace kwit
