// The socket that the MTA connects to: made with its mode and group before anybody can connect,
// after a lock that keeps a second instance away. A socket that a crash left behind is removed, a
// live one never.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/model/settings.hh"

namespace kwit::milter {

/// The lock of a running instance; a new start of the same socket is refused while it is held. For
/// a unix socket it is PATH.lock; an inet socket needs none, as the port itself can be had once
/// only.
Result<Fd> lock_instance(const MilterSettings& settings);

/// Opens the socket through libmilter and gives a unix socket its mode, owner and group. Run it
/// before privileges are given up.
Result<void> open_socket(const MilterSettings& settings);

} // namespace kwit::milter
