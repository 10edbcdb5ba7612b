// What a command says that has queued letters.
#pragma once

#include "cli/print.hh"
#include "core/archive/archive.hh"

#include <string>
#include <vector>

namespace kwit::cli {

/// The ids in the outbox, one a line, or the rows as JSON.
Result<void>
print_queued(Printer& out, const Archive& archive, const std::vector<std::string>& ids);

} // namespace kwit::cli
