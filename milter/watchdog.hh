// The watchdog's answer: a thread that tells the service manager again and again that we are alive,
// and only when that was proved. Our own socket is greeted as an MTA does, which needs libmilter's
// loop, a worker, a callback and the locks they take; no callback may be running longer than any
// MTA waits for it; every thread of ours must have kept its promise. Otherwise the log is told why,
// and the manager, who hears nothing more, starts us anew: what is not committed was not answered
// 250.
#pragma once

#include "core/base/pulse.hh"
#include "milter/door.hh"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kwit::milter {

/// What a living milter has.
struct Organs {
    struct Thread {
        std::string name; ///< "the submitter"
        const Pulse& pulse;
    };

    std::string socket; ///< as in the configuration
    const Busy& busy;
    std::vector<Thread> threads{};
};

/// MTAs have given up long before; the answer would reach nobody.
inline constexpr auto longest_callback = std::chrono::minutes(10);

/// What is not alive, as a sentence; nothing when all is.
std::optional<std::string> find_dead(const Organs& organs, std::chrono::milliseconds patience);

class Watchdog {
public:
    /// Starts the thread when the service manager watches. Signals must be blocked by the caller;
    /// what the organs refer to must outlive this.
    explicit Watchdog(Organs organs);

    /// From now on the socket is closed and only the end is waited for, which is bounded; we are
    /// alive until then.
    void leave();

private:
    void watch(const std::stop_token& stop, std::chrono::milliseconds time);
    void look(std::chrono::milliseconds patience);

    Organs organs_;
    bool told_ = false; // the log, since we were alive last
    std::atomic<bool> leaving_{false};
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_; // stops and is waited for when this goes
};

} // namespace kwit::milter
