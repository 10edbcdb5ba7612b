// Who sent the mail, and what proves it. A From: line alone proves nothing: it takes a SASL login
// or a client certificate of that sender, or results for its domain in Authentication-Results
// headers (RFC 8601) that our own border wrote. What is behind it: docs/sender-authentication.md.
#pragma once

#include "core/model/envelope.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"
#include "core/rules/results.hh"

#include <optional>
#include <string>
#include <vector>

namespace kwit::rules {

/// The author: exactly one From header with exactly one mailbox (field by field, nothing else
/// substitutes it). Null otherwise. Lives as long as the facts.
const EmailAddress* sole_author(const FromFacts& from);

struct Proof {
    std::string method; ///< "login", "certificate", "dmarc", "dkim", "spf", "arc", "via", "secret":
                        ///< what receipts hold
    std::string note;   ///< for people: "dkim pass for mail.kunde.example"
};

struct Proven {
    std::optional<Proof> proof{};      ///< the first in the order of Proof::method
    std::vector<std::string> doubts{}; ///< for people: what was seen and did not count
};

Proven proof_of(
    const EmailAddress& author,
    const HeaderFacts& header,
    const Envelope& envelope,
    const RecipientFacts& recipient,
    const TrustSettings& trust
);

} // namespace kwit::rules
