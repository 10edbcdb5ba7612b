// The zygote: one thread that waits for requests and forks a child for each. It never sees a byte
// of a document. It ends, with all its children, at the end of file of its control socket.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "inspector/sandbox.hh"

namespace kwit::inspector {

/// Gets ready and says Hello, whatever comes of it; the error is the one that was said.
Result<Sandbox> begin(int control);

/// Serves until the control socket is closed.
Result<void> serve(const Sandbox& sandbox, int control);

} // namespace kwit::inspector
