// The submitter: takes the due rows of the outbox, renders them, hands them to the mail transport
// and marks what became of them. At least once: after a crash between the two a mail goes out
// again, with the same Message-ID.
//
// Rows that are held (digest, cap) become one letter when their time has come, which then goes its
// way like any other row.
//
// A failed row waits (a minute, doubled up to an hour) until [outbox] retry_for is over, then it is
// dead and told loudly. A row that fails keeps no other from being sent. A transport that cannot be
// reached at all lets the whole batch wait without trying each, and never for more than a minute:
// once it is back, what waited for it is not to wait for an hour.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/pulse.hh"
#include "core/config/texts.hh"
#include "core/model/settings.hh"
#include "core/outbox/submit.hh"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace kwit::outbox {

/// The configuration of one moment.
struct View {
    std::shared_ptr<const Settings> settings;
    std::shared_ptr<const Texts> texts;
};

/// What the submitter needs of the house. All are called from its thread.
struct Doors {
    /// An error: away, asked again later. Held for a moment only, never while a mail is handed
    /// over: nobody could open an archive anew as long as a mail server takes its time.
    std::function<Result<std::shared_ptr<Archive>>()> archive;
    std::function<View()> view;
    std::function<Time()> clock = now;
    Timeouts timeouts{};
};

/// What one round did.
struct Round {
    std::size_t sent = 0;
    std::size_t waiting = 0; ///< not taken now
    std::size_t dead = 0;
    std::size_t together = 0; ///< letters made of held notices
    bool unreachable = false; ///< the transport
    bool more = false;        ///< the batch was full: there may be more
};

/// What outlives a round.
struct Remembered {
    std::map<std::string, Submitted> unmarked{}; ///< sent, but the archive could not note it
    bool transport_away = false;                 ///< as the log was told last
};

class Submitter {
public:
    explicit Submitter(Doors doors) : doors_(std::move(doors)) {}

    /// Until a stop; give it to a std::jthread. A stop ends an attempt under way within
    /// Timeouts::grace, or the time it takes to connect.
    void run(const std::stop_token& stop);

    /// Something new may be due. From any thread; returns at once.
    void poke();

    /// One batch of what is due at the time. Not while run() runs.
    Result<Round> round(const View& view, Time time, const std::stop_token& stop = {});

    static constexpr std::size_t batch = 50;

    /// Of the thread that runs run().
    [[nodiscard]] const Pulse& pulse() const { return pulse_; }

private:
    struct Pause {
        Milliseconds length{};
        enum class Until { poked, over } until = Until::poked; ///< over: no poke shortens it
    };

    Pause work(const std::stop_token& stop);
    Pause work_guarded(const std::stop_token& stop);
    Pause away(const Error& error);
    void rest(const Pause& pause, const std::stop_token& stop);

    Doors doors_;
    Pulse pulse_;
    Remembered remembered_;
    bool away_ = false; // the archive, as the log was told last
    std::mutex mutex_;
    std::condition_variable_any wake_;
    bool poked_ = false; // guarded by mutex_
};

/// When a row that just failed is tried next; nothing: no more, it is dead.
std::optional<Time> next_try(const OutboxRow& row, Time time, std::chrono::seconds retry_for);

/// The same for a row that waits for a transport that is away.
std::optional<Time> next_look(const OutboxRow& row, Time time, std::chrono::seconds retry_for);

} // namespace kwit::outbox
