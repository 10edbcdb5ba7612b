// What comes back to us: mails to the address of a notice (bounce+ID@domain), and our own notices
// that somebody's mailbox sends to an import address. docs/decisions/0004 says why each is what it
// is.
#pragma once

#include "core/archive/archive.hh"
#include "core/intake/spool.hh"
#include "core/mime/header.hh"
#include "core/model/envelope.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <span>
#include <string>

namespace kwit {

/// What a mail to the address of a notice means for that notice.
struct Returned {
    bool bounced = false; ///< whoever it was for does not have it
    std::string why{};    ///< for the log
};

/// What the headers say, read before they are gone.
struct ReturnMarks {
    bool null_sender = false;
    bool report = false;    ///< a multipart/report
    bool automatic = false; ///< another mark of a machine, which is no bounce by itself
    bool failed_recipients = false;
};

ReturnMarks return_marks(
    const Envelope& envelope, const HeaderFacts& header, std::span<const mime::HeaderField> fields
);

/// The whole mail. An Error is ours.
Result<Returned> read_returned(const ReturnMarks& marks, Spool& spool, const LimitSettings& limits);

/// Whether the mail is one of our notices, or an answer that a machine wrote to one.
Result<bool>
is_own_notice(const Archive& archive, const HeaderFacts& header, const ReturnMarks& marks);

} // namespace kwit
