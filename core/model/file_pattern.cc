#include "core/model/file_pattern.hh"

#include "core/base/text.hh"
#include "core/base/unicode.hh"

#include <optional>
#include <string>

namespace kwit {

namespace {

/// Case is a matter of people, and so is whether "ä" is one character or two.
std::u32string characters(std::string_view text) {
    std::u32string out;
    each_code_point(upper_text(text), [&out](char32_t c) { out += c; });
    return out;
}

struct Star {
    std::size_t pattern; ///< behind it
    std::size_t name;    ///< where what it stands for ends
};

bool matches(std::u32string_view name, std::u32string_view pattern) {
    std::size_t at = 0;
    std::size_t in = 0;
    std::optional<Star> star; // only the last one: an earlier one need not stand for more
    while (at < name.size()) {
        if (in < pattern.size() && pattern[in] == U'*') {
            star = Star{++in, at};
        } else if (in < pattern.size() && (pattern[in] == U'?' || pattern[in] == name[at])) {
            ++in;
            ++at;
        } else if (star) {
            in = star->pattern;
            at = ++star->name;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of(U'*', in) == std::u32string_view::npos;
}

} // namespace

bool matches_pattern(std::string_view name, std::string_view pattern) {
    return matches(characters(name), characters(pattern));
}

bool is_pattern(std::string_view pattern) {
    if (pattern.size() > max_pattern || !is_plain_text(pattern)) return false;
    // Names have lost these, and what stood before the last slash of either kind.
    bool tame = pattern.find_first_of("\n\t/\\") == std::string_view::npos;
    each_code_point(pattern, [&tame](char32_t c) { tame = tame && !is_invisible(c); });
    return tame && pattern.find_first_not_of("*?") != std::string_view::npos;
}

} // namespace kwit
