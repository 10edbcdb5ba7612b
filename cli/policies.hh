// The policies of the configuration as the directory asks for them.
#pragma once

#include "core/archive/directory.hh"
#include "core/base/result.hh"
#include "core/model/settings.hh"

#include <string>
#include <vector>

namespace kwit::cli {

/// Of the intake domains, in the order of the configuration.
std::vector<std::string> domain_names(const Settings& settings);

/// The policy of that name; `misuse`, with the nearest and all there are, when it is not
/// configured. It lives in the settings.
Result<const Policy*> policy_named(const Settings& settings, const std::string& name);

/// See core/archive/directory.hh. The settings must outlive it.
NeedsNotify needs_notify(const Settings& settings);

/// The intake domain of that name; without a name the only one. `misuse` with their names when that
/// leaves none. It lives in the settings.
Result<const DomainSettings*> domain_named(const Settings& settings, const std::string& name);

} // namespace kwit::cli
