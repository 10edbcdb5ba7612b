// The configuration: a TOML file becomes Settings (core/model/settings.hh), read by main only.
//
// All mistakes of a file are told at once, in the order of its lines: the error is `misuse`, and
// each line of its `what` is one mistake, "file:line: key: what was expected, what was found".
// What is wrong with a file that it names, and that a mail can do without, is no error but stands
// in Settings::flaws. docs/configuration.md describes every key, its default and its bounds.
#pragma once

#include "core/base/result.hh"
#include "core/model/settings.hh"

#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

/// Reads and checks a configuration file of at most 1 MiB.
Result<Settings> load_settings(const std::filesystem::path& path);

/// The same for text in hand; file_name stands in the messages.
Result<Settings> parse_settings(std::string_view text, std::string_view file_name);

/// What is allowed but worth a word to the admin, one sentence each; uid is who we are.
std::vector<std::string> warnings(const Settings& settings, uid_t uid = geteuid());

/// The policies that exist without being written: "tagged" and "open".
Policy tagged_policy();
Policy open_policy();

} // namespace kwit
