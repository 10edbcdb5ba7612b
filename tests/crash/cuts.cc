// Lost writes: every image that a power cut could leave keeps what was promised, and not one sync
// of a mail's way could be left out. README.md has the model.

#include "tests/crash/scenarios.hh"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace kwit::crash;

namespace {

constexpr int random_choices = 4;

/// One scenario; the syncs of which it shows that they are needed.
std::set<std::string> prove(const Scenario& scenario) {
    CAPTURE(scenario.name);
    Proof proof(scenario);
    Proof::World world;
    proof.make(world);
    const Disk before(world.root());
    REQUIRE(proof.act(world).fault == "");
    const auto events = read_record(world.record());
    Disk disk = before;
    disk.play(events);
    CHECK(explains(disk, world.root()));
    const auto judge = [&](const Image& image, std::size_t cut) {
        return proof.judge(image, promises(events, cut));
    };
    // The first try of two is that of another scenario.
    std::size_t from = 0;
    for (std::size_t at = 0; at < events.size(); ++at)
        if (events[at].what == Event::What::note && events[at].text == "again") from = at;
    // Second tries are cut by points.cc, after each call at which the first one may die.
    if (!scenario.died_at) {
        CHECK(first_broken(disk, events, from, random_choices, judge) == "");
        CHECK(proof.judged() >= 8);
    }
    std::set<std::string> found;
    const auto wrong =
        try_without_each(before, events, from, scenario.needed_elsewhere, found, judge);
    CHECK(fmt::format("{}", fmt::join(wrong, "\n")) == "");
    return found;
}

} // namespace

TEST_SUITE("crash/cuts") {
    TEST_CASE("no power cut takes what was answered 250, and each sync is needed") {
        std::set<std::string> found;
        std::set<std::string> elsewhere;
        auto all = scenarios();
        for (Scenario& second : second_tries())
            all.push_back(std::move(second));
        for (const Scenario& scenario : all) {
            found.merge(prove(scenario));
            elsewhere.insert(scenario.needed_elsewhere.begin(), scenario.needed_elsewhere.end());
        }
        for (const std::string& role : elsewhere) {
            CAPTURE(role);
            CHECK(found.contains(role));
        }
        // Of who starts after one that was killed in the middle of a commit.
        CHECK(found.contains("fdatasync archive/index/data.mdb"));
        CHECK(found.contains("fdatasync archive/index/data.mdb.new"));
        MESSAGE("syncs shown needed:\n", fmt::format("{}", fmt::join(found, "\n")));
    }
}
