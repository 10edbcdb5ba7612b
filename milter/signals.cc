#include "milter/signals.hh"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <initializer_list>

// Who calls it in this program gets this one: the linker looks here before it looks in libc.
extern "C" int sigwait(const sigset_t* /*set*/, int* /*signal*/) {
    for (;;)
        ::pause();
}

namespace kwit::milter {

namespace {

sigset_t ours() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGUSR1})
        sigaddset(&set, signal);
    return set;
}

} // namespace

void block_signals() {
    const sigset_t signals = ours();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::optional<int> next_signal(std::chrono::milliseconds patience) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
    const timespec pause{seconds.count(), std::chrono::nanoseconds(patience - seconds).count()};
    const sigset_t signals = ours();
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    return signal > 0 ? std::optional(signal) : std::nullopt;
}

} // namespace kwit::milter
