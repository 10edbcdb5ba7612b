// The facts of a mail's header block. Never fails: what cannot be read is a fact, and what can be
// read in two ways is an ambiguity. Several From headers are no ambiguity here; they stand in
// FromFacts.count. RFC 5322 §3.6, RFC 2045 §3, RFC 8601, RFC 6376 §3.5, RFC 8617 §4.
#pragma once

#include "core/mime/address_header.hh"
#include "core/mime/header.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <span>

namespace kwit::mime {

HeaderFacts read_headers(std::span<const HeaderField> fields, const LimitSettings& limits);

} // namespace kwit::mime
