// Who sent the mail, and what proves it. A From: line alone proves nothing: it takes a SASL login
// of that address, or a result for its domain in an Authentication-Results header (RFC 8601) that
// our own border wrote.
#pragma once

#include "core/model/envelope.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <optional>
#include <string>
#include <string_view>

namespace kwit::rules {

/// The author: exactly one From header with exactly one mailbox (field by field, nothing else
/// substitutes it). Null otherwise. Lives as long as the facts.
const EmailAddress* sole_author(const FromFacts& from);

struct Proof {
    std::string method; ///< "login", "dkim", "dmarc", "spf": what receipts hold
    std::string note;   ///< for people: "dkim pass for mail.kunde.example"
};

/// The strongest single proof that the author wrote the mail, in the order login, dkim, dmarc, spf;
/// nothing when there is none. Alignment is relaxed (RFC 7489 §3.1): same registrable domain. SPF
/// counts for the envelope sender only, never for HELO.
std::optional<Proof> proof_of(
    const EmailAddress& author,
    const HeaderFacts& header,
    const Envelope& envelope,
    const RecipientFacts& recipient,
    const TrustSettings& trust
);

/// Whether two domains are the same, or parts of one registrable domain. Anything that is not
/// cleanly a domain name is aligned with nothing.
bool aligned(std::string_view one, std::string_view other);

} // namespace kwit::rules
