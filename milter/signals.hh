// The signals that the milter obeys: SIGTERM, SIGINT and SIGHUP end it, SIGUSR1 reads the
// configuration again.
//
// libmilter has a thread that waits for the first three, too, and looks only every five seconds
// whether it shall end. Linux gives a signal of the process to the main thread if that has not
// blocked it, else to any thread that waits for it: so the main thread takes them with a handler,
// and there is no moment between two calls in which libmilter would be first.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"

#include <chrono>
#include <optional>
#include <utility>

namespace kwit::milter {

/// Blocks them for this thread and all that it starts; before the first thread, and before anybody
/// can see that we are there.
void block_signals();

/// Takes them in the main thread while it is there. One at a time.
class Signals {
public:
    static Result<Signals> take();

    Signals(Signals&&) = default;
    Signals& operator=(Signals&&) = delete;
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals(); ///< they are blocked again

    /// The number of the next one; nothing: none came in that time.
    [[nodiscard]] std::optional<int> next(std::chrono::milliseconds patience) const;

private:
    Signals(Fd came, Fd note) : came_(std::move(came)), note_(std::move(note)) {}

    Fd came_; ///< a byte for each signal, its number
    Fd note_; ///< where the handler writes it
};

} // namespace kwit::milter
