#include "core/rules/categories.hh"

#include "core/base/text.hh"
#include "core/base/unicode.hh"

#include <algorithm>

namespace kwit::rules {

namespace {

std::u32string letters_of(std::string_view category) {
    std::u32string letters;
    each_code_point(upper_text(category), [&letters](char32_t c) { letters += c; });
    return letters;
}

/// Whether the longer is the shorter with one letter more.
bool one_more(std::u32string_view shorter, std::u32string_view longer) {
    if (longer.size() != shorter.size() + 1) return false;
    const auto [at, there] = std::mismatch(shorter.begin(), shorter.end(), longer.begin());
    return std::equal(at, shorter.end(), there + 1);
}

bool one_changed(std::u32string_view a, std::u32string_view b) {
    if (a.size() != b.size()) return false;
    const auto [at, there] = std::mismatch(a.begin(), a.end(), b.begin());
    if (at == a.end()) return false;
    if (std::equal(at + 1, a.end(), there + 1)) return true;
    const bool swapped = at + 1 != a.end() && at[0] == there[1] && at[1] == there[0];
    return swapped && std::equal(at + 2, a.end(), there + 2);
}

} // namespace

const std::string* category_named(const Policy& policy, std::string_view read) {
    const std::string wanted = upper_text(read);
    const auto found = std::find_if(
        policy.categories.begin(),
        policy.categories.end(),
        [&wanted](const std::string& category) { return upper_text(category) == wanted; }
    );
    return found == policy.categories.end() ? nullptr : &*found;
}

std::vector<std::string> categories_near(const Policy& policy, std::string_view read) {
    const std::u32string wanted = letters_of(read);
    std::vector<std::string> near;
    for (const std::string& category : policy.categories) {
        const std::u32string letters = letters_of(category);
        if (one_changed(wanted, letters) || one_more(wanted, letters) || one_more(letters, wanted))
            near.push_back(category);
    }
    return near;
}

} // namespace kwit::rules
