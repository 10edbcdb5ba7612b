// Complaints: errors that come again and again for as long as their cause lasts, with every mail
// perhaps. The first is told at once; what follows within a minute is counted, and the next one
// told says how many were held back. The log's own (log::complain); not for several threads at
// once.
#pragma once

#include "core/base/result.hh"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwit {

/// What went wrong and its remedy.
std::string sentence_of(const Error& error);

class Complaints {
public:
    using Clock = std::chrono::steady_clock;

    static constexpr auto pause = std::chrono::minutes(1);
    static constexpr std::size_t max_causes = 100; ///< past it they are counted together

    /// What is to be written now; nothing: it was counted. level: kept for rest().
    std::optional<std::string> tell(const Error& error, int level, Clock::time_point now);

    /// What was held back and is told without a new one, as its pause is over, each with its level.
    std::vector<std::pair<int, std::string>> rest(Clock::time_point now);

private:
    struct Cause {
        Clock::time_point told{};
        std::uint64_t held_back = 0;
        int level = 0;
        std::string last{}; ///< of those that were held back
    };

    std::map<std::string, Cause, std::less<>> causes_;
};

} // namespace kwit
