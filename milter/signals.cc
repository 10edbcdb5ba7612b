#include "milter/signals.hh"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <initializer_list>

namespace kwit::milter {

namespace {

constexpr std::array ours = {SIGHUP, SIGTERM, SIGINT, SIGUSR1};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler has no argument
std::atomic<int> noted_in = -1;
static_assert(std::atomic<int>::is_always_lock_free, "a handler may not wait");

void note(int signal) {
    const int before = errno;
    const auto number = static_cast<unsigned char>(signal);
    // What no longer fits is one of thousands that nobody has read yet.
    [[maybe_unused]] const ssize_t written = ::write(noted_in.load(), &number, 1);
    errno = before;
}

sigset_t all_of_ours() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : ours)
        sigaddset(&set, signal);
    return set;
}

} // namespace

void block_signals() {
    const sigset_t signals = all_of_ours();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Result<Signals> Signals::take() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return fail(system_error("make a pipe for signals", errno));
    Signals signals(Fd{ends[0]}, Fd{ends[1]});
    noted_in = ends[1];

    struct sigaction action {};

    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    for (const int signal : ours)
        if (::sigaction(signal, &action, nullptr) != 0)
            return fail(system_error("take signals", errno));
    const sigset_t set = all_of_ours();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    return signals;
}

Signals::~Signals() {
    if (!came_) return;
    block_signals();
    noted_in = -1;
}

std::optional<int> Signals::next(std::chrono::milliseconds patience) const {
    pollfd waited{came_.get(), POLLIN, 0};
    ::poll(&waited, 1, static_cast<int>(patience.count()));
    unsigned char number = 0;
    if (::read(came_.get(), &number, 1) == 1) return number;
    return std::nullopt;
}

} // namespace kwit::milter
