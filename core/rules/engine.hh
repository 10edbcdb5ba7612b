// The rules, in one table, run stage by stage over the facts of one import recipient: whether it is
// a provider's question for people (core/rules/forwarding.hh), sender, then
// the structure of the headers, the subject, the structure of the body, the documents. Pure: no
// file, clock, database or log, so that `kwit check` and the milter cannot differ. Findings come as
// listed in core/rules/findings.hh.
//
// The first finding about the sender ends the asking (a stranger learns nothing more), and so does
// one about structure or limits (what follows could not be trusted). Everything wrong with subject
// and documents is collected, so that it can be mended at once.
//
// Flags: "period-of-receipt", "year-change" (see period.hh), "subject-charset-unknown" (read as
// Latin-1), "subject-damaged" (not decoded cleanly), "address-replaced" (in its grace).
#pragma once

#include "core/base/time.hh"
#include "core/model/envelope.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"
#include "core/model/verdict.hh"

namespace kwit::rules {

struct Facts {
    const Envelope& envelope;
    const HeaderFacts& header;
    const BodyFacts* body; ///< null at the end of headers
    const RecipientFacts& recipient;
    const TrustSettings& trust;
    const LimitSettings& limits;
    Time now; ///< when the mail was received
};

/// The outcome for one recipient, before the others are known: `refused` for a sender problem,
/// otherwise `imported`, `partial` or `failed`; no notices (see settle.hh). At the end of headers
/// nothing is filed yet: without findings that only means that nothing is wrong so far.
Outcome judge(const Facts& facts);

} // namespace kwit::rules
