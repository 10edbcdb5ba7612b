#include "milter/service.hh"

#include "core/base/encode.hh"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>

namespace kwit::milter::service {

namespace {

/// Telling is all we can do: that nobody listens is no trouble of ours.
void tell(const std::string& state) {
    (void)sd_notify(0, state.c_str());
}

std::int64_t monotonic_microseconds() {
    timespec moment{};
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return std::int64_t{moment.tv_sec} * 1'000'000 + moment.tv_nsec / 1000;
}

} // namespace

void ready(const std::string& status) {
    tell(fmt::format("READY=1\nSTATUS={}", log_text(status)));
}

void reloading() {
    // The time lets the manager see that this is the answer to its signal (systemd 253 and later).
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()));
}

void stopping() {
    tell("STOPPING=1\nSTATUS=finishing what is being committed");
}

void alive() {
    tell("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_time() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
    return std::chrono::microseconds(microseconds);
}

} // namespace kwit::milter::service
