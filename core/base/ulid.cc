#include "core/base/ulid.hh"

#include "core/base/random.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t text_size = 26;

void set_time(std::array<std::uint8_t, 16>& bytes, Time time) {
    const auto ms = static_cast<std::uint64_t>(time.time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i)
        bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
}

} // namespace

Result<Ulid> Ulid::parse(std::string_view text) {
    const auto bad = [&] {
        return fail(
            Kind::misuse,
            fmt::format("\"{}\" is not an id: 26 letters and digits are expected", text)
        );
    };
    if (text.size() != text_size || text[0] > '7') return bad();
    // 26 characters of 5 bits are 130; the first two are zero (its character is at most 7).
    std::array<std::uint8_t, 16> bytes{};
    std::uint32_t held = 0;
    int bits = -2;
    std::size_t at = 0;
    for (const char c : text) {
        const std::size_t value =
            alphabet.find(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
        if (value == std::string_view::npos) return bad();
        held = (held << 5U) | static_cast<std::uint32_t>(value);
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        bytes.at(at++) = static_cast<std::uint8_t>(held >> static_cast<unsigned>(bits));
    }
    return Ulid(bytes);
}

Ulid Ulid::random(Time time) {
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes.data(), bytes.size());
    set_time(bytes, time);
    return Ulid(bytes);
}

Ulid Ulid::mint(Time time, const Ulid& last) {
    const Ulid fresh = random(time);
    if (fresh > last) return fresh;
    std::array<std::uint8_t, 16> bytes = last.bytes_;
    for (std::size_t i = bytes.size(); i-- > 0;)
        if (++bytes.at(i) != 0) break;
    return Ulid(bytes);
}

Ulid Ulid::first_of(Time time) {
    std::array<std::uint8_t, 16> bytes{};
    set_time(bytes, time);
    return Ulid(bytes);
}

std::string Ulid::text() const {
    std::string out;
    std::uint32_t held = 0;
    unsigned bits = 2; // two zero bits in front make 130
    for (const std::uint8_t byte : bytes_) {
        held = (held << 8U) | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out += alphabet[(held >> bits) & 0x1FU];
        }
    }
    return out;
}

Time Ulid::time() const {
    std::uint64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i)
        ms = (ms << 8U) | bytes_[i];
    return Time(Milliseconds(static_cast<std::int64_t>(ms)));
}

} // namespace kwit
