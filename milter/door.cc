#include "milter/door.hh"

namespace kwit::milter {

Busy::Inside::Inside(Busy& busy) : busy_(busy) {
    const std::scoped_lock lock(busy_.mutex_);
    const auto now = Clock::now();
    if (busy_.since_.empty() && now - busy_.last_end_ > breath) busy_.work_began_ = now;
    entry_ = busy_.since_.insert(now);
    if (busy_.since_.size() == 1) busy_.arrived_.notify_all();
}

Busy::Inside::~Inside() {
    const std::scoped_lock lock(busy_.mutex_);
    busy_.since_.erase(entry_);
    busy_.last_end_ = Clock::now();
}

std::chrono::milliseconds Busy::longest() const {
    const std::scoped_lock lock(mutex_);
    if (since_.empty()) return std::chrono::milliseconds(0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - *since_.begin());
}

bool Busy::idle() const {
    const std::scoped_lock lock(mutex_);
    return since_.empty();
}

std::chrono::milliseconds Busy::at_work() const {
    const std::scoped_lock lock(mutex_);
    const auto now = Clock::now();
    if (since_.empty() && now - last_end_ > breath) return std::chrono::milliseconds(0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - work_began_);
}

void Busy::session_opens() {
    const std::scoped_lock lock(mutex_);
    ++sessions_;
    arrived_.notify_all();
}

void Busy::session_closes() {
    const std::scoped_lock lock(mutex_);
    --sessions_;
}

void Busy::wait_for_a_session(const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, stop, [this] { return sessions_ > 0; });
}

bool Busy::wait_for_one(const std::stop_token& stop, std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, stop, time, [this] { return !since_.empty(); });
}

} // namespace kwit::milter
