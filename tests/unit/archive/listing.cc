// Listings of receipts and documents, and what people do to receipts.
#include "core/archive/documents.hh"
#include "core/archive/receipts.hh"
#include "tests/unit/archive/world.hh"

#include <algorithm>

namespace kwit {

namespace {

using test::draft_of;
using test::mail_of;
using test::World;

/// Five mails, an hour apart: two clients, two periods, one failed.
struct Five {
    World world{};
    std::vector<Kept> kept{};

    Five() {
        Archive& archive = world.archive();
        REQUIRE_GOOD(add_client(archive, {.id = "1002", .name = "Zweite"}, test::office()));
        for (int i = 0; i < 5; ++i) {
            ReceiptDraft draft = draft_of(archive, "%PDF-" + std::to_string(i), std::to_string(i));
            if (i == 1) draft.receipt.client = "1002";
            if (i == 2) draft.documents.at(0).document.period = "2024-12";
            if (i == 3) {
                draft.receipt.verdict = Verdict::failed;
                draft.receipt.findings = {{Reason::subject_malformed, "", {}, std::nullopt}};
                draft.documents.clear();
            }
            const auto done = keep(archive, mail_of(draft, test::at_ten() + std::chrono::hours(i)));
            REQUIRE_GOOD(done);
            kept.push_back(done->front());
        }
    }

    /// Which of the five were listed, as digits.
    std::string receipts(const ReceiptFilter& filter, const Page& page = {}) {
        std::string out;
        const auto list = list_receipts(world.archive(), filter, page);
        REQUIRE_GOOD(list);
        for (const Receipt& receipt : *list)
            out += number_of(receipt.id);
        return out;
    }

    std::string documents(const DocumentFilter& filter, const Page& page = {}) {
        std::string out;
        const auto list = list_documents(world.archive(), filter, page);
        REQUIRE_GOOD(list);
        for (const Document& document : *list)
            out += number_of(document.receipt);
        return out;
    }

private:
    std::string number_of(const std::string& receipt) {
        const auto found = std::find_if(kept.begin(), kept.end(), [&](const Kept& each) {
            return each.receipt_id == receipt;
        });
        return std::to_string(found - kept.begin());
    }
};

Time hour(int n) {
    return test::at_ten() + std::chrono::hours(n);
}

constexpr auto newest = lmdb::Order::descending;

} // namespace

TEST_SUITE("archive/receipts") {
    TEST_CASE("receipts are listed by what is asked for, oldest first unless turned round") {
        Five five;
        CHECK(five.receipts({}) == "01234");
        CHECK(five.receipts({}, {.order = newest}) == "43210");
        CHECK(five.receipts({}, {.order = newest, .limit = 2}) == "43");
        CHECK(five.receipts({.client = "1002"}) == "1");
        CHECK(five.receipts({.client = "10023"}, {.limit = 3}) == "023");
        CHECK(five.receipts({.client = "100"}) == "");
        CHECK(five.receipts({.address = "FAKTURY+1543030448@in.example.com"}) == "01234");
        CHECK(five.receipts({.address = "x@in.example.com"}) == "");
        CHECK(five.receipts({.verdict = Verdict::failed}) == "3");
        CHECK(five.receipts({.resolution = Resolution::unresolved}) == "3");
        CHECK(five.receipts({.client = "1002", .resolution = Resolution::unresolved}) == "");
        CHECK(five.receipts({.since = hour(1), .until = hour(3)}) == "12");
        CHECK(five.receipts({.since = hour(3)}, {.order = newest}) == "43");
        CHECK(five.receipts({.client = "10023", .until = hour(2)}, {.order = newest}) == "0");
    }

    TEST_CASE("a receipt is found by its id in any case") {
        Five five;
        std::string id = five.kept.at(0).receipt_id;
        std::transform(id.begin(), id.end(), id.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        });
        CHECK(get_receipt(five.world.archive(), id)->id == five.kept.at(0).receipt_id);
        const auto none = get_receipt(five.world.archive(), "01KAJ3N5G000000000000000AA");
        REQUIRE_FALSE(none.has_value());
        CHECK(
            test::told(none.error()) ==
            "there is no receipt 01KAJ3N5G000000000000000AA; see kwit receipt list"
        );
        const auto wrong = find_receipt(five.world.archive(), "12");
        REQUIRE_FALSE(wrong.has_value());
        CHECK(wrong.error().kind == Kind::misuse);
    }

