#include "tests/crash/sending.hh"

#include "core/archive/outbox.hh"
#include "core/base/json.hh"
#include "core/outbox/submitter.hh"
#include "tests/crash/calls.hh"
#include "tests/crash/scenarios.hh"
#include "tests/crash/server.hh"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace kwit::crash {

namespace {

constexpr outbox::Timeouts quick{
    .connect = std::chrono::seconds(10),
    .stall = std::chrono::seconds(20),
    .whole = std::chrono::seconds(40),
    .grace = std::chrono::seconds(1)};

} // namespace

std::size_t send_due(Archive& archive, const std::string& url) {
    Settings settings = Office::snapshot()->settings;
    settings.outbox.submit = url;
    const outbox::View view{
        std::make_shared<const Settings>(settings),
        std::shared_ptr<const Texts>(Office::snapshot(), &Office::snapshot()->texts)};
    // Not ours to end: the test's own.
    const std::shared_ptr<Archive> borrowed(&archive, [](Archive*) {});
    outbox::Submitter submitter(
        {.archive = [&borrowed]() -> Result<std::shared_ptr<Archive>> { return borrowed; },
         .view = {},
         .timeouts = quick}
    );
    std::size_t sent = 0;
    for (bool more = true; more;) {
        const auto done = submitter.round(view, *parse_rfc3339("2026-11-22T12:00:00Z"));
        if (!done) throw std::runtime_error(done.error().what);
        sent += done->sent;
        more = done->more;
    }
    return sent;
}

Lines owed_by(const Archive& archive) {
    Lines ids;
    const auto rows = list_outbox(archive);
    if (!rows) throw std::runtime_error(rows.error().what);
    for (const OutboxRow& row : *rows)
        ids.push_back(row.id);
    return ids;
}

std::vector<test::TakenMail> heard_by(
    const std::vector<Event>& events, std::size_t cut, const std::vector<test::TakenMail>& taken
) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < std::min(cut, events.size()); ++at)
        if (events[at].what == Event::What::note &&
            events[at].text.find("queued as") != std::string::npos)
            ++count;
    return {taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string in_one(const Lines& lines) {
    return fmt::format("{}", fmt::join(lines, "\n"));
}

Owing::Owing(const std::function<void(Office&)>& fill) {
    std::filesystem::create_directory(base_.root());
    const Ended done = in_child([&] {
        Office office(base_.root() / "archive");
        office.make();
        office.fill();
        fill(office);
        return json_line(owed_by(office.archive()));
    });
    REQUIRE(done.fault == "");
    ids_ = Json::parse(done.said).get<Lines>();
}

void Owing::make(const World& world) const {
    std::filesystem::copy(base_.root(), world.root(), std::filesystem::copy_options::recursive);
}

Ended Owing::act(const World& world, const std::string& url, std::optional<Stop> stop) {
    return in_child([&] {
        watch({.root = world.root(), .record = world.record(), .stop = stop});
        Office office(world.root() / "archive");
        note(fmt::format("sent {}", send_due(office.archive(), url)));
        return std::string();
    });
}

namespace {

std::size_t calls_of_a_round(const Owing& owing, std::size_t mails) {
    const Owing::World world;
    owing.make(world);
    Server server;
    REQUIRE(Owing::act(world, server.url()).fault == "");
    CHECK(server.taken().size() == mails);
    const auto events = read_record(world.record());
    return static_cast<std::size_t>(std::count_if(
        events.begin(),
        events.end(),
        [](const Event& event) { return event.what == Event::What::call; }
    ));
}

} // namespace

Stops stop_everywhere(const Owing& owing, std::size_t mails, const JudgeLeft& judge) {
    Stops stops{.calls = calls_of_a_round(owing, mails)};
    for (std::size_t call = 1; call <= stops.calls; call += points_step)
        for (const Side side : {Side::before, Side::after}) {
            CAPTURE(call);
            CAPTURE(static_cast<int>(side));
            const Owing::World world;
            owing.make(world);
            Server server;
            const Ended ended = Owing::act(world, server.url(), Stop{call, side});
            if (!ended.killed) continue; // how often one has to listen differs
            ++stops.points;
            const auto taken = server.taken();
            CHECK(in_one(judge(world.root(), taken)) == "");
            stops.sent_unmarked = stops.sent_unmarked || !taken.empty();
        }
    MESSAGE(stops.points, " points");
    return stops;
}

} // namespace kwit::crash
