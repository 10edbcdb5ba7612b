// The files locale/*.toml as they were when kwit was built; written by locale/embed.py.
#pragma once

#include <span>
#include <string_view>

namespace kwit {

struct BuiltinText {
    std::string_view locale; ///< "pl"
    std::string_view toml;
};

/// In the order of their locales.
std::span<const BuiltinText> builtin_texts();

} // namespace kwit
