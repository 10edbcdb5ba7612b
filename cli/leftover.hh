// What of a mail a person still has to do something about, and the commands that do it.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/result.hh"
#include "core/model/receipt.hh"
#include "core/model/settings.hh"

#include <string>
#include <vector>

namespace kwit::cli {

/// Parts whose commands are written out; a mail may have a thousand.
constexpr std::size_t max_leftover_lines = 20;

/// For `kwit receipt show`: each part that was not filed with the command that files it, and the
/// one that says that all is settled. Empty when nothing is to be done.
Result<std::vector<std::string>>
leftover_lines(const Archive& archive, const Settings& settings, const Receipt& receipt);

/// For `kwit import`: what is left now, in one line.
std::string leftover_summary(const Receipt& receipt);

} // namespace kwit::cli
