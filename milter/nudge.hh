// The nudge: a remedy for head-of-line blocking in Debian's libmilter (worker pool). When more
// sessions become ready than workers are idle, the rest wait until a worker has done with its own,
// however trivial they are; a new connection makes libmilter look again and start a worker. A
// worker stays with a session while a callback runs, while the MTA goes on talking (a large mail is
// hundreds of short callbacks), and while half a packet is there. So a thread of ours connects to
// our own socket and closes again: often while callbacks run one after another for more than a
// moment, and now and then while sessions are open, as half a packet is nothing that we could see.
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
