#include "core/intake/client.hh"

#include "tests/unit/listener.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <chrono>
#include <thread>

namespace kwit {

using namespace std::chrono_literals;

TEST_SUITE("intake/client") {
    TEST_CASE("nobody answers on a socket that is not there") {
        const auto unix_socket = connect_to("unix:/nonexistent/kwit.sock");
        REQUIRE_FALSE(unix_socket.has_value());
        CHECK(unix_socket.error().kind == Kind::temporary);
        CHECK(
            unix_socket.error().what ==
            "cannot connect to unix:/nonexistent/kwit.sock: No such file or directory"
        );
        CHECK_FALSE(connect_to("inet:1@127.0.0.1").has_value());
        CHECK(connect_to("nonsense").error().kind == Kind::misuse);
    }

    TEST_CASE("a milter that speaks the protocol is greeted") {
        const test::TempDir dir;
        const test::Listener milter(dir.path() / "s", test::milter_hello());
        REQUIRE_GOOD(greet("unix:" + (dir.path() / "s").string(), 5s));
    }

    TEST_CASE("who is told to stop waits no longer for an answer") {
        const test::TempDir dir;
        const test::Listener dead(dir.path() / "s", "");
        std::stop_source stop;
        const std::jthread stopping([&] {
            std::this_thread::sleep_for(50ms);
            stop.request_stop();
        });
        const auto began = std::chrono::steady_clock::now();
        CHECK_FALSE(greet("unix:" + (dir.path() / "s").string(), 60s, stop.get_token()));
        CHECK(std::chrono::steady_clock::now() - began < 30s);
    }

    TEST_CASE("a socket behind which nobody is alive is told apart from one that is not there") {
        struct Case {
            std::string answer;
            std::string what;
        };

        for (const Case& c :
             {Case{"", "no answer in time"},
              Case{"220 smtp\r\n", "it does not speak the milter protocol"}}) {
            CAPTURE(c.what);
            const test::TempDir dir;
            const std::string socket = "unix:" + (dir.path() / "s").string();
            const test::Listener dead(dir.path() / "s", c.answer);
            const auto greeted = greet(socket, 50ms);
            REQUIRE_FALSE(greeted.has_value());
            CHECK(greeted.error().kind == Kind::temporary);
            CHECK(greeted.error().what == socket + " is open, but nobody answers: " + c.what);
        }
    }
}

} // namespace kwit
