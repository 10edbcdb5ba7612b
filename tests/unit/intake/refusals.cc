#include "core/intake/refusals.hh"

#include "tests/unit/intake/house.hh"

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

} // namespace

TEST_SUITE("intake/refusals") {
    TEST_CASE("a refusal is in the archive within two seconds, by itself") {
        test::House house;
        house.refusals().add(refused(house));
        for (int i = 0; i < 40 && house.receipts().empty(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        CHECK(house.receipts().size() == 1);
    }

    TEST_CASE("past the number of an address and day refusals are only counted, until the next day"
    ) {
        test::House house;
        for (std::uint32_t i = 0; i < Refusals::max_per_address_and_day + 1; ++i)
            house.refusals().add(refused(house));
        house.refusals().flush();
        CHECK(house.receipts().size() == Refusals::max_per_address_and_day);
        house.time += std::chrono::hours(24);
        house.refusals().add(refused(house));
        house.refusals().flush();
        CHECK(house.receipts().size() == Refusals::max_per_address_and_day + 1);
    }
}

} // namespace kwit
