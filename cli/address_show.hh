// `kwit address show`: what the office keeps of an import address, and what people need to know in
// order to use it.
#pragma once

#include "cli/command.hh"
#include "core/model/directory.hh"

#include <string>

namespace kwit::cli {

/// `refused` when there is none.
Result<ImportAddress> get_address(const Archive& archive, const std::string& text);

Command address_show_command();

} // namespace kwit::cli
