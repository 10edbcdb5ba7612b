// Patterns of file names: "*" stands for any characters, "?" for one, everything else for itself,
// in upper or lower case. No other character is special: what offices write are names.
#pragma once

#include <cstddef>
#include <string_view>

namespace kwit {

constexpr std::size_t max_patterns = 50;
constexpr std::size_t max_pattern = 100; ///< bytes

/// Whether the pattern is the whole name. Bad patterns cost no more than the product of both
/// lengths.
bool matches_pattern(std::string_view name, std::string_view pattern);

/// 1 to max_pattern bytes of one line that some name may fit and not every one.
bool is_pattern(std::string_view pattern);

} // namespace kwit
