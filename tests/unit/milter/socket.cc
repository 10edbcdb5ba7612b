#include "milter/socket.hh"

#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

namespace kwit {

TEST_SUITE("milter/socket") {
    TEST_CASE("a second instance on the same socket is refused until the first is gone") {
        const test::TempDir dir;
        const MilterSettings settings{.socket = "unix:" + (dir.path() / "kwit.sock").string()};
        {
            const auto first = milter::lock_instance(settings);
            REQUIRE_GOOD(first);
            const auto second = milter::lock_instance(settings);
            REQUIRE_FALSE(second.has_value());
            CHECK(second.error().what == "another kwit-milter is running on " + settings.socket);
            CHECK_FALSE(second.error().remedy.empty());
        }
        CHECK(milter::lock_instance(settings).has_value());
    }

    TEST_CASE("a socket in a directory that is not there is told with the command that makes it") {
        const auto lock = milter::lock_instance({.socket = "unix:/nonexistent/kwit/kwit.sock"});
        REQUIRE_FALSE(lock.has_value());
        CHECK(lock.error().remedy.find("install -d") != std::string::npos);
    }
}

} // namespace kwit
