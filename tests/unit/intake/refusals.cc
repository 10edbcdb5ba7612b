#include "core/intake/refusals.hh"

#include "core/archive/keys.hh"
#include "core/base/text.hh"
#include "tests/unit/intake/house.hh"

#include <fmt/format.h>

#include <map>

namespace kwit {

namespace {

Receipt refused(const test::House& house) {
    Receipt receipt;
    receipt.received_at = house.time;
    receipt.address = house.tagged;
    receipt.client = "10023";
    receipt.verdict = Verdict::refused;
    receipt.findings = {{.reason = Reason::sender_not_authenticated}};
    return receipt;
}

/// "rcpt unknown address-unknown x@in.example.com" -> count
std::map<std::string, std::uint64_t> counted(test::House& house) {
    house.refusals().flush();
    std::map<std::string, std::uint64_t> counts;
    const auto txn = house.archive().read();
    REQUIRE_GOOD(txn);
    const auto take = [&](const CounterRow& row) -> Result<void> {
        const CounterGroup& group = row.group;
        counts[fmt::format(
            "{} {} {} {}", name_of(group.what), name_of(group.by), group.reason, row.name
        )] += row.count.count;
        return {};
    };
    REQUIRE_GOOD(each_counter(house.archive(), *txn, Time{}, house.time, take));
    return counts;
}

/// Whether the recipient was refused for this.
bool refuses(test::House& house, const std::string& recipient, Reason reason) {
    Connection connection = house.connect();
    const Answer answer = test::House::envelope(connection, {recipient});
    return answer.refusal && answer.refusal->finding.reason == reason;
}

} // namespace

TEST_SUITE("intake/refusals") {
    TEST_CASE("a refusal is in the archive within two seconds, by itself") {
        test::House house;
        house.refusals().add(refused(house));
        for (int i = 0; i < 40 && house.receipts().empty(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        CHECK(house.receipts().size() == 1);
    }

    TEST_CASE("a refused recipient is counted, and shows within two seconds by itself") {
        test::House house;
        CHECK(refuses(house, "x@in.example.com", Reason::address_unknown));
        std::size_t rows = 0;
        for (int i = 0; i < 40 && rows == 0; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            const auto txn = house.archive().read();
            REQUIRE_GOOD(txn);
            rows = txn->stat(house.archive().tables().counters)->entries;
        }
        CHECK(rows == 4);
        CHECK(house.receipts().empty());
    }

    TEST_CASE("an address that could not be looked up is not counted as one that there is") {
        test::House house;
        REQUIRE_GOOD(house.archive().change([&](lmdb::WriteTxn& txn) {
            const std::string key = keys::address("x@in.example.com");
            return txn.put(house.archive().tables().addresses, key, "no CBOR");
        }));
        CHECK(refuses(house, "x@in.example.com", Reason::archive_unavailable));
        const auto counts = counted(house);
        CHECK(counts.contains("rcpt unknown archive-unavailable x@in.example.com"));
        CHECK_FALSE(counts.contains("rcpt address archive-unavailable x@in.example.com"));
    }

    TEST_CASE("recipients refused at RCPT are counted by reason, the known ones by address") {
        test::House house;
        REQUIRE_GOOD(disable_address(house.archive(), house.tagged, {"test", house.time}));
        CHECK(refuses(house, house.tagged, Reason::address_disabled));
        CHECK(refuses(house, house.tagged, Reason::address_disabled));
        CHECK(refuses(house, "Nobody@in.example.com", Reason::address_unknown));
        CHECK(refuses(
            house, "bounce+01KAJ3N5G000000000000000AA@in.example.com", Reason::address_unknown
        ));
        Settings settings = house.settings();
        settings.limits.recipients = 0;
        house.configure(settings);
        CHECK(refuses(house, house.open, Reason::busy));
        auto counts = counted(house);
        CHECK(counts["rcpt reason address-disabled "] == 2);
        CHECK(counts["rcpt reason address-unknown "] == 2);
        CHECK(counts["rcpt reason busy "] == 1);
        CHECK(counts["rcpt address address-disabled " + house.tagged] == 2);
        CHECK(counts["rcpt address busy " + house.open] == 1);
        CHECK(counts["rcpt unknown address-unknown nobody@in.example.com"] == 1);
        CHECK(counts["rcpt network address-disabled 192.0.2.0/24"] == 2);
        CHECK(counts["rcpt network address-unknown 192.0.2.0/24"] == 2);
        CHECK(counts["rcpt network busy 192.0.2.0/24"] == 1);
        CHECK(counts["rcpt sender-domain  kunde.example"] == 5);
        CHECK(counts.size() == 11);
    }

    TEST_CASE("unknown recipients near a known one are kept with who wrote, the others are not") {
        test::House house;
        const std::string near =
            house.tagged.substr(0, house.tagged.find('@')) + "0@in.example.com";
        const std::string mistyped = "4u7u5j3y3m-x@in.example.com";
        CHECK(refuses(house, upper(near), Reason::address_unknown));
        CHECK(refuses(house, near, Reason::address_unknown));
        CHECK(refuses(house, mistyped, Reason::address_unknown));
        CHECK(refuses(house, "nobody@in.example.com", Reason::address_unknown));
        house.refusals().flush();
        std::map<std::string, NearMiss> misses;
        const auto txn = house.archive().read();
        REQUIRE_GOOD(txn);
        const auto take = [&](const NearMiss& miss) -> Result<void> {
            misses.emplace(miss.address, miss);
            return {};
        };
        REQUIRE_GOOD(each_near_miss(house.archive(), *txn, Time{}, house.time, take));
        REQUIRE(misses.size() == 2);
        CHECK(misses[near].near == house.tagged);
        CHECK(misses[near].client == "10023");
        CHECK(misses[near].count == 2);
        CHECK(misses[near].last_at == house.time);
        CHECK(misses[near].senders == std::vector<std::string>{"anna@kunde.example"});
        CHECK(misses[near].networks == std::vector<std::string>{"192.0.2.0/24"});
        CHECK(misses[mistyped].near.empty());
    }

    TEST_CASE("near misses wait while the archive is away") {
        test::House house;
        const std::string near = "0" + house.tagged;
        CHECK(refuses(house, near, Reason::address_unknown));
        house.forget();
        const auto path = house.path();
        const auto aside = path.parent_path() / "aside";
        std::filesystem::rename(path, aside);
        house.refusals().flush();
        std::filesystem::rename(aside, path);
        house.refusals().flush();
        const auto txn = house.archive().read();
        REQUIRE_GOOD(txn);
        CHECK(txn->stat(house.archive().tables().near_misses)->entries == 1);
    }

    TEST_CASE("while the archive is away a refusal waits for nothing, and is counted afterwards") {
        test::House house;
        house.forget();
        const auto path = house.path();
        const auto aside = path.parent_path() / "aside";
        std::filesystem::rename(path, aside);
        const auto begun = std::chrono::steady_clock::now();
        for (int i = 0; i < 1000; ++i)
            CHECK(refuses(house, house.tagged, Reason::archive_unavailable));
        house.refusals().flush();
        CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
        std::filesystem::rename(aside, path);
        auto counts = counted(house);
        CHECK(counts["rcpt reason archive-unavailable "] == 1000);
        CHECK(counts["rcpt unknown archive-unavailable " + house.tagged] == 1000);
    }

    TEST_CASE("receipts wait for an archive that is away, as many as there is room for") {
        test::House house;
        house.forget();
        const auto path = house.path();
        const auto aside = path.parent_path() / "aside";
        std::filesystem::rename(path, aside);
        const auto refuse_at = [&](std::size_t i) {
            Receipt receipt = refused(house);
            receipt.address = fmt::format("a{}@in.example.com", i);
            house.refusals().add(receipt);
        };
        for (std::size_t i = 0; i < Refusals::max_waiting; ++i)
            refuse_at(i);
        house.refusals().flush();
        refuse_at(Refusals::max_waiting);
        house.refusals().flush();
        std::filesystem::rename(aside, path);
        auto counts = counted(house);
        CHECK(house.receipts().size() == Refusals::max_waiting);
        CHECK(counts["mail reason sender-not-authenticated "] == 1);
    }

    TEST_CASE("a receipt that cannot be written takes no other with it") {
        test::House house;
        Receipt broken = refused(house);
        broken.original = "no digest";
        house.refusals().add(refused(house));
        house.refusals().add(broken);
        house.refusals().add(refused(house));
        house.refusals().flush();
        CHECK(house.receipts().size() == 2);
    }

    TEST_CASE("past the number of an address and day refusals are only counted, until the next day"
    ) {
        test::House house;
        for (std::uint32_t i = 0; i < Refusals::max_per_address_and_day + 1; ++i)
            house.refusals().add(refused(house));
        house.refusals().flush();
        CHECK(house.receipts().size() == Refusals::max_per_address_and_day);
        auto counts = counted(house);
        CHECK(counts["mail reason sender-not-authenticated "] == 1);
        CHECK(counts["mail address sender-not-authenticated " + house.tagged] == 1);
        house.time += std::chrono::hours(24);
        house.refusals().add(refused(house));
        house.refusals().flush();
        CHECK(house.receipts().size() == Refusals::max_per_address_and_day + 1);
    }
}

} // namespace kwit
