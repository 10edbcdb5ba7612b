// How near the domain that vouches for a mail must be to the author's (RFC 7489 §3.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kwit {

enum class Alignment : std::uint8_t {
    relaxed, ///< parts of one registrable domain
    strict,  ///< the same domain
};

constexpr std::string_view name_of(Alignment alignment) {
    return alignment == Alignment::strict ? "strict" : "relaxed";
}

/// The inverse of name_of(); nothing for an unknown word.
constexpr std::optional<Alignment> alignment_named(std::string_view name) {
    if (name == "relaxed") return Alignment::relaxed;
    if (name == "strict") return Alignment::strict;
    return std::nullopt;
}

} // namespace kwit
