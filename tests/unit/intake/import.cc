#include "core/intake/import.hh"

#include "core/archive/journal.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/intake/house.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <limits>

namespace kwit {

namespace {

/// A descriptor with these bytes.
Fd descriptor_of(std::string_view bytes) {
    Fd fd(::memfd_create("file", MFD_CLOEXEC));
    REQUIRE(::pwrite(fd.get(), bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()));
    return fd;
}

Result<HandedOver> file_of(test::House& house, std::string_view name, std::string_view bytes) {
    const Fd fd = descriptor_of(bytes);
    return take_file(house.archive(), house.settings(), fd.get(), name);
}

ImportOrder order(const char* period = "2026-10") {
    return {.client = "10023", .category = "INNE", .period = *Period::parse(period)};
}

By anna() {
    return {"anna", *parse_rfc3339("2026-11-22T08:00:00Z")};
}

/// "filed application/pdf a.pdf", the codes that keep the files out, or the error.
std::string imported(test::House& house, const ImportOrder& wanted, Result<HandedOver> file) {
    if (!file) return file.error().what;
    std::vector<HandedOver> files;
    files.push_back(*std::move(file));
    const auto done = import_by_hand(
        house.archive(), house.settings(), house.intake().inspect, wanted, std::move(files), anna()
    );
    if (!done) return done.error().what;
    if (!done->refusals.empty()) return std::string(code_of(done->refusals.front().finding.reason));
    const HandFiled& filed = done->kept.filed.front();
    return (filed.how == HandFiled::How::filed ? "filed " : "duplicate ") +
           filed.document.media_type + " " + filed.document.filename;
}

const std::string xlsx = std::string("PK\x03\x04\x14\0\0\0\0\0", 10) + std::string(16, '\0') +
                         std::string("\x13\0\0\0", 4) + "[Content_Types].xml";

} // namespace

TEST_SUITE("intake/import") {
    TEST_CASE("the free space that mails need is needed by files too, as configured now") {
        test::House house;
        Settings settings = house.settings();
        settings.archive.min_free = std::numeric_limits<std::uint64_t>::max();
        house.configure(settings);
        const auto file = file_of(house, "a.pdf", test::pdf);
        REQUIRE_FALSE(file.has_value());
        CHECK(file.error().cause == Cause::storage_full);
    }

    TEST_CASE("a file is filed by its content, under its own name or another") {
        test::House house;
        CHECK(
            imported(house, order(), file_of(house, "/tmp/beleg.pdf", test::pdf)) ==
            "filed application/pdf beleg.pdf"
        );
        ImportOrder named = order("2026-09");
        named.filename = "other.pdf";
        CHECK(
            imported(house, named, file_of(house, "", test::pdf)) ==
            "filed application/pdf other.pdf"
        );
        CHECK(
            imported(house, order("2026-08"), file_of(house, "", test::pdf)) ==
            "filed application/pdf document-1.pdf"
        );
        CHECK(
            imported(house, order(), file_of(house, "again.pdf", test::pdf)) ==
            "duplicate application/pdf beleg.pdf"
        );
        const auto report = verify(house.archive());
        REQUIRE_GOOD(report);
        CHECK(report->faults.empty());
    }

    TEST_CASE("what the rules refuse stays out until that very reason is named") {
        test::House house;
        ImportOrder wanted = order();
        const auto spreadsheet = [&] { return file_of(house, "kosten.xlsx", xlsx); };
        CHECK(imported(house, wanted, spreadsheet()) == "part-not-accepted");
        wanted.forced = {Reason::type_mismatch};
        CHECK(imported(house, wanted, spreadsheet()) == "part-not-accepted");
        CHECK(house.documents().empty());
        wanted.forced = {Reason::part_not_accepted};
        CHECK(
            imported(house, wanted, spreadsheet()) ==
            "filed application/vnd.openxmlformats-officedocument.spreadsheetml.sheet kosten.xlsx"
        );
        const auto entries = list_journal(house.archive());
        REQUIRE_GOOD(entries);
        CHECK(entries->back()["about"]["overrode"] == Json{"part-not-accepted"});
    }

    TEST_CASE("a reason that did not arise is not said to be overridden") {
        test::House house;
        ImportOrder wanted = order();
        wanted.forced = {Reason::part_not_accepted, Reason::duplicate_refused};
        CHECK(
            imported(house, wanted, file_of(house, "a.pdf", test::pdf)) ==
            "filed application/pdf a.pdf"
        );
        CHECK(list_journal(house.archive())->back()["about"]["overrode"] == Json::array());
        CHECK(
            imported(house, wanted, file_of(house, "a.pdf", test::pdf)) ==
            "filed application/pdf a.pdf"
        );
        CHECK(
            list_journal(house.archive())->back()["about"]["overrode"] == Json{"duplicate-refused"}
        );
    }

    TEST_CASE("an empty file is no document, whatever is named") {
        test::House house;
        ImportOrder wanted = order();
        wanted.forced = {forcible_reasons().begin(), forcible_reasons().end()};
        CHECK(imported(house, wanted, file_of(house, "a.pdf", "")) == "no-document");
    }

    TEST_CASE("a file may be as long as a mail, and not a byte longer") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.message = 200'000;
        house.configure(settings);
        std::string bytes = test::pdf;
        bytes.resize(200'000, ' ');
        CHECK(
            imported(house, order(), file_of(house, "a.pdf", bytes)) ==
            "filed application/pdf a.pdf"
        );
        bytes += ' ';
        CHECK(
            imported(house, order(), file_of(house, "a.pdf", bytes)) ==
            "message-too-large: a.pdf is longer than 200000 bytes"
        );
    }

    TEST_CASE("as many documents as a mail may have, and one more") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.documents = 2;
        const auto import_some = [&](int count) {
            std::vector<HandedOver> files;
            for (int i = 0; i < count; ++i)
                files.push_back(*file_of(house, "a.pdf", test::pdf + std::to_string(i)));
            return import_by_hand(house.archive(), settings, {}, order(), std::move(files), anna());
        };
        const auto three = import_some(3);
        REQUIRE_FALSE(three.has_value());
        CHECK(three.error().what == "3 documents in one import, the limit is 2");
        REQUIRE_GOOD(import_some(2));
        CHECK(house.documents().size() == 2);
    }

