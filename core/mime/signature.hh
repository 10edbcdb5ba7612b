// DKIM-Signature headers (RFC 6376 §3.5) and the newest set of ARC headers (RFC 8617 §4) as facts:
// who signed, and what. Nothing is verified here; that is for the border's verifier.
#pragma once

#include "core/mime/header.hh"
#include "core/model/facts.hh"

#include <optional>
#include <span>
#include <vector>

namespace kwit::mime {

/// Signatures of one mail that are looked at; behind them stands one more that is not readable when
/// there are more.
constexpr std::size_t max_signatures = 100;

/// One for each DKIM-Signature, in the order of the mail.
std::vector<SignatureFacts> read_signatures(std::span<const HeaderField> fields);

/// The ARC set with the highest instance, when there is just one seal of it and it can be read.
std::optional<ArcSet> read_arc(std::span<const HeaderField> fields);

} // namespace kwit::mime
