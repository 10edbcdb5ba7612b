#include "core/config/nearest.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <numeric>
#include <utility>

namespace kwit {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before; // two rows up, for swaps
    std::vector<std::size_t> above(b.size() + 1);
    std::iota(above.begin(), above.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row = {i};
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            std::size_t least = std::min({above[j] + 1, row[j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                least = std::min(least, before[j - 2] + 1);
            row.push_back(least);
        }
        before = std::exchange(above, std::move(row));
    }
    return above.back();
}

std::optional<std::string>
nearest_word(std::string_view word, const std::vector<std::string>& known) {
    constexpr std::size_t longest = 64; // nobody mistypes that much
    if (word.size() > longest) return std::nullopt;
    std::optional<std::string> best;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const std::size_t distance = edit_distance(lower(word), lower(candidate));
        // Two different single letters are one step apart and have nothing in common.
        if (distance >= least || distance >= candidate.size()) continue;
        least = distance;
        best = candidate;
    }
    return best;
}

} // namespace kwit
