// Admission: how many ends of message are worked on at once. Debian's libmilter runs callbacks on a
// pool of workers, and a crowd of slow ones would make other connections wait, so past the limit
// the answer is "busy".
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace kwit {

class Admission {
public:
    /// One place among the ends of message; given back when it goes out of scope.
    class Place {
    public:
        Place(Place&& other) noexcept : admission_(other.admission_) { other.admission_ = nullptr; }

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        Place& operator=(Place&&) = delete;

        ~Place() {
            if (admission_ != nullptr) admission_->taken_.fetch_sub(1);
        }

    private:
        friend class Admission;

        explicit Place(Admission* admission) : admission_(admission) {}

        Admission* admission_;
    };

    /// A place, or nothing when limit places are taken.
    std::optional<Place> enter(std::uint32_t limit) {
        if (taken_.fetch_add(1) < limit) return Place(this);
        taken_.fetch_sub(1);
        return std::nullopt;
    }

    [[nodiscard]] bool full(std::uint32_t limit) const { return taken_.load() >= limit; }

private:
    std::atomic<std::uint32_t> taken_ = 0;
};

} // namespace kwit
