#include "milter/nudge.hh"

#include "core/intake/client.hh"

namespace kwit::milter {

namespace {

constexpr auto slow = std::chrono::milliseconds(20);
constexpr auto pause = std::chrono::milliseconds(20);
constexpr auto now_and_then = std::chrono::milliseconds(200);

} // namespace

Nudge::Nudge(std::string socket, const Busy& busy)
    : thread_([socket = std::move(socket), &busy](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
              busy.wait_for_a_session(stop);
              const bool at_work = busy.wait_for_one(stop, now_and_then);
              if (at_work) std::this_thread::sleep_for(pause);
              if (!at_work || busy.at_work() > slow) [[maybe_unused]]
                  const auto nudge = connect_to(socket);
          }
      }) {}

} // namespace kwit::milter
