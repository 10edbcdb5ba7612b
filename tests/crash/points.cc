// Crash points: kwit dies by SIGKILL before and after every sync, link, new directory and commit of
// a mail's way, one run for each. What is left keeps every promise; then the mail is sent again,
// and the power is cut.

#include "tests/crash/scenarios.hh"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace kwit::crash;

namespace {

using Lines = std::vector<std::string>;

Lines calls_of(const std::vector<Event>& events) {
    Lines calls;
    for (const Event& event : events)
        if (event.what == Event::What::call) calls.push_back(event.text);
    return calls;
}

std::string in_one(const Lines& lines) {
    return fmt::format("{}", fmt::join(lines, "\n"));
}

/// The way of a mail that nothing disturbs.
Lines way_of(const Proof& proof) {
    Proof::World world;
    proof.make(world);
    REQUIRE(proof.act(world).fault == "");
    return calls_of(read_record(world.record()));
}

/// Nothing of what is in doubt reaches the disk, or all but one.
Lines after_a_cut(Proof& proof, const Disk& disk, const std::vector<Event>& events) {
    const std::size_t count = disk.doubtful(events.size());
    for (std::size_t i = 0; i <= count; ++i) {
        Chosen chosen(count, i < count);
        if (i < count) chosen[i] = false;
        const auto faults = proof.judge(disk.image(events.size(), chosen), promises(events));
        if (!faults.empty()) return faults;
    }
    return {};
}

void die_at(Proof& proof, Stop stop, bool surely) {
    Proof::World world;
    proof.make(world);
    Disk disk(world.root());
    const Ended ended = proof.act(world, stop);
    // Threads take turns as they like, so that a run may have a call less.
    if (surely) CHECK(ended.killed);
    const auto promised = promises(read_record(world.record()));
    CHECK(in_one(proof.judge(world.root(), promised, &world)) == "");
    // What is before a call is what is after the one before it, but for bytes that no row names.
    if (stop.side == Side::before) return;
    const auto events = read_record(world.record());
    disk.play(events);
    CHECK(in_one(after_a_cut(proof, disk, events)) == "");
}

void die_at_each_call(const Scenario& scenario, std::size_t& points) {
    CAPTURE(scenario.name);
    Proof proof(scenario);
    const Lines calls = way_of(proof);
    for (std::size_t call = 1; call <= calls.size(); call += points_step)
        for (const Side side : {Side::before, Side::half, Side::after}) {
            const bool is_durable_write = calls[call - 1].find("dsync-write") != std::string::npos;
            if (side == Side::half && !is_durable_write) continue;
            CAPTURE(call);
            CAPTURE(calls[call - 1]);
            CAPTURE(static_cast<int>(side));
            die_at(proof, {call, side}, !scenario.together);
            ++points;
        }
}

const Lines object = {
    "mkdir archive/objects/sha256/xx",
    "mkdir archive/objects/sha256/xx/xx",
    "fsync archive/objects/(new)",
    "link archive/objects/sha256/xx/xx/DIGEST",
    "fsync archive/objects/sha256/xx/xx",
    "fsync archive/objects/sha256/xx",
    "fsync archive/objects/sha256",
};

} // namespace

TEST_SUITE("crash/points") {
    TEST_CASE("the way of a mail is objects, then index") {
        Lines way = {
            "fsync archive", // the start of kwit
            "fdatasync archive/index/data.mdb",
            "fsync archive/index",
            "commit index",
            "commit index",
            "commit index"};
        for (int i = 0; i < 2; ++i) // the document, the original
            way.insert(way.end(), object.begin(), object.end());
        way.insert(
            way.end(),
            {"commit index", // of this mail's part of the transaction
             "commit index",
             "commit: fdatasync archive/index/data.mdb",
             "commit: dsync-write archive/index/data.mdb"}
        );
        CHECK(in_one(way_of(Proof(scenarios().front()))) == in_one(way));
    }

    TEST_CASE("a mail that is kept as a recipe goes the same way") {
        const auto kept_as_recipe = scenarios().at(1);
        CHECK(kept_as_recipe.name == "a mail that is kept as a recipe");
        CHECK(in_one(way_of(Proof(kept_as_recipe))) == in_one(way_of(Proof(scenarios().front()))));
    }

    TEST_CASE("whenever kwit dies, what it answered 250 is there, and the same mail is filed once"
    ) {
        std::size_t points = 0;
        for (const Scenario& scenario : scenarios())
            die_at_each_call(scenario, points);
        MESSAGE(points, " points");
        CHECK(points >= 500 / points_step);
    }
}
