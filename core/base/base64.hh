// Base64 as RFC 2045 §6.8 has it, the way out. (The way in, strict and told of every damage, is
// core/mime/decode.)
#pragma once

#include "core/base/bytes.hh"

#include <cstdint>
#include <string>

namespace kwit {

/// Appends the characters for these bytes, padded where they end inside a group: text is cut in
/// multiples of three bytes, or it is not what the whole would be.
void append_base64(Bytes bytes, std::string& out);

/// Characters that so many bytes make, without line ends.
constexpr std::uint64_t base64_length(std::uint64_t bytes) {
    return (bytes + 2) / 3 * 4;
}

} // namespace kwit
