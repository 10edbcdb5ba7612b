#include "core/outbox/submitter.hh"

#include "core/archive/letters.hh"
#include "core/archive/originals.hh"
#include "core/archive/outbox.hh"
#include "core/base/log.hh"
#include "core/outbox/facts.hh"
#include "core/outbox/together.hh"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>

namespace kwit::outbox {

namespace {

constexpr std::string_view who = "kwit-milter";
constexpr Milliseconds first_pause = std::chrono::minutes(1);
constexpr Milliseconds longest_pause = std::chrono::hours(1);
static_assert(longest_pause < longest_wait);
/// Other processes change the outbox too and cannot poke. A look is one read of the index.
constexpr Milliseconds look_again = std::chrono::seconds(1);
constexpr Milliseconds transport_pause = std::chrono::seconds(5);
constexpr Milliseconds longest_step = std::chrono::minutes(10); // of the archive

std::string said(const Error& error) {
    return error.remedy.empty() ? error.what : fmt::format("{} ({})", error.what, error.remedy);
}

/// What is due, worked off with what one round knows.
class Batch {
public:
    Batch(
        const Doors& doors,
        const View& view,
        Time time,
        const std::stop_token& stop,
        Remembered& remembered,
        Pulse& pulse
    )
        : doors_(doors), view_(view), timeouts_(doors.timeouts), time_(time), stop_(stop),
          remembered_(remembered), unmarked_(remembered.unmarked), pulse_(pulse) {}

    /// An error: the archive cannot be used, or cannot note what became of a row.
    Result<Round> run() {
        const Due now = TRY(due());
        for (const Error& error : now.unreadable)
            tell_once(Error(error).in("a notice waits that cannot be read"));
        round_.more = now.rows.size() == Submitter::batch;
        std::set<std::string> told; // in a letter that this batch made
        for (const OutboxRow& row : now.rows) {
            if (stop_.stop_requested()) break;
            pulse_.promise(timeouts_.connect + timeouts_.whole + timeouts_.grace + longest_step);
            TRY(work_on(row, told));
        }
        return round_;
    }

private:
    void tell_once(const Error& error) {
        if (remembered_.told.insert(error.what).second) log::complain("", error);
    }

    Result<void> work_on(const OutboxRow& row, std::set<std::string>& told) {
        if (row.held == Held::no) return work(row);
        if (told.contains(row.id)) return {};
        return put_together_with(row, told);
    }

    [[nodiscard]] Result<Due> due() const {
        const auto archive = TRY(doors_.archive());
        return due_outbox(*archive, time_, Submitter::batch);
    }

    /// Of what is held for the same recipient, those of one intake domain.
    Result<std::vector<NoticeFacts>>
    gather_held(const Archive& archive, const std::vector<OutboxRow>& rows) {
        std::vector<NoticeFacts> notices;
        for (const OutboxRow& row : rows) {
            auto facts = gather(archive, row);
            if (!facts) {
                TRY(note_failed(row, facts.error(), ""));
                continue;
            }
            const bool together =
                notices.empty() || domain_of_notice(*facts) == domain_of_notice(notices.front());
            if (!together) continue;
            facts->receipt.parts.clear(); // not told of there, and there may be many
            notices.push_back(*std::move(facts));
        }
        return notices;
    }

    /// Makes one letter of it. Rows of another intake domain, and those that came to an end here,
    /// are for the next round.
    Result<void> put_together_with(const OutboxRow& first, std::set<std::string>& told) {
        const auto archive = TRY(doors_.archive());
        const auto rows = TRY(held_with(*archive, first, time_, max_together));
        for (const OutboxRow& row : rows)
            told.insert(row.id);
        const auto notices = TRY(gather_held(*archive, rows));
        round_.more = true; // the letter is due, or to be worded anew
        if (notices.empty()) return {};
        std::vector<OutboxRow> together;
        together.reserve(notices.size());
        for (const NoticeFacts& facts : notices)
            together.push_back(facts.row);
        const auto made = make_letter(*archive, notices, together);
        // A bug, or an office's own texts may be what no letter can say.
        if (!made && made.error().kind == Kind::misuse)
            return release(*archive, together, made.error());
        const auto id = TRY(made);
        if (!id) return {};
        ++round_.together;
        log::info(
            "",
            fmt::format("{} notices to {} are told together in {}", together.size(), first.to, *id)
        );
        return {};
    }