    TEST_CASE("the part of a mail that failed is filed from the mail as it was kept") {
        test::House house;
        house.send({house.tagged}, test::mail_with_pdf("faktura listopad"), "anna@kunde.example");
        const Receipt failed = house.receipts().at(0);
        REQUIRE(failed.verdict == Verdict::failed);
        ImportOrder wanted = order();
        wanted.receipt = failed;
        wanted.user.code = "932498";
        const auto part = [&](std::uint32_t number) {
            return take_part(house.archive(), house.settings(), failed, number);
        };
        CHECK(imported(house, wanted, part(2)) == "filed application/pdf faktura.pdf");
        const Document document = house.documents().at(0);
        CHECK(document.sha256 == Digest(sha256(test::pdf)).hex());
        CHECK(document.user == "anna@kunde.example");
        CHECK(document.received_at == failed.received_at);
        CHECK(imported(house, wanted, part(3)) == "receipt " + failed.id + " has no part 3");
        // The mail's text may be the document, if a person says so.
        CHECK(imported(house, wanted, part(1)) == "part-not-accepted");
    }

    TEST_CASE("a part is only what the receipt says it is") {
        test::House house;
        house.send({house.tagged}, test::mail_with_pdf("faktura listopad"), "anna@kunde.example");
        Receipt receipt = house.receipts().at(0);
        receipt.parts.at(1).sha256 = std::string(64, 'a');
        const auto other = take_part(house.archive(), house.settings(), receipt, 2);
        REQUIRE_FALSE(other.has_value());
        CHECK(other.error().kind == Kind::corrupt);
        receipt.original.clear();
        const auto gone = take_part(house.archive(), house.settings(), receipt, 2);
        REQUIRE_FALSE(gone.has_value());
        CHECK(gone.error().kind == Kind::refused);
        CHECK(
            gone.error().remedy ==
            "give the document as a file: kwit import FILE --receipt " + receipt.id
        );
    }
}

} // namespace kwit
