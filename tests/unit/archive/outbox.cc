#include "core/archive/outbox.hh"

#include "core/archive/journal.hh"
#include "core/archive/receipts.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

/// An archive with one mail kept and one notice owed.
struct Owing {
    test::World world{};
    std::string receipt{};
    std::string row{};

    Owing() {
        const auto kept =
            keep(archive(), test::mail_of(test::draft_of(archive(), "%PDF-1", "one")));
        REQUIRE_GOOD(kept);
        receipt = kept->front().receipt_id;
        row = list_outbox(archive())->at(0).id;
    }

    Archive& archive() { return world.archive(); }

    NoticeRecord notice() {
        const auto found = get_receipt(archive(), receipt);
        REQUIRE_GOOD(found);
        return found->notices.at(0);
    }

    std::string last_entry() {
        const auto list = list_journal(archive(), {.order = lmdb::Order::descending, .limit = 1});
        REQUIRE_GOOD(list);
        return list->front()["what"].get<std::string>();
    }

    bool whole() { return verify(archive())->faults.empty(); }
};

By submitter(int minutes) {
    return {"kwit-milter", test::at_ten() + std::chrono::minutes(minutes)};
}

} // namespace

TEST_SUITE("archive/outbox") {
    TEST_CASE("a row is due at its time, and not before") {
        Owing owing;
        CHECK(due_outbox(owing.archive(), test::at_ten() - Milliseconds(1), 10)->empty());
        CHECK(due_outbox(owing.archive(), test::at_ten(), 10)->size() == 1);
        CHECK(due_outbox(owing.archive(), test::at_ten(), 0)->empty());
    }

    TEST_CASE("a row that would wait impossibly long is due: the clock went back") {
        Owing owing;
        const Time next = test::at_ten() + std::chrono::hours(5);
        REQUIRE_GOOD(mark_retry(owing.archive(), owing.row, "later", next));
        CHECK(due_outbox(owing.archive(), next - longest_wait + Milliseconds(1), 10)->empty());
        CHECK(due_outbox(owing.archive(), next - longest_wait, 10)->size() == 1);
        CHECK(due_outbox(owing.archive(), test::at_ten() - std::chrono::hours(9), 10)->size() == 1);
        CHECK(due_outbox(owing.archive(), next, 10)->size() == 1); // and once when it is due
    }

    TEST_CASE("a row that was sent leaves, and its end stands in receipt and journal") {
        Owing owing;
        REQUIRE_GOOD(mark_sent(owing.archive(), owing.row, "4F2B99", submitter(1)));
        CHECK(list_outbox(owing.archive())->empty());
        CHECK(due_outbox(owing.archive(), submitter(100000).at, 10)->empty());
        CHECK(owing.notice().state == "sent");
        CHECK(owing.notice().queue_id == "4F2B99");
        CHECK(owing.notice().at == submitter(1).at);
        CHECK(owing.last_entry() == "notice-sent");
        CHECK(owing.whole());
        const auto again = mark_sent(owing.archive(), owing.row, "4F2B99", submitter(2));
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error().kind == Kind::refused);
    }

    TEST_CASE("a failed attempt is counted and tried again later") {
        Owing owing;
        REQUIRE_GOOD(mark_retry(owing.archive(), owing.row, "451 busy", submitter(10).at));
        const auto row = get_outbox(owing.archive(), owing.row);
        REQUIRE_GOOD(row);
        CHECK(row->attempts == 1);
        CHECK(row->last_error == "451 busy");
        CHECK(due_outbox(owing.archive(), submitter(10).at - Milliseconds(1), 10)->empty());
        CHECK(due_outbox(owing.archive(), submitter(10).at, 10)->size() == 1);
        CHECK(owing.whole());
    }

    TEST_CASE("a dead row stays to be seen, its receipt needs somebody, and it can be retried") {
        Owing owing;
        REQUIRE_GOOD(mark_dead(owing.archive(), owing.row, "550 no such user", submitter(5)));
        CHECK(get_outbox(owing.archive(), owing.row)->state == "dead");
        CHECK(due_outbox(owing.archive(), submitter(100000).at, 10)->empty());
        CHECK(owing.notice().state == "dead");
        CHECK(list_receipts(owing.archive(), {.resolution = Resolution::unresolved})->size() == 1);
        CHECK(owing.whole());
        REQUIRE_GOOD(retry_outbox(owing.archive(), owing.row, {"biuro", submitter(6).at}));
        CHECK(get_outbox(owing.archive(), owing.row)->state == "queued");
        CHECK(get_outbox(owing.archive(), owing.row)->attempts == 0);
        CHECK(get_outbox(owing.archive(), owing.row)->retried_at == submitter(6).at);
        CHECK(due_outbox(owing.archive(), submitter(6).at, 10)->size() == 1);
        CHECK(owing.notice().state == "queued");
        CHECK(list_receipts(owing.archive(), {.resolution = Resolution::unresolved})->empty());
        CHECK(owing.whole());
    }

    TEST_CASE("a row that is dropped leaves") {
        Owing owing;
        REQUIRE_GOOD(drop_outbox(owing.archive(), owing.row, {"biuro", submitter(6).at}));
        CHECK(list_outbox(owing.archive())->empty());
        CHECK(owing.notice().state == "dropped");
        CHECK(owing.whole());
    }

    TEST_CASE("a notice that came back is found by its id in any case, and somebody must look") {
        Owing owing;
        REQUIRE_GOOD(mark_sent(owing.archive(), owing.row, "4F2B99", submitter(1)));
        const auto receipt = find_receipt_of_notice(owing.archive(), lower(owing.row));
        REQUIRE_GOOD(receipt);
        REQUIRE(receipt->has_value());
        CHECK((*receipt)->id == owing.receipt);
        REQUIRE_GOOD(mark_bounced(owing.archive(), lower(owing.row), submitter(2)));
        CHECK(owing.notice().state == "bounced");
        CHECK(owing.last_entry() == "notice-bounced");
        CHECK(list_receipts(owing.archive(), {.resolution = Resolution::unresolved})->size() == 1);
        // The same bounce once more is not held against whoever has settled it.
        REQUIRE_GOOD(resolve_receipt(owing.archive(), owing.receipt, {"biuro", submitter(3).at}));
        REQUIRE_GOOD(mark_bounced(owing.archive(), owing.row, submitter(4)));
        CHECK(owing.last_entry() == "receipt-resolved");
        CHECK(list_receipts(owing.archive(), {.resolution = Resolution::unresolved})->empty());
        CHECK_FALSE(
            find_receipt_of_notice(owing.archive(), "01KAJ3N5G000000000000000AA")->has_value()
        );
        CHECK_FALSE(find_receipt_of_notice(owing.archive(), "anything")->has_value());
        const auto never =
            mark_bounced(owing.archive(), "01KAJ3N5G000000000000000AA", submitter(2));
        REQUIRE_FALSE(never.has_value());
        CHECK(never.error().kind == Kind::refused);
    }
}

} // namespace kwit
