#include "core/base/memory.hh"

#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

#include <fstream>

using namespace kwit;

namespace {

/// A machine as its kernel tells of it.
class Machine {
public:
    void tells(const std::string& file, const std::string& text) {
        const auto path = dir_.path() / file;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }

    [[nodiscard]] std::optional<std::uint64_t> available() const {
        return available_memory(places());
    }

    [[nodiscard]] std::optional<std::uint64_t> total() const { return total_memory(places()); }

private:
    [[nodiscard]] MemoryPlaces places() const {
        return {.proc = dir_.path() / "proc", .groups = dir_.path() / "groups"};
    }

    test::TempDir dir_;
};

} // namespace

TEST_SUITE("base/memory") {
    TEST_CASE("this machine has some, and less than all that could be addressed") {
        const auto available = available_memory();
        REQUIRE(available.has_value());
        CHECK(*available > 0);
        CHECK(*available < 1ULL << 50);
    }

    TEST_CASE("the least of machine and control groups counts, cached files do not") {
        Machine machine;
        CHECK_FALSE(machine.available().has_value());
        machine.tells(
            "proc/meminfo", "MemTotal:  900 kB\nMemFree: 1 kB\nMemAvailable:    500 kB\n"
        );
        CHECK(machine.available() == 500 * 1024);
        machine.tells("proc/self/cgroup", "0::/system.slice/kwit-milter.service\n");
        CHECK(machine.available() == 500 * 1024);
        machine.tells("groups/system.slice/kwit-milter.service/memory.max", "max\n");
        machine.tells("groups/system.slice/kwit-milter.service/memory.current", "300000\n");
        CHECK(machine.available() == 500 * 1024);
        machine.tells("groups/system.slice/kwit-milter.service/memory.max", "400000\n");
        CHECK(machine.available() == 100'000);
        machine.tells(
            "groups/system.slice/kwit-milter.service/memory.stat",
            "anon 1\nfile 250000\ninactive_file 150000\nactive_file 50000\n"
        );
        CHECK(machine.available() == 300'000);
        // The group above has its own bound.
        machine.tells("groups/system.slice/memory.max", "1000000\n");
        machine.tells("groups/system.slice/memory.high", "900000\n");
        machine.tells("groups/system.slice/memory.current", "890000\n");
        CHECK(machine.available() == 10'000);
        machine.tells("groups/system.slice/memory.current", "990000\n");
        CHECK(machine.available() == 0);
    }

    TEST_CASE(
        "all there is: the least of the machine's and its control groups', however much is used"
    ) {
        Machine machine;
        CHECK_FALSE(machine.total().has_value());
        machine.tells("proc/meminfo", "MemTotal:  900 kB\nMemAvailable:    500 kB\n");
        CHECK(machine.total() == 900 * 1024);
        machine.tells("proc/self/cgroup", "0::/system.slice/kwit-milter.service\n");
        machine.tells("groups/system.slice/kwit-milter.service/memory.max", "max\n");
        machine.tells("groups/system.slice/kwit-milter.service/memory.current", "890000\n");
        CHECK(machine.total() == 900 * 1024);
        machine.tells("groups/system.slice/kwit-milter.service/memory.high", "800000\n");
        CHECK(machine.total() == 800'000);
        machine.tells("groups/system.slice/memory.max", "700000\n");
        CHECK(machine.total() == 700'000);
        CHECK(total_memory().value_or(0) >= available_memory().value_or(0));
    }

    TEST_CASE("a gauge asks the kernel again only when its answer is old") {
        MemoryGauge gauge;
        const auto now = MemoryGauge::Clock::now();
        const auto first = gauge.available(now);
        REQUIRE(first.has_value());
        // Memory that is taken meanwhile shows when the answer is old, and not before.
        const std::string taken(std::size_t{256} << 20U, 'x');
        CHECK(gauge.available(now + MemoryGauge::fresh / 2) == first);
        CHECK(gauge.available(now + MemoryGauge::fresh) != first);
        CHECK(taken.back() == 'x');
    }
}
