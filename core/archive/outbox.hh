// The outbox: the mails we owe, one row per recipient. Rows are made by keep() (commit.hh) and
// queue_letters() (letters.hh); what became of each stands in the journal and, but for letters, in
// its receipt's notices.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/receipt.hh"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

Result<std::optional<OutboxRow>> find_outbox(const Archive& archive, std::string_view id);

/// `refused` when there is none.
Result<OutboxRow> get_outbox(const Archive& archive, std::string_view id);

/// Calls step for each; a letter may be long, so a walk holds few of them at a time.
Result<void> each_outbox(
    const Archive& archive,
    const Page& page,
    const std::function<Result<lmdb::Walk>(const OutboxRow&)>& step
);

Result<std::vector<OutboxRow>> list_outbox(const Archive& archive, const Page& page = {});

/// No row is ever put off for so long: one that seems to be was put off before the clock went back.
constexpr auto longest_wait = std::chrono::minutes(65);

/// The same for a row that is held for a digest: a day, one that a change of the clocks has no such
/// hour on, and a change of the clocks.
constexpr auto longest_hold = std::chrono::hours(50);

/// Queued rows whose time has come, the longest due first; then those that would wait impossibly
/// long.
Result<std::vector<OutboxRow>> due_outbox(const Archive& archive, Time now, std::size_t limit);

/// The mail transport has taken it: the row leaves.
Result<void>
mark_sent(Archive& archive, std::string_view id, const std::string& queue_id, const By& by);

/// It could not be handed over now: one attempt more, and the next one at that time.
Result<void>
mark_retry(Archive& archive, std::string_view id, const std::string& error, Time next_attempt);

/// No more attempts; the row stays for people to see.
Result<void>
mark_dead(Archive& archive, std::string_view id, const std::string& error, const By& by);

/// A person wants it tried again now, whatever its state, and as long as a new one.
Result<void> retry_outbox(Archive& archive, std::string_view id, const By& by);

/// A person wants it never sent: the row leaves.
Result<void> drop_outbox(Archive& archive, std::string_view id, const By& by);

/// The notice came back: its receipt becomes unresolved; once, however often it comes back.
/// `refused` for an id that was never owed.
Result<void> mark_bounced(Archive& archive, std::string_view id, const By& by);

} // namespace kwit
