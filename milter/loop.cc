#include "milter/loop.hh"

#include "core/intake/client.hh"
#include "milter/signals.hh"

#include <libmilter/mfapi.h>

#include <chrono>
#include <csignal>
#include <future>
#include <stop_token>

namespace kwit::milter {

namespace {

constexpr auto step = std::chrono::milliseconds(50);
constexpr auto pause = std::chrono::milliseconds(200);
constexpr auto beginning = std::chrono::seconds(5);
constexpr auto patience = std::chrono::seconds(60);

bool is_over(const std::future<int>& loop) {
    return loop.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

/// True at a signal that ends us, false when libmilter has ended.
bool wait_for_a_signal(const std::future<int>& loop, const Orders& orders) {
    while (!is_over(loop)) {
        const auto signal = next_signal(pause);
        if (!signal)
            orders.idle();
        else if (*signal == SIGUSR1)
            orders.reload();
        else
            return true;
    }
    return false;
}

} // namespace

bool run_libmilter(const std::string& socket, const Orders& orders) {
    auto loop = std::async(std::launch::async, smfi_main);
    // Beside us, so that we wait for signals before anybody may think of one.
    std::stop_source no_more;
    const auto greeting = std::async(std::launch::async, [&] {
        if (greet(socket, patience, no_more.get_token())) orders.ready();
    });
    const bool told = wait_for_a_signal(loop, orders);
    // Stopped before it listens, libmilter takes five seconds and may say that it failed.
    if (told) greeting.wait_for(beginning);
    no_more.request_stop(); // whoever is stopped so early may answer nobody any more
    greeting.wait();
    orders.stopping();
    // smfi_stop() waits for the listener, which holds its lock while it waits for connections.
    const auto stopped = std::async(std::launch::async, smfi_stop);
    while (!is_over(loop)) {
        [[maybe_unused]] const auto wakes_it = connect_to(socket);
        loop.wait_for(step);
    }
    return loop.get() == MI_SUCCESS || told;
}

} // namespace kwit::milter
