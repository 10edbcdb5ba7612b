// Json named without its heavy header: enough to declare functions. See core/base/json.hh.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace kwit {

/// Objects keep the order in which their members were put in.
using Json = nlohmann::ordered_json;

} // namespace kwit
