// The languages in which kwit writes to people.
#pragma once

#include "core/base/result.hh"

#include <string>

namespace kwit::cli {

/// `misuse` unless there are texts in it; empty means the domain's and is fine.
Result<void> check_locale(const std::string& locale);

} // namespace kwit::cli
