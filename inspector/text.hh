// Texts out of documents as the protocol takes them.
#pragma once

#include <string>
#include <string_view>

namespace kwit::inspector {

/// One line of UTF-8 without control characters, of at most inspect::max_text bytes.
std::string clean_text(std::string_view text);

} // namespace kwit::inspector
