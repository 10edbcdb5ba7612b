// Sending what an archive owes, for the proofs of the submitter.
#pragma once

#include "core/archive/archive.hh"
#include "tests/crash/record.hh"
#include "tests/unit/outbox/smtp_server.hh"

#include <cstddef>
#include <string>
#include <vector>

namespace kwit::crash {

using Lines = std::vector<std::string>;

/// Rounds at noon of the day after, when all that is owed is due, until there is nothing more; how
/// many mails were sent.
std::size_t send_due(Archive& archive, const std::string& url);

/// The outbox ids that an archive owes, in their order.
Lines owed_by(const Archive& archive);

/// What had been taken by the first `cut` events: the server's answers that were heard.
std::vector<test::TakenMail> heard_by(
    const std::vector<Event>& events, std::size_t cut, const std::vector<test::TakenMail>& taken
);

std::string in_one(const Lines& lines);

} // namespace kwit::crash
