// Rehearsal: a mail goes through the very code of the milter, up to the decision and no further.
// Nothing is written but nameless temporary files, and none of them in the archive.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/intake/intake.hh"
#include "core/model/email_address.hh"
#include "core/model/envelope.hh"
#include "core/model/receipt.hh"
#include "core/model/verdict.hh"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kwit::cli {

/// What kwit would answer for one recipient, and why.
struct Rehearsed {
    std::string address;
    std::string client{}; ///< with policy and locale: empty when it is no import address in use
    std::string policy{};
    std::string locale{};
    std::optional<std::string> reply{}; ///< nothing: no business of ours, the MTA answers
    std::optional<Verdict> verdict{};   ///< nothing: not decided, for want of business or for now
    std::vector<Finding> findings{};    ///< the reasons
    std::vector<PartRecord> parts{};
    std::optional<Outcome> outcome{};
};

/// One Rehearsed for each recipient, in order. mail: the message, lines ending in LF or CRLF.
/// `misuse` when the file is no message.
Result<std::vector<Rehearsed>> rehearse(
    Intake& intake,
    const std::shared_ptr<const Snapshot>& snapshot,
    const Envelope& envelope,
    const std::vector<EmailAddress>& recipients,
    const File& mail
);

} // namespace kwit::cli
