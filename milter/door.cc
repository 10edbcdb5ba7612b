#include "milter/door.hh"

namespace kwit::milter {

Busy::Inside::Inside(Busy& busy) : busy_(busy) {
    const std::scoped_lock lock(busy_.mutex_);
    entry_ = busy_.since_.insert(std::chrono::steady_clock::now());
    if (busy_.since_.size() == 1) busy_.arrived_.notify_all();
}

Busy::Inside::~Inside() {
    const std::scoped_lock lock(busy_.mutex_);
    busy_.since_.erase(entry_);
}

std::chrono::milliseconds Busy::longest() const {
    const std::scoped_lock lock(mutex_);
    if (since_.empty()) return std::chrono::milliseconds(0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - *since_.begin()
    );
}

bool Busy::idle() const {
    const std::scoped_lock lock(mutex_);
    return since_.empty();
}

void Busy::wait_for_one(const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, stop, [this] { return !since_.empty(); });
}

} // namespace kwit::milter
