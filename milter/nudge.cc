#include "milter/nudge.hh"

#include "core/intake/client.hh"

namespace kwit::milter {

namespace {

constexpr auto slow = std::chrono::milliseconds(20);
constexpr auto pause = std::chrono::milliseconds(20);

} // namespace

Nudge::Nudge(std::string socket, const Busy& busy)
    : thread_([socket = std::move(socket), &busy](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
              busy.wait_for_one(stop);
              if (busy.longest() > slow) [[maybe_unused]]
                  const auto nudge = connect_to(socket);
              std::this_thread::sleep_for(pause);
          }
      }) {}

} // namespace kwit::milter
