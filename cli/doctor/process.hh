// Runs a program of the system and takes what it says; never through a shell, and not for ever.
#pragma once

#include "core/base/result.hh"

#include <chrono>
#include <string>
#include <vector>

namespace kwit::cli::doctor {

struct Said {
    int code = 0; ///< its exit code; 128 and the signal's number when a signal ended it
    std::string out{};
    std::string err{};
};

inline constexpr std::size_t max_said = 16UL << 20U; ///< of each stream

/// words[0] is looked for in $PATH and in /usr/sbin. `misuse` when it cannot be started, or when it
/// says too much or takes too long: then it is killed.
Result<Said> run_program(
    const std::vector<std::string>& words,
    std::chrono::milliseconds patience = std::chrono::seconds(30)
);

} // namespace kwit::cli::doctor
