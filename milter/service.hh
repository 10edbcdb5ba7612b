// What the service manager is told (sd_notify): that we are ready, reading the configuration again,
// stopping, alive. The door to libsystemd. Without $NOTIFY_SOCKET, which a service manager sets,
// nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace kwit::milter::service {

/// Ready, at first and after reloading(); the status is a short line for people (systemctl status).
void ready(const std::string& status);

void reloading();

void stopping();

/// We are alive: to be said again before the watchdog's time is over.
void alive();

/// The watchdog's time; nothing when nobody watches.
std::optional<std::chrono::microseconds> watchdog_time();

} // namespace kwit::milter::service
