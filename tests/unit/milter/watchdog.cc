#include "milter/watchdog.hh"

#include "tests/unit/listener.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

namespace kwit::milter {

using namespace std::chrono_literals;

namespace {

/// A milter that is alive until a test kills a part of it.
struct Body {
    test::TempDir dir{};
    std::string socket = "unix:" + (dir.path() / "s").string();
    Busy busy{};
    Pulse submitter{};
    std::optional<test::Listener> milter{std::in_place, dir.path() / "s", test::milter_hello()};

    [[nodiscard]] Organs organs() const {
        return {.socket = socket, .busy = busy, .threads = {{"the submitter", submitter}}};
    }
};

} // namespace

TEST_SUITE("milter/watchdog") {
    TEST_CASE("who answers, and whose threads keep their word, is alive") {
        Body body;
        body.submitter.promise(1h);
        const Busy::Inside callback(body.busy);
        CHECK(find_dead(body.organs(), 5s) == std::nullopt);
    }

    TEST_CASE("a thread that broke its promise is told by its name") {
        Body body;
        body.submitter.promise(-1s);
        CHECK(find_dead(body.organs(), 5s) == "the submitter takes longer than it ever may");
    }

    TEST_CASE("a milter that takes connections and never answers is dead") {
        Body body;
        body.milter.reset();
        std::filesystem::remove(body.dir.path() / "s");
        body.milter.emplace(body.dir.path() / "s", "");
        CHECK(
            find_dead(body.organs(), 50ms) ==
            body.socket + " is open, but nobody answers: no answer in time"
        );
    }
}

} // namespace kwit::milter
