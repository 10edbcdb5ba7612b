// ULID: 48 bits of milliseconds and 80 random bits, 26 characters of Crockford's base 32, which
// sort by time. Records are named by them; the archive mints them inside its write transaction (see
// mint()).
#pragma once

#include "core/base/result.hh"
#include "core/base/time.hh"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace kwit {

class Ulid {
public:
    /// Case-insensitive; the letters I, L, O and U are not in the alphabet.
    static Result<Ulid> parse(std::string_view text);

    /// A random one for the time.
    static Ulid random(Time time);

    /// Greater than last, and for the time unless the clock went back: last + 1 then.
    static Ulid mint(Time time, const Ulid& last);

    /// The smallest ULID of a time: the lower end of a range of ids.
    static Ulid first_of(Time time);

    static Ulid from_bytes(const std::array<std::uint8_t, 16>& bytes) { return Ulid(bytes); }

    [[nodiscard]] std::string text() const;

    /// 16 bytes, big-endian: they sort as the text does.
    [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

    [[nodiscard]] Time time() const;

    // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 about defaulted <=>.
    friend auto operator<=>(const Ulid&, const Ulid&) = default;

private:
    explicit Ulid(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}

    std::array<std::uint8_t, 16> bytes_;
};

} // namespace kwit
