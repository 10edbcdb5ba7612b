#include "core/outbox/submit.hh"

#include "core/outbox/transports.hh"

namespace kwit::outbox {

Result<Submitted> submit(
    const std::string& destination,
    const Notice& notice,
    Wire& wire,
    const Timeouts& timeouts,
    const std::stop_token& stop
) {
    constexpr std::string_view command = "sendmail:";
    if (destination.starts_with(command))
        return submit_command(destination.substr(command.size()), notice, wire, timeouts, stop);
    return submit_smtp(destination, notice, wire, timeouts, stop);
}

} // namespace kwit::outbox
