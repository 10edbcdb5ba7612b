#include "core/archive/top_names.hh"

#include <algorithm>
#include <utility>
#include <vector>

namespace kwit {

namespace {

std::uint64_t weight(const NameCount& count) {
    return count.count + count.before;
}

} // namespace

void TopNames::add(const std::string& name, const NameCount& count) {
    const auto known = names_.find(name);
    if (known != names_.end()) {
        known->second.count += count.count;
        known->second.before += count.before;
    } else if (names_.size() < limit_) {
        names_.emplace(name, count);
    } else if (names_.empty()) {
        rest_ += count.count;
    } else {
        const auto rarest =
            std::min_element(names_.begin(), names_.end(), [](const auto& a, const auto& b) {
                return weight(a.second) < weight(b.second);
            });
        const std::uint64_t before = count.before + weight(rarest->second);
        rest_ += rarest->second.count;
        names_.erase(rarest);
        names_.emplace(name, NameCount{count.count, before});
    }
}

void TopNames::add(const TopNames& other) {
    rest_ += other.rest_;
    // Those that are held already first: they must not leave for want of what is here for them.
    std::vector<const std::pair<const std::string, NameCount>*> fresh;
    for (const auto& entry : other.names_) {
        if (names_.contains(entry.first))
            add(entry.first, entry.second);
        else
            fresh.push_back(&entry);
    }
    for (const auto* const entry : fresh)
        add(entry->first, entry->second);
}

} // namespace kwit
