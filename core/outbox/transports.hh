// The two ways behind submit(): each takes what its kind of destination needs.
#pragma once

#include "core/outbox/submit.hh"

namespace kwit::outbox {

/// url: "smtp://HOST:PORT". The door to libcurl is curl.cc.
Result<Submitted> submit_smtp(
    const std::string& url,
    const Notice& notice,
    Wire& wire,
    const Timeouts& timeouts,
    const std::stop_token& stop
);

/// program: an absolute path, called as `program -i -f SENDER -- RECIPIENT` with the mail on its
/// standard input, line ends LF.
Result<Submitted> submit_command(
    const std::string& program,
    const Notice& notice,
    Wire& wire,
    const Timeouts& timeouts,
    const std::stop_token& stop
);

} // namespace kwit::outbox
