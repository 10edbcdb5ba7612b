// `kwit client card`: how a client's people send documents, shown or mailed.
#pragma once

#include "cli/command.hh"

namespace kwit::cli {

Command card_command();

} // namespace kwit::cli
