// Limits on use: each at its edge and one past it, through the events of a mail.
#include "core/intake/rates.hh"

#include "core/archive/usage.hh"
#include "tests/unit/intake/house.hh"

#include <fmt/format.h>

using namespace std::chrono_literals;

namespace kwit {

namespace {

class Office : public test::House {
public:
    explicit Office(const RateSettings& rates) { limit(rates); }

    void limit(const RateSettings& rates) {
        Settings changed = settings();
        changed.limits.rates = rates;
        configure(std::move(changed));
    }

    /// A mail that is unlike all others; how it was answered, "taken" or the reason.
    std::string mail_to(const std::vector<std::string>& to, const std::string& login = "") {
        const std::string document = fmt::format("{}%{}\n", test::pdf, ++number_);
        Connection connection = connect();
        if (const auto answer = envelope(connection, to, login); answer.refusal)
            return "RCPT " + test::reason_of(answer);
        const Answer answer = content(connection, test::mail_with_pdf(subject(), document));
        return answer.refusal ? test::reason_of(answer) : "taken";
    }

private:
    [[nodiscard]] static std::string subject() { return "[FZ] 11/2026 (932498)"; }

    int number_ = 0;
};

constexpr RateSettings none{.address = {}, .sender = {}, .client = {}};

} // namespace

TEST_SUITE("intake/rates") {
    TEST_CASE("an address takes as many mails an hour as allowed, the next one waits at RCPT") {
        RateSettings rates = none;
        rates.address.mails_per_hour = 2;
        Office office(rates);
        CHECK(office.mail_to({office.open}) == "taken");
        CHECK(office.mail_to({office.open}) == "taken");
        CHECK(office.mail_to({office.open}) == "RCPT rate-limited");
        CHECK(office.mail_to({office.tagged}, "anna@kunde.example") == "taken");
        office.time += 1h;
        CHECK(office.mail_to({office.open}) == "taken");
        CHECK(office.receipts().size() == 4);
    }

    TEST_CASE("and as many a day") {
        RateSettings rates = none;
        rates.address.mails_per_day = 1;
        Office office(rates);
        CHECK(office.mail_to({office.open}) == "taken");
        office.time += 23h;
        CHECK(office.mail_to({office.open}) == "RCPT rate-limited");
        office.time += 1h;
        CHECK(office.mail_to({office.open}) == "taken");
    }

    TEST_CASE("all addresses of a client count for the client") {
        RateSettings rates = none;
        rates.client.mails_per_day = 2;
        Office office(rates);
        CHECK(office.mail_to({office.open}) == "taken");
        CHECK(office.mail_to({office.tagged}, "anna@kunde.example") == "taken");
        CHECK(office.mail_to({office.open}) == "RCPT rate-limited");
    }

    TEST_CASE("a sender is held to a limit under a name that was proven, and at the end") {
        RateSettings rates = none;
        rates.sender.mails_per_day = 1;
        Office office(rates);
        CHECK(office.mail_to({office.open}) == "taken"); // anybody can write her name there
        CHECK(office.mail_to({office.open}) == "taken");
        CHECK(office.mail_to({office.tagged}, "anna@kunde.example") == "taken");
        CHECK(office.mail_to({office.tagged}, "anna@kunde.example") == "rate-limited");
        CHECK(office.mail_to({office.open}) == "taken");
        CHECK(office.receipts().size() == 4);
    }

    TEST_CASE("bytes: what fills the limit is taken, one more byte waits") {
        Office office(none);
        REQUIRE(office.mail_to({office.open}) == "taken");
        const std::uint64_t size = office.receipts().front().size;
        RateSettings rates = none;
        rates.address.bytes_per_day = 2 * size - 1;
        Office one(rates);
        CHECK(one.mail_to({one.open}) == "taken");
        CHECK(one.mail_to({one.open}) == "rate-limited");
        rates.address.bytes_per_day = 2 * size;
        Office two(rates);
        CHECK(two.mail_to({two.open}) == "taken");
        CHECK(two.mail_to({two.open}) == "taken");
        CHECK(two.mail_to({two.open}) == "RCPT rate-limited");
    }

    TEST_CASE("bytes that the sender declares are believed at RCPT") {
        RateSettings rates = none;
        rates.address.bytes_per_hour = 10'000;
        Office office(rates);
        Connection connection = office.connect();
        connection.mail({"<a@kunde.example>", "SIZE=10000"}, "", "");
        CHECK(connection.rcpt("<" + office.open + ">", "").what == Answer::What::go_on);
        connection.mail({"<a@kunde.example>", "SIZE=10001"}, "", "");
        CHECK(test::reason_of(connection.rcpt("<" + office.open + ">", "")) == "rate-limited");
    }

    TEST_CASE("what is refused uses nothing up") {
        RateSettings rates = none;
        rates.address.mails_per_day = 1;
        Office office(rates);
        CHECK(office.mail_to({office.tagged}) == "sender-not-authenticated");
        CHECK(office.mail_to({office.tagged}) == "sender-not-authenticated");
        CHECK(office.mail_to({office.tagged}, "anna@kunde.example") == "taken");
    }

    TEST_CASE("a mail that was taken before is not put off by the limit it has reached itself") {
        RateSettings rates = none;
        rates.sender.mails_per_day = 1;
        Office office(rates);
        const auto mail = test::mail_with_pdf("[FZ] 11/2026 (932498)");
        CHECK_FALSE(office.send({office.tagged}, mail, "anna@kunde.example").refusal);
        CHECK_FALSE(office.send({office.tagged}, mail, "anna@kunde.example").refusal);
        CHECK(office.receipts().size() == 1);
    }

    TEST_CASE("counters are of the archive: without one, or with a damaged row, mail waits") {
        RateSettings rates = none;
        rates.address.mails_per_day = 1;
        Office office(rates);
        CHECK(office.mail_to({office.open}) == "taken");
        REQUIRE_GOOD(office.archive().change([&](lmdb::WriteTxn& txn) -> Result<void> {
            std::string key;
            TRY(txn.scan(
                office.archive().tables().usage,
                {},
                [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
                    key = entry.key;
                    return lmdb::Walk::stop;
                }
            ));
            return txn.put(office.archive().tables().usage, key, "x");
        }));
        CHECK(office.mail_to({office.open}) == "RCPT archive-unavailable");
    }

    TEST_CASE("what has no limit is not counted") {
        Office office(none);
        CHECK(office.mail_to({office.open}) == "taken");
        const auto usage = load_usage(office.archive(), UsedBy::address, office.open, office.time);
        REQUIRE_GOOD(usage);
        CHECK(usage->day == Usage{0, 0});
    }
}

} // namespace kwit
