// Limits on use: how much one import address, one client and one sender may send in an hour and a
// day. Beyond that the sender's server is told to come back later, so nothing is lost.
//
// They are looked at when a mail is begun and again when it is judged, not when it is filed: mails
// that come in at the same moment can go over a limit by as many as they are.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/commit.hh"
#include "core/model/facts.hh"
#include "core/model/rate.hh"
#include "core/model/verdict.hh"

#include <vector>

namespace kwit {

/// Whether the address and its client may get one more mail of that size; 0: it is not known yet.
/// `temporary` with Cause::rate_limited, which names the limit.
Result<void> check_recipient_rates(
    const Archive& archive,
    const RateSettings& rates,
    const RecipientFacts& recipient,
    std::uint64_t size,
    Time now
);

/// The same at the end, when it is known who wrote the mail too. Only a proven author is held to
/// the limit of senders: anybody else could use it up in their name.
Result<void> check_rates(
    const Archive& archive,
    const RateSettings& rates,
    const RecipientFacts& recipient,
    const Outcome& outcome,
    std::uint64_t size,
    Time now
);

/// What the mail counts for when it is taken: no more than what has a limit.
std::vector<UsageKey>
usage_keys(const RateSettings& rates, const RecipientFacts& recipient, const Outcome& outcome);

} // namespace kwit
