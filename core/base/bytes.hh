// Bytes: a view of raw memory. Never a member: what is kept owns its bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace kwit {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view as_text(Bytes bytes) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): char may alias every object.
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace kwit
