// SHA-256 (FIPS 180-4) as bytes stream by. The door to OpenSSL's digests.
#pragma once

#include "core/base/bytes.hh"

#include <array>
#include <memory>

struct evp_md_ctx_st;

namespace kwit {

using Sha256Value = std::array<std::byte, 32>;

class Sha256 {
public:
    Sha256();
    void update(Bytes bytes);

    void update(std::string_view text) { update(as_bytes(text)); }

    /// The digest of everything so far; the object is used up.
    Sha256Value finish() &&;

    /// The digest of everything so far; more may follow.
    [[nodiscard]] Sha256Value peek() const;

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };

    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256Value sha256(std::string_view text);

} // namespace kwit
