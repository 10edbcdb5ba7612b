// The nudge: a remedy for head-of-line blocking in Debian's libmilter (worker pool). When more
// sessions become ready than workers are idle, the rest wait until a callback ends, however trivial
// they are; a new connection makes libmilter look again and start a worker. So while any callback
// has been running for more than a moment, a thread of ours connects to our own socket and closes
// again.
#pragma once

#include "milter/door.hh"

#include <string>
#include <thread>

namespace kwit::milter {

class Nudge {
public:
    /// socket as in the configuration (unix:PATH or inet:PORT@HOST). Signals must be blocked by the
    /// caller.
    Nudge(std::string socket, const Busy& busy);

private:
    std::jthread thread_; // stops and is waited for when this goes
};

} // namespace kwit::milter
