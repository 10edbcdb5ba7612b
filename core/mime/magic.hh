// What bytes are by their content, from the head of a part and its length. Declared types and names
// are not looked at.
#pragma once

#include "core/model/format.hh"

#include <cstdint>
#include <string_view>

namespace kwit::mime {

/// As many bytes from the beginning are enough to tell every format.
constexpr std::size_t magic_head = 8192;

/// head: the first min(size, magic_head) bytes; size: of the whole part.
Format recognise(std::string_view head, std::uint64_t size);

} // namespace kwit::mime
