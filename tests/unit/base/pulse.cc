#include "core/base/pulse.hh"

#include <doctest/doctest.h>

namespace kwit {

using namespace std::chrono_literals;

TEST_SUITE("base/pulse") {
    TEST_CASE("a promise is broken once its time is over, and no sooner") {
        Pulse pulse;
        const auto before = Pulse::Clock::now();
        pulse.promise(10s);
        const auto after = Pulse::Clock::now();
        CHECK_FALSE(pulse.late(before + 10s));
        CHECK(pulse.late(after + 10s + 1ns));
    }

    TEST_CASE("who waits for work, or has not begun, breaks none") {
        Pulse pulse;
        CHECK_FALSE(pulse.late(Pulse::Clock::now() + 1000h));
        pulse.promise(1s);
        pulse.rest();
        CHECK_FALSE(pulse.late(Pulse::Clock::now() + 1000h));
    }
}

} // namespace kwit
