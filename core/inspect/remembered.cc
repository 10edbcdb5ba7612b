#include "core/inspect/remembered.hh"

namespace kwit::inspect {

std::optional<Inspected> Remembered::find(const Digest& digest) {
    const std::scoped_lock lock(mutex_);
    const auto place = places_.find(digest);
    if (place == places_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, place->second);
    return place->second->second;
}

void Remembered::put(const Digest& digest, Inspected inspected) {
    const std::scoped_lock lock(mutex_);
    if (const auto place = places_.find(digest); place != places_.end()) {
        place->second->second = std::move(inspected);
        entries_.splice(entries_.begin(), entries_, place->second);
        return;
    }
    entries_.emplace_front(digest, std::move(inspected));
    places_.emplace(digest, entries_.begin());
    if (entries_.size() <= most_) return;
    places_.erase(entries_.back().first);
    entries_.pop_back();
}

} // namespace kwit::inspect
