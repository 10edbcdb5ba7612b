// How much memory there is, and still is, for this process: of the machine, and of the control
// groups (v2) that it is in, such as a service with MemoryMax=. Pages that only cache files count
// as free.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>

namespace kwit {

struct MemoryPlaces {
    std::filesystem::path proc = "/proc";
    std::filesystem::path groups = "/sys/fs/cgroup";
};

/// In bytes; nothing where the system does not tell.
std::optional<std::uint64_t> available_memory(const MemoryPlaces& places = {});

/// All that there is, used or not: the most that could ever hold what files are cached. In bytes;
/// nothing where the system does not tell.
std::optional<std::uint64_t> total_memory(const MemoryPlaces& places = {});

/// The same for who asks often: the kernel adds up its counters of all processors each time, so it
/// is asked every so often alone. Safe to share between threads.
class MemoryGauge {
public:
    using Clock = std::chrono::steady_clock;

    /// How old an answer may be. In that time a few dozen mails begin, of a MiB or two each.
    static constexpr std::chrono::milliseconds fresh{100};

    std::optional<std::uint64_t> available(Clock::time_point now = Clock::now());

private:
    std::mutex mutex_;
    std::optional<Clock::time_point> looked_{};
    std::optional<std::uint64_t> available_{};
};

} // namespace kwit
