#include "core/model/digest.hh"

#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

constexpr std::size_t brief_digits = 12;

std::optional<unsigned> nibble(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    return std::nullopt;
}

} // namespace

Result<Digest> Digest::parse(std::string_view hex) {
    const auto bad = [&] {
        return fail(
            Kind::misuse,
            fmt::format("\"{}\" is not a SHA-256: 64 digits of 0-9a-f are expected", hex)
        );
    };
    Sha256Value value{};
    if (hex.size() != 2 * value.size()) return bad();
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto high = nibble(hex[2 * i]);
        const auto low = nibble(hex[2 * i + 1]);
        if (!high || !low) return bad();
        value.at(i) = static_cast<std::byte>(*high << 4U | *low);
    }
    return Digest(value);
}

Result<Digest> Digest::from_bytes(Bytes bytes) {
    Sha256Value value{};
    if (bytes.size() != value.size())
        return fail(
            Kind::corrupt, fmt::format("a SHA-256 of {} bytes, 32 are expected", bytes.size())
        );
    std::copy(bytes.begin(), bytes.end(), value.begin());
    return Digest(value);
}

std::string Digest::hex() const {
    return to_hex(as_text(bytes()));
}

std::string Digest::brief() const {
    return hex().substr(0, brief_digits);
}

} // namespace kwit
