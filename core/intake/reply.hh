// The one table from findings to SMTP: reply code, enhanced code (RFC 3463) and text of at most a
// few lines of ASCII, as RFC 5321 §4.2 and libmilter's smfi_setmlreply() want them.
#pragma once

#include "core/config/texts.hh"
#include "core/intake/answer.hh"

#include <string>
#include <vector>

namespace kwit {

struct SmtpReply {
    std::string code;     ///< "550"
    std::string enhanced; ///< "5.7.1"
    std::vector<std::string>
        lines; ///< at least one, each at most 400 bytes, no CR or LF, not yet escaped for libmilter

    [[nodiscard]] bool temporary() const { return code.front() == '4'; }

    /// As a client sees it, for `kwit check` and the log: "550 5.7.1 sender-not-registered: …".
    [[nodiscard]] std::string text() const;
};

SmtpReply reply_to(const Refusal& refusal, const Texts& texts);

} // namespace kwit
