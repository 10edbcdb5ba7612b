// A look at the raw bytes of a mail as they stream into the spool, before any library sees them:
// counts what GMime 3.2.13 cannot take (thousands of headers or parts, nested groups in address
// headers, deep nesting). Chunks may be cut anywhere; memory is bounded by the limits.
//
// It leans to the safe side: where the bytes could be a header block or a delimiter to anybody,
// they count as one. Parts are MIME entities: each opening delimiter line of a declared boundary
// counts, containers and parts of attached mails too.
#pragma once

#include "core/base/bytes.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace kwit::mime {

/// All header blocks of a mail together, those of parts and attached mails too, may be as many
/// times `headers` and `header_bytes`.
constexpr std::uint64_t all_headers_factor = 16;

class Caps {
public:
    explicit Caps(const LimitSettings& limits);

    void feed(Bytes bytes);

    /// Each limit once, in the order in which it was broken; grows while bytes come.
    [[nodiscard]] const std::vector<Limit>& over() const { return over_; }

private:
    LimitSettings limits_;
    std::vector<Limit> over_{};
};

} // namespace kwit::mime
