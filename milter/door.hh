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

/// Which callbacks run and since when, and how many sessions are open: for the shutdown, the nudge
/// and the watchdog.
class Busy {
public:
    /// Pauses between callbacks that are no longer do not end a time of work: a worker of libmilter
    /// stays with a connection that goes on talking.
    static constexpr auto breath = std::chrono::milliseconds(20);

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

    /// How long callbacks have been running one after another, until now; zero when none does.
    [[nodiscard]] std::chrono::milliseconds at_work() const;

    void session_opens();
    void session_closes();

    /// Returns when a session is open or when it is to stop.
    void wait_for_a_session(const std::stop_token& stop) const;

    /// Returns when a callback runs, which is true, when the time is over, or when it is to stop.
    bool wait_for_one(const std::stop_token& stop, std::chrono::milliseconds time) const;

private:
    using Clock = std::chrono::steady_clock;

    mutable std::mutex mutex_;
    mutable std::condition_variable_any arrived_;
    std::multiset<Clock::time_point> since_;
    Clock::time_point work_began_;
    Clock::time_point last_end_;
    std::size_t sessions_ = 0;
};

/// What lives from negotiation to close.
struct Session {
    Session(Busy& noted_by, Connection made) : connection(std::move(made)), busy(noted_by) {
        busy.session_opens();
    }

    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Session(Session&&) = delete;
    Session& operator=(Session&&) = delete;

    ~Session() { busy.session_closes(); }

    Connection connection;
    Busy& busy;
    unsigned long no_reply = 0; ///< the SMFIP_NR_ bits that were agreed on
    bool asked_macros = false;  ///< the MTA takes our word which macros it hands over
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
