// The signals that the milter obeys: SIGTERM, SIGINT and SIGHUP end it, SIGUSR1 reads the
// configuration again. Blocked in every thread, they wait until the main thread asks for them.
//
// libmilter has a thread that waits for the first three, too. It would take one whenever the main
// thread is about something else, and tell a listener that looks every five seconds. So sigwait(3),
// which it does that with, is our own here, and never returns.
#pragma once

#include <chrono>
#include <optional>

namespace kwit::milter {

/// For this thread and all that it starts: before the first thread, and before anybody can see that
/// we are there.
void block_signals();

/// The number of the next one; nothing: none came in that time. From the main thread.
std::optional<int> next_signal(std::chrono::milliseconds patience);

} // namespace kwit::milter
