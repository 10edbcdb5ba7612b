// Letters: mails that are owed to somebody without a mail that came in, such as cards and reports.
// What they say is decided when they are queued and stands in the outbox row.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/receipt.hh"
#include "core/model/verdict.hh"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

struct Letter {
    NoticeKind kind{}; ///< is_letter()
    std::string to{};
    std::string client{}; ///< that it is about; may be empty
    std::string domain{}; ///< the intake domain it is sent for; empty: the first one
    std::string subject{};
    std::string text{};   ///< lines end in LF
    std::string html{};   ///< the same as HTML, without what is around it; empty: made of the text
    std::string locale{}; ///< its language; empty: the domain's
    bool to_sender = false; ///< of a summary: its notices were replies to a sender
};

constexpr std::size_t max_letter_subject = 1000;    // bytes
constexpr std::size_t max_letter_text = 1UL << 20U; // bytes
constexpr std::size_t max_letter_html = 4UL << 20U; // bytes

/// All of them in one transaction with a journal entry for each; their outbox ids, in order.
/// `misuse` for a text that is empty, too long, no UTF-8 or has control characters, and for what is
/// no e-mail address; `refused` when the client is not there.
Result<std::vector<std::string>>
queue_letters(Archive& archive, const std::vector<Letter>& letters, const By& by);

/// Rows that wait for the same reason as the first to be told together, to the same recipient, and
/// whose time has come; at most so many, the first among them.
Result<std::vector<OutboxRow>>
held_with(const Archive& archive, const OutboxRow& first, Time now, std::size_t max);

/// The letter takes the place of the rows: they leave, and the notices of their receipts are from
/// now on that letter. One transaction. Its outbox id; nothing, and nothing is changed, when a row
/// left meanwhile or a person wants it sent by itself: it would be told twice, so the letter has to
/// be worded anew.
Result<std::optional<std::string>> put_together(
    Archive& archive, const std::vector<OutboxRow>& rows, const Letter& letter, const By& by
);

} // namespace kwit
