#include "milter/watchdog.hh"

#include "core/base/log.hh"
#include "core/intake/client.hh"
#include "milter/service.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::milter {

namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int looks_in_time = 3;

} // namespace

std::optional<std::string> find_dead(const Organs& organs, Milliseconds patience) {
    for (const auto& [name, pulse] : organs.threads)
        if (pulse.late()) return name + " takes longer than it ever may";
    if (organs.busy.longest() > longest_callback)
        return fmt::format(
            "a callback has been running for {} s",
            std::chrono::duration_cast<std::chrono::seconds>(organs.busy.longest()).count()
        );
    if (const auto greeted = greet(organs.socket, patience); !greeted) return greeted.error().what;
    return std::nullopt;
}

Watchdog::Watchdog(Organs organs) : organs_(std::move(organs)) {
    const auto time = service::watchdog_time();
    if (!time) return;
    thread_ = std::jthread([this, time](const std::stop_token& stop) {
        watch(stop, std::chrono::duration_cast<Milliseconds>(*time));
    });
}

void Watchdog::leave() {
    leaving_ = true;
}

void Watchdog::watch(const std::stop_token& stop, Milliseconds time) {
    const Milliseconds pause = std::max(time / looks_in_time, Milliseconds(1));
    while (!stop.stop_requested()) {
        look(pause);
        std::unique_lock lock(mutex_);
        stopped_.wait_for(lock, stop, pause, [] { return false; });
    }
}

void Watchdog::look(Milliseconds patience) {
    const auto dead = leaving_ ? std::nullopt : find_dead(organs_, patience);
    // What began before the socket was closed proves nothing.
    if (dead && !leaving_) {
        if (!told_)
            log::error("", "the watchdog is not answered, as we seem not to be alive: " + *dead);
        told_ = true;
        return;
    }
    told_ = false;
    service::alive();
}

} // namespace kwit::milter
