// The Date header: date-time of RFC 5322 §3.3 with the obsolete forms of §4.3 (years of two and
// three digits, named zones, comments). A wrong weekday is tolerated, a wrong date is not.
#pragma once

#include "core/base/time.hh"

#include <optional>
#include <string_view>

namespace kwit::mime {

std::optional<Time> parse_date(std::string_view value);

} // namespace kwit::mime
