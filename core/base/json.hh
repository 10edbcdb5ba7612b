// JSON and CBOR (RFC 8949). The door to nlohmann-json: everyone else includes this file, or
// json_fwd.hh where a declaration is enough.
#pragma once

#include "core/base/json_fwd.hh"
#include "core/base/result.hh"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace kwit {

/// One line of JSON; bytes that are not UTF-8 come as U+FFFD, never an exception.
std::string json_line(const Json& value);

std::string to_cbor(const Json& value);

/// `corrupt` for bytes that are no CBOR item with lengths throughout, or nest over 32 levels.
Result<Json> from_cbor(std::string_view bytes);

} // namespace kwit
