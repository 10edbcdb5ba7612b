// The name of an object: the SHA-256 of its bytes, as `sha256sum` prints it.
#pragma once

#include "core/base/result.hh"
#include "core/base/sha256.hh"

#include <compare>
#include <string>
#include <string_view>

namespace kwit {

class Digest {
public:
    explicit Digest(const Sha256Value& value) : value_(value) {}

    /// 64 lower-case hexadecimal digits.
    static Result<Digest> parse(std::string_view hex);

    /// 32 raw bytes; `corrupt` for any other length.
    static Result<Digest> from_bytes(Bytes bytes);

    [[nodiscard]] std::string hex() const;

    /// The first 12 digits, for people.
    [[nodiscard]] std::string brief() const;

    [[nodiscard]] Bytes bytes() const { return value_; }

    friend auto operator<=>(const Digest&, const Digest&) = default; // NOLINT

private:
    Sha256Value value_;
};

} // namespace kwit
