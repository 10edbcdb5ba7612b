// Domain names as DNS means them. The door to libidn2 (IDNA 2008, RFC 5891) and libpsl (public
// suffixes).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kwit {

/// The A-label form in lower case ("xn--…"), or nothing when it is no domain name: empty labels,
/// labels over 63 bytes, over 253 bytes, characters that DNS host names do not have. UTF-8 is
/// converted.
std::optional<std::string> domain_key(std::string_view domain);

/// The registrable domain of a name in the form of domain_key(): "kunde.example" for
/// "mail.kunde.example"; nothing for a public suffix itself.
std::optional<std::string> registrable_domain(const std::string& domain);

} // namespace kwit
