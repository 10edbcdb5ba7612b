#include "milter/loop.hh"

#include "core/base/log.hh"
#include "core/intake/client.hh"
#include "milter/signals.hh"

#include <libmilter/mfapi.h>

#include <chrono>
#include <csignal>
#include <future>
#include <stop_token>
#include <string>

namespace kwit::milter {

namespace {

constexpr auto step = std::chrono::milliseconds(50);
constexpr auto pause = std::chrono::milliseconds(200);
constexpr auto starting = std::chrono::seconds(5);
constexpr auto patience = std::chrono::seconds(60);

/// True at a signal that ends us, false when libmilter has ended.
bool wait_for_a_signal(
    const std::string& socket,
    const Signals& signals,
    const std::future<int>& loop,
    const Orders& orders
) {
    const auto settled = std::chrono::steady_clock::now() + starting;
    while (loop.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        const auto signal = signals.next(pause);
        if (!signal)
            orders.idle();
        else if (*signal == SIGUSR1)
            orders.reload();
        else
            return true;
        // While libmilter's own thread begins to wait it can take a signal on its way to us.
        if (std::chrono::steady_clock::now() < settled) [[maybe_unused]]
            const auto wakes_it = connect_to(socket);
    }
    return false;
}

} // namespace

bool run_libmilter(const std::string& socket, const Orders& orders) {
    // Before libmilter is there, or it would take what has come already.
    const auto signals = Signals::take();
    if (!signals) {
        log::error("", signals.error());
        return false;
    }
    const auto beside = [](auto work) {
        return std::async(std::launch::async, [work] {
            block_signals();
            return work();
        });
    };
    auto loop = beside(smfi_main);
    std::stop_source no_more;
    const auto greeting = beside([&socket, &orders, stop = no_more.get_token()] {
        if (greet(socket, patience, stop)) orders.ready();
    });
    const bool told = wait_for_a_signal(socket, *signals, loop, orders);
    // Stopped before it listens, libmilter takes five seconds and may say that it failed.
    if (told) greeting.wait_for(starting);
    no_more.request_stop(); // whoever is stopped so early may answer nobody any more
    greeting.wait();
    orders.stopping();
    // smfi_stop() waits for the listener, which holds its lock while it waits for connections.
    const auto stopped = beside(smfi_stop);
    do
        [[maybe_unused]] const auto wakes_it = connect_to(socket);
    while (loop.wait_for(step) != std::future_status::ready);
    return loop.get() == MI_SUCCESS || told;
}

} // namespace kwit::milter
