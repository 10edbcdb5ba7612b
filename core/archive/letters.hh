// Letters: mails that are owed to somebody without a mail that came in, such as cards and reports.
// What they say is decided when they are queued and stands in the outbox row.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/verdict.hh"

#include <cstddef>
#include <string>
#include <vector>

namespace kwit {

struct Letter {
    NoticeKind kind{}; ///< is_letter()
    std::string to{};
    std::string client{}; ///< that it is about; may be empty
    std::string domain{}; ///< the intake domain it is sent for; empty: the first one
    std::string subject{};
    std::string text{}; ///< lines end in LF
};

constexpr std::size_t max_letter_subject = 1000;    // bytes
constexpr std::size_t max_letter_text = 1UL << 20U; // bytes

/// All of them in one transaction with a journal entry for each; their outbox ids, in order.
/// `misuse` for a text that is empty, too long, no UTF-8 or has control characters, and for what is
/// no e-mail address; `refused` when the client is not there.
Result<std::vector<std::string>>
queue_letters(Archive& archive, const std::vector<Letter>& letters, const By& by);

} // namespace kwit