    /// Its id; nothing when it has to be worded anew.
    Result<std::optional<std::string>> make_letter(
        Archive& archive,
        const std::vector<NoticeFacts>& notices,
        const std::vector<OutboxRow>& together
    ) {
        const Letter letter = TRY(word_guarded(notices));
        return put_together(archive, together, letter, {std::string(who), time_});
    }

    /// Each goes its way by itself: told too often is better than not at all.
    Result<void> release(Archive& archive, const std::vector<OutboxRow>& rows, const Error& error) {
        log::error(
            "",
            fmt::format(
                "{} notices to {} are sent one by one, as no letter can tell of them: {}",
                rows.size(),
                rows.front().to,
                said(error)
            )
        );
        return release_held(archive, rows, {std::string(who), time_});
    }

    Result<Letter> word_guarded(const std::vector<NoticeFacts>& notices) {
        try {
            return letter_together(notices, *view_.settings, *view_.texts);
        } catch (const std::exception& bug) {
            return fail(Kind::misuse, fmt::format("a bug in the letter: {}", bug.what()));
        }
    }

    Result<void> work(const OutboxRow& row) {
        if (const auto done = unmarked_.find(row.id); done != unmarked_.end()) {
            const Submitted submitted = done->second; // noted, it is no longer remembered
            return note_sent(row, submitted, "");
        }
        if (unreachable_) return note_failed(row, *unreachable_, "");
        std::string queue_id;
        auto archive = TRY(doors_.archive());
        const auto submitted = send_guarded(std::move(archive), row, queue_id);
        if (submitted) return note_sent(row, *submitted, queue_id);
        if (stop_.stop_requested()) return {}; // it was broken off: no attempt
        if (submitted.error().cause == Cause::unreachable) {
            unreachable_ = submitted.error();
            round_.unreachable = true;
            // Told once, not at every look.
            if (!remembered_.transport_away)
                log::warning(
                    "", fmt::format("no notices can be sent now: {}", said(*unreachable_))
                );
            remembered_.transport_away = true;
        }
        return note_failed(row, submitted.error(), queue_id);
    }

    /// A bug that one row meets must end neither the milter nor the other rows' way.
    Result<Submitted>
    send_guarded(std::shared_ptr<Archive> archive, const OutboxRow& row, std::string& queue_id) {
        try {
            return send(std::move(archive), row, queue_id);
        } catch (const std::exception& bug) {
            return fail(Kind::temporary, fmt::format("a bug in the notice: {}", bug.what()));
        }
    }

    /// Nothing when there is none to attach, or it is damaged: people are to hear of the mail all
    /// the same.
    static Result<std::optional<File>> open_attached(const Archive& archive, const Notice& notice) {
        if (!notice.attach) return std::optional<File>();
        auto original = open_original(archive, *notice.attach);
        if (original) return std::optional(*std::move(original));
        if (original.error().kind != Kind::corrupt) return fail(original.error());
        const std::string about = fmt::format("notice {} goes without its mail", notice.id);
        log::complain(notice.queue_id, std::move(original).error().in(about));
        return std::optional<File>();
    }

    Result<Submitted>
    send(std::shared_ptr<Archive> archive, const OutboxRow& row, std::string& queue_id) {
        NoticeFacts facts = TRY(gather(*archive, row));
        queue_id = facts.receipt.queue_id;
        Notice notice = TRY(render(facts, *view_.settings, *view_.texts));
        auto original = TRY(open_attached(*archive, notice));
        if (notice.attach && !original) {
            facts.original_size.reset();
            notice = TRY(render(facts, *view_.settings, *view_.texts));
        }
        archive.reset();
        Wire wire = TRY(Wire::of(notice, std::move(original)));
        return submit(view_.settings->outbox.submit, notice, wire, timeouts_, stop_);
    }

    Result<void>
    note_sent(const OutboxRow& row, const Submitted& submitted, const std::string& queue_id) {
        // Remembered until it is noted: an archive that is full must not send it again and again.
        unmarked_.insert_or_assign(row.id, submitted);
        if (remembered_.transport_away) log::info("", "notices can be sent again");
        remembered_.transport_away = false;
        const auto archive = TRY(doors_.archive());
        TRY(unless_gone(
            row, mark_sent(*archive, row.id, submitted.queue_id, {std::string(who), time_})
        ));
        unmarked_.erase(row.id);
        ++round_.sent;
        log::info(
            queue_id,
            fmt::format(
                "notice {} ({}) to {} was sent: {}",
                row.id,
                name_of(row.kind),
                row.to,
                submitted.queue_id.empty() ? submitted.reply : submitted.queue_id
            )
        );
        return {};
    }

