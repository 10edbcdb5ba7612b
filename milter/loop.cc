#include "milter/loop.hh"

#include "core/intake/client.hh"

#include <libmilter/mfapi.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <future>
#include <initializer_list>
#include <thread>

namespace kwit::milter {

namespace {

constexpr auto step = std::chrono::milliseconds(50);
constexpr auto patience = std::chrono::seconds(60);

sigset_t ours() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGUSR1})
        sigaddset(&set, signal);
    return set;
}

bool is_over(const std::future<int>& loop) {
    return loop.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

/// True at a signal that ends us, false when libmilter has ended.
bool wait_for_a_signal(const std::future<int>& loop, const Orders& orders) {
    const sigset_t signals = ours();
    constexpr timespec pause{0, 200'000'000};
    while (!is_over(loop)) {
        const int signal = sigtimedwait(&signals, nullptr, &pause);
        if (signal == SIGUSR1)
            orders.reload();
        else if (signal > 0)
            return true;
        else
            orders.idle();
    }
    return false;
}

} // namespace

void block_signals() {
    const sigset_t signals = ours();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool run_libmilter(const std::string& socket, const Orders& orders) {
    auto loop = std::async(std::launch::async, smfi_main);
    // Beside us, so that we wait for signals before anybody may think of one. And not earlier:
    // stopped before it has begun, libmilter takes its time and says that it failed.
    std::jthread greeting([&](const std::stop_token& stop) {
        if (greet(socket, patience, stop)) orders.ready();
    });
    const bool told = wait_for_a_signal(loop, orders);
    // Whoever is stopped so early may answer nobody any more.
    greeting.request_stop();
    orders.stopping();
    // smfi_stop() waits for the listener, which holds its lock while it waits for connections.
    const auto stopped = std::async(std::launch::async, smfi_stop);
    do
        [[maybe_unused]] const auto wakes_it = connect_to(socket);
    while (loop.wait_for(step) != std::future_status::ready);
    return loop.get() == MI_SUCCESS || told;
}

} // namespace kwit::milter
