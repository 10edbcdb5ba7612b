// SMTP has one answer for all recipients of a mail: settles the outcomes of its import recipients
// with each other, and plans who is told. Pure, like the rules.
#pragma once

#include "core/model/envelope.hh"
#include "core/model/facts.hh"
#include "core/model/verdict.hh"

#include <cstdint>
#include <optional>
#include <span>

namespace kwit::rules {

/// One import recipient of the mail with what judge() said.
struct Judged {
    const RecipientFacts& recipient;
    Outcome outcome;
};

/// Whether the envelope has ordinary recipients beside the import addresses: then the mail is taken
/// whatever becomes of our part.
enum class Others : std::uint8_t { none, some };

/// The finding that SMTP answers with a 5xx; nothing: 250. Fills in the final verdict and the
/// notices of each outcome. All refused: no notices.
///
/// Told is at most one notice an address and outcome, never one to an import address of the mail;
/// nobody is told of our own notices that come back, nor a machine that its own mail failed.
/// A failure notice of an outcome with sender_problem is one line without the mail.
std::optional<Finding>
settle(std::span<Judged> mail, const Envelope& envelope, const HeaderFacts& header, Others others);

/// The 5xx that is certain at the end of headers whatever the body holds, from outcomes judged
/// without a body; settle() on the same outcomes answers the same and marks them refused.
std::optional<Finding> refusal_at_headers(
    std::span<const Judged> mail, const Envelope& envelope, const HeaderFacts& header, Others others
);

} // namespace kwit::rules