    TEST_CASE("a receipt is resolved once, and one that needs nothing never") {
        Five five;
        Archive& archive = five.world.archive();
        const std::string id = five.kept.at(3).receipt_id;
        REQUIRE_GOOD(resolve_receipt(archive, id, {"biuro", hour(6)}));
        const auto receipt = get_receipt(archive, id);
        CHECK(receipt->resolved_at == hour(6));
        CHECK(receipt->resolved_by == "biuro");
        CHECK(five.receipts({.resolution = Resolution::unresolved}) == "");
        const auto again = resolve_receipt(archive, id, {"anna", hour(7)});
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error().what == "receipt " + id + " was resolved by biuro");
        const auto done = resolve_receipt(archive, five.kept.at(0).receipt_id, {"anna", hour(7)});
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().what == "receipt " + five.kept.at(0).receipt_id + " needs nothing more");
    }

    TEST_CASE("a walk ends by itself after as many as were asked for, in whatever slice") {
        World world;
        Archive& archive = world.archive();
        MailCommit mail{.by = test::office()};
        const ReceiptDraft draft = draft_of(archive, "%PDF-1", "one");
        for (int i = 0; i < 130; ++i) {
            mail.receipts.push_back(draft);
            mail.receipts.back().identity.reset();
        }
        REQUIRE_GOOD(keep(archive, mail));
        for (const std::size_t limit : {0U, 1U, 63U, 64U, 65U, 128U, 129U, 130U, 131U}) {
            CAPTURE(limit);
            for (const lmdb::Order order : {lmdb::Order::ascending, newest}) {
                std::size_t receipts = 0;
                std::size_t documents = 0;
                const Page page{.order = order, .limit = limit};
                REQUIRE_GOOD(each_receipt(archive, {}, page, [&](const Receipt&) {
                    ++receipts;
                    return Result<lmdb::Walk>(lmdb::Walk::on);
                }));
                REQUIRE_GOOD(each_document(archive, {}, page, [&](const Document&) {
                    ++documents;
                    return Result<lmdb::Walk>(lmdb::Walk::on);
                }));
                CHECK(receipts == std::min<std::size_t>(limit, 130));
                CHECK(documents == receipts);
                CHECK(list_receipts(archive, {}, page)->size() == receipts);
            }
        }
    }

    TEST_CASE("a long listing is walked in slices, and a step may change the archive meanwhile") {
        World world;
        Archive& archive = world.archive();
        MailCommit mail{.by = test::office()};
        const ReceiptDraft draft = draft_of(archive, "%PDF-1", "one");
        for (int i = 0; i < 300; ++i) {
            mail.receipts.push_back(draft);
            mail.receipts.back().identity.reset();
            mail.receipts.back().receipt.verdict = Verdict::failed;
        }
        REQUIRE_GOOD(keep(archive, mail));
        for (const lmdb::Order order : {lmdb::Order::ascending, newest}) {
            std::vector<std::string> ids;
            const auto walked = each_receipt(
                archive,
                {.client = "10023"},
                {.order = order},
                [&](const Receipt& receipt) -> Result<lmdb::Walk> {
                    ids.push_back(receipt.id);
                    if (order == newest) return lmdb::Walk::on;
                    TRY(resolve_receipt(archive, receipt.id, test::office()));
                    return lmdb::Walk::on;
                }
            );
            REQUIRE_GOOD(walked);
            CHECK(ids.size() == 300);
            if (order == newest) std::reverse(ids.begin(), ids.end());
            CHECK(std::is_sorted(ids.begin(), ids.end()));
        }
    }
}

TEST_SUITE("archive/documents") {
    TEST_CASE("documents are listed by what is asked for, oldest first unless turned round") {
        Five five;
        CHECK(five.documents({}) == "0124");
        CHECK(five.documents({}, {.order = newest, .limit = 3}) == "421");
        CHECK(five.documents({}, {.limit = 0}) == "");
        CHECK(five.documents({.client = "10023"}) == "024");
        CHECK(five.documents({.client = "10023", .period = "2024-11"}) == "04");
        CHECK(five.documents({.client = "10023", .period = "2024-12"}) == "2");
        CHECK(five.documents({.period = "2024-11"}, {.order = newest}) == "410");
        CHECK(five.documents({.category = "FZ"}) == "0124");
        CHECK(five.documents({.category = "FS"}) == "");
        CHECK(five.documents({.address = "Faktury+1543030448@in.example.com"}) == "0124");
        CHECK(five.documents({.receipt = five.kept.at(2).receipt_id}) == "2");
        CHECK(five.documents({.client = "10023", .since = hour(1), .until = hour(4)}) == "2");
        CHECK(five.documents({.client = "10023", .period = "2024-11", .since = hour(1)}) == "4");
    }

    TEST_CASE("a document that is not there is refused, and the error says where to look") {
        World world;
        const auto none = get_document(world.archive(), "01KAJ3N5G000000000000000AA");
        REQUIRE_FALSE(none.has_value());
        CHECK(
            test::told(none.error()) ==
            "there is no document 01KAJ3N5G000000000000000AA; see kwit document list"
        );
    }
}

} // namespace kwit