    Result<void>
    note_failed(const OutboxRow& row, const Error& error, const std::string& queue_id) {
        const auto archive = TRY(doors_.archive());
        const bool for_good = error.kind == Kind::refused || error.kind == Kind::corrupt ||
                              error.kind == Kind::misuse;
        const auto next = unreachable_ ? next_look(row, time_, view_.settings->outbox.retry_for)
                                       : next_try(row, time_, view_.settings->outbox.retry_for);
        const std::string about =
            fmt::format("notice {} ({}) to {}", row.id, name_of(row.kind), row.to);
        if (for_good || !next) {
            ++round_.dead;
            const std::string look = is_letter(row.kind) ? "kwit outbox show " + row.id
                                                         : "kwit receipt show " + row.receipt;
            log::error(
                queue_id,
                fmt::format(
                    "{} could not be sent and is given up, nobody was told: {}; see {}, then "
                    "kwit outbox retry {}",
                    about,
                    said(error),
                    look,
                    row.id
                )
            );
            return unless_gone(
                row, mark_dead(*archive, row.id, said(error), {std::string(who), time_})
            );
        }
        ++round_.waiting;
        if (!unreachable_)
            log::warning(
                queue_id,
                fmt::format(
                    "{} could not be sent, tried again at {}: {}", about, rfc3339(*next), error.what
                )
            );
        return unless_gone(row, mark_retry(*archive, row.id, said(error), *next));
    }

    /// A row that a person dropped meanwhile needs no mark.
    static Result<void> unless_gone(const OutboxRow& row, Result<void> marked) {
        if (marked || marked.error().kind != Kind::refused) return marked;
        log::info("", fmt::format("mail {} left the outbox while it was worked on", row.id));
        return {};
    }

    const Doors& doors_;
    const View& view_;
    const Timeouts& timeouts_;
    Time time_;
    const std::stop_token& stop_;
    Remembered& remembered_;
    std::map<std::string, Submitted>& unmarked_;
    Pulse& pulse_;
    Round round_{};
    std::optional<Error> unreachable_{};
};

/// From when on its time runs: a person who wants it tried again gives it a whole one.
Time beginning_of(const OutboxRow& row) {
    return row.retried_at.value_or(row.created_at);
}

} // namespace

std::optional<Time> next_try(const OutboxRow& row, Time time, std::chrono::seconds retry_for) {
    const Time last = beginning_of(row) + retry_for;
    if (time >= last) return std::nullopt;
    constexpr std::uint32_t doublings = 6; // 64 minutes are over the longest
    const Milliseconds pause =
        std::min(first_pause * (1U << std::min(row.attempts, doublings)), longest_pause);
    return std::min(time + pause, last);
}

std::optional<Time> next_look(const OutboxRow& row, Time time, std::chrono::seconds retry_for) {
    const Time last = beginning_of(row) + retry_for;
    if (time >= last) return std::nullopt;
    return std::min(time + first_pause, last);
}

Result<Round> Submitter::round(const View& view, Time time, const std::stop_token& stop) {
    return Batch(doors_, view, time, stop, remembered_, pulse_).run();
}

void Submitter::run(const std::stop_token& stop) {
    while (!stop.stop_requested())
        rest(work_guarded(stop), stop);
}

Submitter::Pause Submitter::work_guarded(const std::stop_token& stop) {
    try {
        return work(stop);
    } catch (const std::exception& bug) {
        return away({.kind = Kind::misuse, .what = fmt::format("a bug: {}", bug.what())});
    }
}

void Submitter::poke() {
    const std::scoped_lock lock(mutex_);
    poked_ = true;
    wake_.notify_all();
}

Submitter::Pause Submitter::work(const std::stop_token& stop) {
    pulse_.promise(longest_step);
    const auto done = round(doors_.view(), doors_.clock(), stop);
    if (!done) return away(done.error());
    away_ = false;
    if (done->unreachable) return {transport_pause, Pause::Until::over};
    return {done->more ? Milliseconds(0) : look_again};
}

Submitter::Pause Submitter::away(const Error& error) {
    if (!away_) log::complain("", Error(error).in("notices wait, as the archive cannot be used"));
    away_ = true;
    return {look_again, Pause::Until::over};
}

void Submitter::rest(const Pause& pause, const std::stop_token& stop) {
    pulse_.rest();
    std::unique_lock lock(mutex_);
    const auto woken = [&] { return poked_ && pause.until == Pause::Until::poked; };
    wake_.wait_for(lock, stop, pause.length, woken);
    poked_ = false;
}

} // namespace kwit::outbox
