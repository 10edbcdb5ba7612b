// Handing one mail to the mail transport: "smtp://HOST:PORT" (libcurl, RFC 5321) or
// "sendmail:/PATH" (a command, never through a shell).
//
// One recipient a mail. Every wait is bounded; a mail that is given up half way is broken off,
// never ended early, so the transport drops it. Safe to call from several threads at once.
#pragma once

#include "core/base/result.hh"
#include "core/outbox/notice.hh"
#include "core/outbox/wire.hh"

#include <chrono>
#include <stop_token>
#include <string>

namespace kwit::outbox {

struct Submitted {
    std::string queue_id{}; ///< the transport's own; empty where it does not tell
    std::string reply{};    ///< its last line
};

struct Timeouts {
    std::chrono::seconds connect{20};
    std::chrono::seconds stall{120}; ///< without a byte, or without an answer
    std::chrono::seconds whole{1800};
    std::chrono::seconds grace{10}; ///< after a stop, for the answer to a mail that is out already
};

/// Errors: `refused` for good (5xx, EX_DATAERR…); `temporary` otherwise, with Cause::unreachable
/// when it is the transport that cannot be had and the next mail would fare no better. A stop
/// breaks off a mail that is not out yet (`temporary`).
Result<Submitted> submit(
    const std::string& destination,
    const Notice& notice,
    Wire& wire,
    const Timeouts& timeouts,
    const std::stop_token& stop
);

} // namespace kwit::outbox
