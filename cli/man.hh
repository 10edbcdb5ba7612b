// The manual page kwit(1), made of the table of commands: what --help says is its one source.
#pragma once

#include "cli/command.hh"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kwit::cli {

/// The first words of commands that have two, and what they are about.
using Groups = std::map<std::string, std::string, std::less<>>;

/// The page in roff, man(7).
std::string man_page(const Commands& commands, const Groups& groups, std::string_view version);

/// A text for roff: nothing in it is read as a request or an escape.
std::string roff_text(std::string_view text);

} // namespace kwit::cli
