// Authentication-Results as the grammar of RFC 8601 §2.2 reads them: comments, quoted strings,
// versions. A value that the grammar does not read whole does not exist for us (fail closed).
#pragma once

#include "core/model/facts.hh"

#include <optional>
#include <string>
#include <string_view>

namespace kwit::mime {

/// received_above is left 0. "id; none" gives no methods.
std::optional<AuthenticationResults> parse_authentication_results(std::string_view value);

/// Whose header it is, which may be unreadable behind that; in lower case. Empty when not even that
/// can be read.
std::string authserv_id_in(std::string_view value);

} // namespace kwit::mime
