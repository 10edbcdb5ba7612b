#include "tests/crash/sending.hh"

#include "core/archive/outbox.hh"
#include "core/outbox/submitter.hh"
#include "tests/crash/office.hh"

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

} // namespace kwit::crash
