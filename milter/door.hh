// The door: the one way in which libmilter calls us. No exception leaves, no state is assumed to be
// there (a close may be the only callback of a connection), and it is known how many callbacks are
// inside.
//
// Debian's libmilter runs the callbacks of one connection on different threads, but never two at
// once, so a Session needs no lock.
#pragma once

#include "core/intake/connection.hh"
#include "core/intake/reply.hh"

#include <libmilter/mfapi.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>

namespace kwit::milter {

/// Since when callbacks have been running, for the shutdown and for the nudge.
class Busy {
public:
    class Inside {
    public:
        explicit Inside(Busy& busy);
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        Inside(Inside&&) = delete;
        Inside& operator=(Inside&&) = delete;
        ~Inside();

    private:
        Busy& busy_;
        std::multiset<std::chrono::steady_clock::time_point>::iterator entry_;
    };

    /// How long the oldest callback that runs now has been running; zero when none runs.
    [[nodiscard]] std::chrono::milliseconds longest() const;

    [[nodiscard]] bool idle() const;

    /// Returns when a callback runs or when it is to stop.
    void wait_for_one(const std::stop_token& stop) const;

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable_any arrived_;
    std::multiset<std::chrono::steady_clock::time_point> since_;
};

/// What lives from negotiation to close.
struct Session {
    explicit Session(Connection made) : connection(std::move(made)) {}

    Connection connection;
    unsigned long no_reply = 0; ///< the SMFIP_NR_ bits that were agreed on
};

/// What the callbacks share. libmilter passes no argument of ours to the first callback, so main
/// hands this over once, before smfi_main(), and it outlives everything.
struct House {
    Intake& intake;
    Busy& busy;
    std::function<std::shared_ptr<const Snapshot>()>
        snapshot; ///< the configuration for new connections
};

void open_house(House& house);

/// Registers the callbacks with libmilter.
Result<void> register_callbacks();

} // namespace kwit::milter
