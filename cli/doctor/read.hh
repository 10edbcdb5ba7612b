// Gathers the facts for `kwit doctor`: asks postconf and postmap, which know Postfix's syntax
// better than we ever would, and looks at the machine.
#pragma once

#include "cli/doctor/facts.hh"
#include "core/base/result.hh"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::cli::doctor {

/// Tables that could not be asked, with what was said about it.
using Troubles = std::map<std::string, std::string>;

/// directory empty: the one that Postfix itself would use. Lookups go on being asked later, and
/// what cannot be asked is noted in troubles.
Result<Postfix> read_postfix(
    const std::filesystem::path& directory,
    const Settings& settings,
    const std::shared_ptr<Troubles>& troubles
);

/// What `postconf -x` says.
Values parse_values(std::string_view text);

/// What `postconf -M` and `postconf -xP` say; unwritten is what "-" means in the column chroot.
std::vector<Service>
parse_services(std::string_view lines, std::string_view options, bool unwritten);

} // namespace kwit::cli::doctor
