// Decide: from a mail in the spool to an outcome for each import recipient and one answer for SMTP.
// Reads and writes nothing but nameless temporary files; what it decides is kept by keep.hh, or
// shown by `kwit check`.
#pragma once

#include "core/base/file.hh"
#include "core/inspect/pool.hh"
#include "core/intake/recipient.hh"
#include "core/intake/spool.hh"
#include "core/mime/examine.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"
#include "core/model/verdict.hh"
#include "core/rules/settle.hh"

#include <map>
#include <optional>
#include <vector>

namespace kwit {

/// What is known of the mail besides its body.
struct MailHead {
    const Envelope& envelope;
    const HeaderFacts& header;
    const std::vector<ImportRecipient>& recipients;
    rules::Others others = rules::Others::none;
    const Settings& settings;
    Time received_at;
};

struct Decision {
    std::vector<rules::Judged>
        recipients{};                 ///< in the order of MailHead::recipients, to which they refer
    std::optional<Finding> refusal{}; ///< the 5xx; nothing: the mail is taken
    BodyFacts body{};
    std::map<Digest, TempFile> files{}; ///< decoded parts that may be filed
};

/// What is already certain at the end of headers; its body is empty.
Decision decide_on_headers(const MailHead& head);

/// The whole mail. What holds other files is opened on the way, and PDFs that somebody would file
/// are looked into; what keeps that from being done is an Error.
Result<Decision> decide(
    const MailHead& head,
    Spool& spool,
    const mime::MakeTemp& make_temp,
    const inspect::Inspect& inspect,
    const inspect::Unpack& unpack
);

/// The Decision for a mail whose body is not looked into, because of a limit it went over.
Decision decide_without_body(const MailHead& head, std::vector<Limit> over);

/// The same refusal for every recipient, whatever its policy.
Decision refuse_everyone(const MailHead& head, const Finding& finding);

} // namespace kwit
