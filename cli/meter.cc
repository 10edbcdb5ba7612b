#include "cli/meter.hh"

#include "cli/values.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace kwit::cli {

namespace {

constexpr auto pause_on_terminal = std::chrono::milliseconds(200);
constexpr auto pause_elsewhere = std::chrono::seconds(10);

} // namespace

Meter::Meter(Show show)
    : terminal_(::isatty(STDERR_FILENO) == 1), shown_(terminal_ || show == Show::wanted) {}

Meter::~Meter() {
    if (dirty_) std::fputs("\r\x1b[K", stderr);
}

void Meter::show(std::uint64_t done, std::uint64_t total) {
    const auto moment = std::chrono::steady_clock::now();
    const bool last = !terminal_ && done == total;
    if (!shown_ || (moment < next_ && !last)) return;
    next_ = moment +
            (terminal_ ? std::chrono::steady_clock::duration(pause_on_terminal) : pause_elsewhere);
    dirty_ = terminal_;
    const std::string text = fmt::format("{} of {}", readable_size(done), readable_size(total));
    std::fputs(terminal_ ? ("\r" + text + "\x1b[K").c_str() : (text + "\n").c_str(), stderr);
}

} // namespace kwit::cli
