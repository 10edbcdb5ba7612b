// Admission: how much is worked on at once, so that a crowd of mails is told "later" at RCPT and
// not in the middle, and ordinary mail has what it needs.
//
// Ends of message: Debian's libmilter runs callbacks on a pool of workers, and a crowd of slow ones
// would make other connections wait. Disk: what mails in hand will still write counts as taken.
// Memory and descriptors: some of each stay for connections that have nothing to do with us. One
// for all connections; safe to share.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/memory.hh"
#include "core/base/result.hh"
#include "core/model/settings.hh"

#include <atomic>
#include <cstdint>
#include <mutex>
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

    /// Room on the disk that is promised to one mail; given back when it goes out of scope.
    class Room {
    public:
        Room(Room&& other) noexcept
            : admission_(other.admission_), promised_(other.promised_), written_(other.written_) {
            other.admission_ = nullptr;
        }

        Room(const Room&) = delete;
        Room& operator=(const Room&) = delete;
        Room& operator=(Room&&) = delete;
        ~Room();

        /// Whether grow() to this size has anything to do.
        [[nodiscard]] bool needs_more_for(std::uint64_t size) const;

        /// Before the mail grows to this size: an error when it would not fit.
        Result<void> grow(const Archive& archive, std::uint64_t min_free, std::uint64_t size);

        /// So much of the mail is in its file: the file system counts it by itself.
        void wrote(std::uint64_t size);

    private:
        friend class Admission;

        Room(Admission* admission, std::uint64_t promised)
            : admission_(admission), promised_(promised) {}

        Admission* admission_;
        std::uint64_t promised_;    // in all
        std::uint64_t written_ = 0; // of it
    };

    /// A place, or nothing when limit places are taken.
    std::optional<Place> enter(std::uint32_t limit) {
        if (taken_.fetch_add(1) < limit) return Place(this);
        taken_.fetch_sub(1);
        return std::nullopt;
    }

    [[nodiscard]] bool full(std::uint32_t limit) const { return taken_.load() >= limit; }

    /// What keeps one more mail from being begun now, but for the disk: `temporary` with
    /// Cause::overloaded.
    [[nodiscard]] Result<void> check_load(const LimitSettings& limits);

    /// Whether a mail of that size would fit beside those that are promised room: `temporary` with
    /// Cause::storage_full. The size may be what its sender says; nothing: unknown.
    [[nodiscard]] Result<void> check_room(
        const Archive& archive, std::uint64_t min_free, const std::optional<std::uint64_t>& size
    ) const;

    /// The same, and keeps it.
    Result<Room> reserve(
        const Archive& archive, std::uint64_t min_free, const std::optional<std::uint64_t>& size
    );

    /// Bytes that are promised and not written yet.
    [[nodiscard]] std::uint64_t promised() const;

private:
    Result<void> promise(const Archive& archive, std::uint64_t min_free, std::uint64_t bytes);
    void take_back(std::uint64_t bytes);
    Result<void> check_memory(std::uint64_t least);

    std::atomic<std::uint32_t> taken_ = 0;
    mutable std::mutex mutex_;
    std::uint64_t promised_ = 0; // guarded by mutex_
    MemoryGauge memory_;
};

/// What to say when more mails end at once than the limit.
Error too_many_ends(std::uint32_t limit);

} // namespace kwit
