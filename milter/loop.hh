// libmilter's main loop, in a thread of its own, while this one waits for signals.
//
// libmilter looks only every five seconds whether it shall end: so we stop it ourselves and connect
// to our own socket, which makes it look at once.
#pragma once

#include <functional>
#include <string>

namespace kwit::milter {

/// What it means to the house.
struct Orders {
    std::function<void()> ready;    ///< once, from another thread, when libmilter has answered
    std::function<void()> reload;   ///< SIGUSR1
    std::function<void()> idle;     ///< a few times a second, while nothing happens
    std::function<void()> stopping; ///< once, at the beginning of the end
};

/// Runs until a signal ends it, or libmilter ends by itself; whether it ended well. Callbacks may
/// still be running then. Call it from the main thread, with the socket open and our signals
/// blocked (milter/signals.hh).
bool run_libmilter(const std::string& socket, const Orders& orders);

} // namespace kwit::milter
