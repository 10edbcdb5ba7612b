// Percent-encoding as RFC 2231 and URLs have it.
#pragma once

#include <string>
#include <string_view>

namespace kwit::mime {

/// The value of a hexadecimal digit; -1 for anything else.
int hex_value(char c);

/// "%41" becomes "A"; a "%" without two digits stays as it is and sets damaged.
std::string percent_decoded(std::string_view text, bool& damaged);

} // namespace kwit::mime
