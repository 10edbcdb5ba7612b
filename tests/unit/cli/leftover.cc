#include "cli/leftover.hh"

#include "tests/unit/intake/house.hh"

namespace kwit::cli {

namespace {

using Lines = std::vector<std::string>;

/// The one receipt of a mail from Anna to the address.
Receipt received(test::House& house, const std::string& to, const std::string& subject) {
    house.send({to}, test::mail_with_pdf(subject), "anna@kunde.example");
    return house.receipts().at(0);
}

Lines lines(test::House& house, const Receipt& receipt) {
    const auto all = leftover_lines(house.archive(), house.settings(), receipt);
    REQUIRE_GOOD(all);
    return *all;
}

std::string import_of(const Receipt& receipt, const std::string& more) {
    return "  kwit import --receipt " + receipt.id + " --part 2 --client 10023 " + more;
}

} // namespace

TEST_SUITE("cli/leftover") {
    TEST_CASE("nothing is left of a mail that was imported") {
        test::House house;
        const Receipt receipt = received(house, house.open, "Rechnung");
        CHECK(lines(house, receipt).empty());
        CHECK(leftover_summary(receipt).empty());
    }

    TEST_CASE("a part that was not filed comes with the command that files it") {
        test::House house;
        Receipt receipt = received(house, house.tagged, "faktura listopad");
        const std::string resolve = "  kwit receipt resolve " + receipt.id;
        CHECK(
            lines(house, receipt) ==
            Lines{
                "to file by hand what was not:",
                import_of(receipt, "--category CATEGORY --period YYYY-MM --code 932498"),
                "to say that all is settled:",
                resolve}
        );
        CHECK(
            leftover_summary(receipt) ==
            "not filed: part 2 of receipt " + receipt.id + ", see kwit receipt show " + receipt.id
        );
        receipt.parts.at(1).disposition = Disposition::filed;
        CHECK(lines(house, receipt) == Lines{"to say that all is settled:", resolve});
        CHECK(
            leftover_summary(receipt) == "all of receipt " + receipt.id +
                                             " is filed; when it is settled: kwit receipt "
                                             "resolve " +
                                             receipt.id
        );
        receipt.resolved_at = house.time;
        CHECK(lines(house, receipt).empty());
        CHECK(leftover_summary(receipt) == "receipt " + receipt.id + " is resolved");
    }

    TEST_CASE("the parameters are those of the mail's other documents, or of its address") {
        test::House house;
        Receipt receipt = received(house, house.open, "Rechnung");
        receipt.verdict = Verdict::partial;
        receipt.parts.at(1).disposition = Disposition::refused;
        receipt.parts.at(1).reason = "part-not-accepted";
        const std::string expected =
            import_of(receipt, "--category ER --period 2026-11 --force part-not-accepted");
        CHECK(lines(house, receipt).at(1) == expected);
        receipt.documents.clear();
        CHECK(lines(house, receipt).at(1) == expected);
    }

    TEST_CASE("a mail that is no longer kept needs the file") {
        test::House house;
        Receipt receipt = received(house, house.tagged, "faktura listopad");
        receipt.original.clear();
        CHECK(lines(house, receipt).at(1).starts_with("  kwit import FILE --receipt "));
    }

    TEST_CASE("a mail of very many parts shows the first, and how many more there are") {
        test::House house;
        Receipt receipt = received(house, house.tagged, "faktura listopad");
        const PartRecord part = receipt.parts.at(1);
        receipt.parts.assign(max_leftover_lines, part);
        CHECK(lines(house, receipt).size() == max_leftover_lines + 3);
        receipt.parts.push_back(part);
        CHECK(lines(house, receipt).at(max_leftover_lines + 1) == "  and 1 more");
    }
}

} // namespace kwit::cli
