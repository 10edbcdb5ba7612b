#include "core/intake/admission.hh"

#include "core/base/file.hh"
#include "tests/unit/intake/house.hh"

#include <sys/resource.h>

#include <limits>

namespace kwit {

namespace {

constexpr std::uint64_t mib = 1U << 20;

/// Lowers the soft limit of open files for a while.
class FewFiles {
public:
    explicit FewFiles(rlim_t limit) {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        rlimit lower = before_;
        lower.rlim_cur = limit;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
    }

    FewFiles(const FewFiles&) = delete;
    FewFiles& operator=(const FewFiles&) = delete;

    ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

Cause cause_of(const Result<void>& result) {
    REQUIRE_FALSE(result.has_value());
    CHECK_FALSE(result.error().remedy.empty());
    return result.error().cause;
}

} // namespace

TEST_SUITE("intake/admission") {
    TEST_CASE("as many places at the end of message as the limit, and they come back") {
        Admission admission;
        LimitSettings limits{.ends_at_once = 2};
        const auto one = admission.enter(2);
        {
            const auto two = admission.enter(2);
            CHECK(one.has_value());
            CHECK(two.has_value());
            CHECK_FALSE(admission.enter(2).has_value());
            CHECK(cause_of(admission.check_load(limits)) == Cause::overloaded);
        }
        CHECK(admission.check_load(limits).has_value());
    }

    TEST_CASE("a mail takes twice its size, a mail of unknown size two MiB to begin with") {
        test::House house;
        Admission admission;
        const auto known = admission.reserve(house.archive(), 0, 10 * mib);
        REQUIRE_GOOD(known);
        CHECK(admission.promised() == 20 * mib);
        const auto unknown = admission.reserve(house.archive(), 0, std::nullopt);
        REQUIRE_GOOD(unknown);
        CHECK(admission.promised() == 22 * mib);
    }

    TEST_CASE("room shrinks as the mail is written, grows past what was told, and comes back") {
        test::House house;
        Admission admission;
        {
            auto room = admission.reserve(house.archive(), 0, 1 * mib);
            REQUIRE_GOOD(room);
            CHECK_FALSE(room->needs_more_for(1 * mib));
            CHECK(room->needs_more_for(1 * mib + 1));
            room->wrote(1 * mib);
            CHECK(admission.promised() == 1 * mib);
            REQUIRE_GOOD(room->grow(house.archive(), 0, 1 * mib + 1));
            CHECK(admission.promised() == 3 * mib);
            room->wrote(2 * mib);
            CHECK(admission.promised() == 2 * mib);
            room->wrote(1 * mib); // nothing is unwritten
            CHECK(admission.promised() == 2 * mib);
            const Admission::Room moved(*std::move(room));
            CHECK(admission.promised() == 2 * mib);
        }
        CHECK(admission.promised() == 0);
    }

    TEST_CASE("what is promised to one mail is not there for another") {
        test::House house;
        Admission admission;
        const auto free = free_bytes(house.path());
        REQUIRE_GOOD(free);
        const std::uint64_t most = *free / 10 * 4; // twice that is 80 %
        {
            const auto first = admission.reserve(house.archive(), 0, most);
            REQUIRE_GOOD(first);
            const auto second = admission.reserve(house.archive(), 0, most);
            REQUIRE_FALSE(second.has_value());
            CHECK(second.error().cause == Cause::storage_full);
            CHECK(second.error().what.find("promised to mails under way") != std::string::npos);
            CHECK(cause_of(admission.check_room(house.archive(), 0, most)) == Cause::storage_full);
            CHECK(admission.check_room(house.archive(), 0, std::nullopt).has_value());
        }
        CHECK(admission.check_room(house.archive(), 0, most).has_value());
        constexpr auto all = std::numeric_limits<std::uint64_t>::max();
        CHECK(
            cause_of(admission.check_room(house.archive(), all, std::nullopt)) ==
            Cause::storage_full
        );
    }

    TEST_CASE("memory and descriptors that run short are overload; nought turns memory off") {
        Admission admission;
        LimitSettings limits{.min_memory = std::numeric_limits<std::uint64_t>::max()};
        CHECK(cause_of(admission.check_load(limits)) == Cause::overloaded);
        limits.min_memory = 0;
        CHECK(admission.check_load(limits).has_value());
        const Fd highest(::dup(0));
        const auto used = static_cast<rlim_t>(highest.get());
        {
            // Sixteen of 64 stay free.
            const FewFiles few(64);
            CHECK(admission.check_load(limits).has_value() == (used + 1 < 48));
        }
        {
            const FewFiles few(used + 2);
            CHECK(cause_of(admission.check_load(limits)) == Cause::overloaded);
        }
        CHECK(admission.check_load(limits).has_value());
    }
}

} // namespace kwit
