// Characters as Unicode means them. The door to libunistring.
#pragma once

#include <string>
#include <string_view>

namespace kwit {

/// Normalization Form C (UAX 15), so that one name has one spelling; text that is not well-formed
/// UTF-8 comes back as it is.
std::string nfc(std::string_view text);

} // namespace kwit
