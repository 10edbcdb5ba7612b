// The known word that a mistyped one was probably meant to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

/// The fewest letters to insert, leave out, change or swap with a neighbour to make b of a.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of the words, case ignored, unless it is more than a third of the letters away.
std::optional<std::string>
nearest_word(std::string_view word, const std::vector<std::string>& known);

} // namespace kwit
