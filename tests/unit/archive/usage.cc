#include "core/archive/usage.hh"

#include "core/archive/inspect.hh"
#include "core/archive/keys.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <fmt/format.h>

#include <limits>

using namespace std::chrono_literals;

namespace kwit {

namespace {

constexpr std::string_view who = test::tagged_address;

void count(Archive& archive, Time at, std::uint64_t bytes, std::string_view name = who) {
    REQUIRE_GOOD(archive.change([&](lmdb::WriteTxn& txn) {
        return count_usage(archive, txn, UsedBy::address, name, at, bytes);
    }));
}

RecentUsage recent(const Archive& archive, Time now, std::string_view name = who) {
    const auto usage = load_usage(archive, UsedBy::address, name, now);
    REQUIRE_GOOD(usage);
    return *usage;
}

std::size_t rows(const Archive& archive) {
    const auto txn = archive.read();
    REQUIRE_GOOD(txn);
    std::size_t number = 0;
    REQUIRE_GOOD(txn->scan(
        archive.tables().usage,
        {},
        [&](const lmdb::Entry&) -> Result<lmdb::Walk> {
            ++number;
            return lmdb::Walk::on;
        }
    ));
    return number;
}

} // namespace

TEST_SUITE("archive/usage") {
    TEST_CASE("the hour of the clock and the 23 before it are counted, and nothing else") {
        test::World world;
        const Time ten = test::at_ten();
        count(world.archive(), ten, 100);
        count(world.archive(), ten + 1h - 1ms, 10);
        count(world.archive(), ten + 1h, 1);
        CHECK(recent(world.archive(), ten + 1h - 1ms).hour == Usage{2, 110});
        CHECK(recent(world.archive(), ten + 1h).hour == Usage{1, 1});
        CHECK(recent(world.archive(), ten + 1h).day == Usage{3, 111});
        CHECK(recent(world.archive(), ten + 24h - 1ms).day == Usage{3, 111});
        CHECK(recent(world.archive(), ten + 24h).day == Usage{1, 1});
        CHECK(recent(world.archive(), ten + 25h).day == Usage{0, 0});
        CHECK(recent(world.archive(), ten, "other@in.example.com").day == Usage{0, 0});
    }

    TEST_CASE("addresses, senders and clients of one name are counted apart") {
        test::World world;
        count(world.archive(), test::at_ten(), 5, "10023");
        const auto client = load_usage(world.archive(), UsedBy::client, "10023", test::at_ten());
        REQUIRE_GOOD(client);
        CHECK(client->day == Usage{0, 0});
    }

    TEST_CASE("it is there after a restart") {
        test::World world;
        count(world.archive(), test::at_ten(), 7);
        world.reopen();
        CHECK(recent(world.archive(), test::at_ten()).day == Usage{1, 7});
    }

    TEST_CASE("sums stop at what a number can hold") {
        test::World world;
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        count(world.archive(), test::at_ten(), most);
        count(world.archive(), test::at_ten(), 1);
        CHECK(recent(world.archive(), test::at_ten()).day == Usage{2, most});
    }

    TEST_CASE("hours that left the day leave the table, more of them than a mail adds") {
        test::World world;
        for (int i = 0; i < 30; ++i)
            count(world.archive(), test::at_ten(), 1, fmt::format("{}@in.example.com", i));
        count(world.archive(), test::at_ten() + 23h, 1);
        CHECK(rows(world.archive()) == 31);
        count(world.archive(), test::at_ten() + 24h, 1);
        CHECK(rows(world.archive()) == 12);
        count(world.archive(), test::at_ten() + 24h, 1);
        CHECK(rows(world.archive()) == 2);
    }

    TEST_CASE("a clock that went back loses nothing, and one that went ahead is not believed twice"
    ) {
        test::World world;
        count(world.archive(), test::at_ten(), 1);
        count(world.archive(), test::at_ten() - 6h, 1);
        CHECK(recent(world.archive(), test::at_ten() - 6h).day == Usage{1, 1});
        CHECK(recent(world.archive(), test::at_ten()).day == Usage{2, 2});
    }

    TEST_CASE("a mail that is filed counts once, a repeated one does not") {
        test::World world;
        auto draft = test::draft_of(world.archive(), "%PDF-one", "one");
        draft.receipt.size = 1000;
        draft.usage = {{UsedBy::address, std::string(who)}, {UsedBy::client, "10023"}};
        REQUIRE_GOOD(keep(world.archive(), test::mail_of(draft)));
        REQUIRE_GOOD(keep(world.archive(), test::mail_of(draft)));
        CHECK(recent(world.archive(), draft.receipt.received_at).day == Usage{1, 1000});
        CHECK(rows(world.archive()) == 2);
        CHECK(test::faults_of(world.archive()).empty());
    }

    TEST_CASE("a damaged row is told, by who counts and by verify") {
        for (const std::string_view bytes :
             {"x",
              "\xA0",
              "\xA2\x65mails\x20\x65"
              "bytes\x00"}) {
            test::World world;
            const std::string key = keys::time(test::at_ten()) + keys::pair("address", who);
            world.tamper("usage", key, bytes);
            const auto usage = load_usage(world.archive(), UsedBy::address, who, test::at_ten());
            REQUIRE_FALSE(usage);
            CHECK(usage.error().kind == Kind::corrupt);
            CHECK(
                test::faults_of(world.archive()) == std::vector<std::string>{"record-damaged usage"}
            );
        }
    }
}

} // namespace kwit
