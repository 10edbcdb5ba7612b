// A thread's word that it will be heard of again, for who watches over the process: before each
// step that takes time it promises how long the step takes at most. Waiting for work promises
// nothing.
#pragma once

#include <atomic>
#include <chrono>

namespace kwit {

class Pulse {
public:
    using Clock = std::chrono::steady_clock;

    /// From the thread itself: heard of again within this time.
    void promise(Clock::duration within) { until_ = (Clock::now() + within).time_since_epoch(); }

    /// From the thread itself: it waits for work, however long.
    void rest() { until_ = Clock::duration::max(); }

    /// From any thread: the promise was broken.
    [[nodiscard]] bool late(Clock::time_point now = Clock::now()) const {
        return now.time_since_epoch() > until_.load();
    }

private:
    std::atomic<Clock::duration> until_{Clock::duration::max()};
};

} // namespace kwit
