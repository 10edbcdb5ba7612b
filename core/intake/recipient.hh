// One import recipient of a mail: who it is for, looked up at RCPT, and what else the directory
// knows about the mail once its headers are read.
#pragma once

#include "core/archive/archive.hh"
#include "core/intake/answer.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <string>
#include <variant>
#include <vector>

namespace kwit {

struct ImportRecipient {
    RecipientFacts facts;
    std::vector<std::string> written;   ///< as the MTA wrote it, for taking it out of the envelope;
                                        ///< twice for a repeated RCPT
    std::vector<std::string> secrets{}; ///< that stood in it
};

/// The address as an import recipient, or why it is none now.
Result<std::variant<ImportRecipient, Finding>> look_up(
    const Archive& archive,
    const Settings& settings,
    const DomainSettings& domain,
    const EmailAddress& address,
    Time now
);

/// Adds what depends on the mail: the reading of its subject, the sender, the user of the code,
/// what the envelope proves.
Result<void> complete(
    ImportRecipient& recipient,
    const Archive& archive,
    const HeaderFacts& header,
    const Envelope& envelope,
    Time now
);

} // namespace kwit
