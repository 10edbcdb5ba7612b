// File names that senders choose, made fit for showing and storing. They are words for people,
// never paths.
#pragma once

#include <string>
#include <string_view>

namespace kwit::mime {

constexpr std::size_t max_filename = 200; ///< bytes

/// Without path parts, controls, bidi controls, zero-width characters, blanks and dots at the ends;
/// NFC; cut to max_filename with its extension kept. Nothing may remain: "".
std::string clean_filename(std::string_view name);

} // namespace kwit::mime
