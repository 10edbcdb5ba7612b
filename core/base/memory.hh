// How much memory there still is for this process: of the machine, and of the control groups (v2)
// that it is in, such as a service with MemoryMax=. Pages that only cache files count as free.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace kwit {

struct MemoryPlaces {
    std::filesystem::path proc = "/proc";
    std::filesystem::path groups = "/sys/fs/cgroup";
};

/// In bytes; nothing where the system does not tell.
std::optional<std::uint64_t> available_memory(const MemoryPlaces& places = {});

} // namespace kwit
