#include "milter/door.hh"

#include <doctest/doctest.h>

#include <thread>

namespace kwit::milter {

using namespace std::chrono_literals;

TEST_SUITE("milter/door") {
    TEST_CASE("short callbacks one after another are one time of work, and a pause ends it") {
        Busy busy;
        CHECK(busy.at_work() == 0ms);
        while (busy.at_work() < 50ms) // for ever, if they were not counted together
            const Busy::Inside callback(busy);
        CHECK(busy.longest() == 0ms);
        std::this_thread::sleep_for(3 * Busy::breath);
        CHECK(busy.at_work() == 0ms);
    }

    TEST_CASE("a callback that runs for long is work until it ends") {
        Busy busy;
        const Busy::Inside callback(busy);
        std::this_thread::sleep_for(2 * Busy::breath);
        CHECK(busy.at_work() >= 2 * Busy::breath);
        CHECK(busy.longest() >= 2 * Busy::breath);
    }

    TEST_CASE("who waits for a callback hears of one that runs, and of none when the time is over"
    ) {
        Busy busy;
        const std::stop_source stop;
        CHECK_FALSE(busy.wait_for_one(stop.get_token(), 1ms));
        const Busy::Inside callback(busy);
        CHECK(busy.wait_for_one(stop.get_token(), 1h));
    }

    TEST_CASE("who waits for a session waits until one opens, or until the end") {
        Busy busy;
        busy.session_opens();
        std::stop_source stop;
        busy.wait_for_a_session(stop.get_token());
        busy.session_closes();
        stop.request_stop();
        busy.wait_for_a_session(stop.get_token());
        CHECK(busy.idle());
    }
}

} // namespace kwit::milter
