// Values as people type and read them.
#pragma once

#include "core/base/result.hh"
#include "core/base/time.hh"
#include "core/model/period.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <optional>
#include <string>

namespace kwit::cli {

/// "2026-11-21" (its first moment) and "2026-11-21 10:30" in the zone of this machine, or RFC 3339
/// in UTC; `misuse` for anything else, naming the option.
Result<Time> parse_when(const std::string& option, const std::string& text);

/// The same for an option that was perhaps not given.
Result<std::optional<Time>>
parse_when(const std::string& option, const std::optional<std::string>& text);

/// A time like parse_when()'s, or how long ago it was: "30d", "12h".
Result<Time> parse_since(const std::string& option, const std::string& text, Time now);

/// "1%", "0.5%": over 0 and at most 1 as a number; `misuse` for anything else, naming the option.
Result<double> parse_share(const std::string& option, const std::string& text);

/// "812 B", "47.1 KiB"
std::string readable_size(std::uint64_t bytes);

/// "2026-11-21 11:00" here; empty for no time.
std::string readable_time(const std::optional<Time>& time);

/// YYYY-MM of a year that documents may belong to: from 2000 to the next one. `misuse` for what is
/// no month, `refused` for another year.
Result<Period> parse_period(const std::string& text, const Settings& settings, Time now);

/// The text cleaned as the names of attachments are; `misuse` when nothing is left.
Result<std::string> parse_filename(const std::string& text);

} // namespace kwit::cli
