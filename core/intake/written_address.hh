// A tagged import address as people write to it: "docs+NUMBER@domain", or
// "docs+NUMBER.SECRET@domain" with a secret that says who writes. The secret stands in no record,
// log line or reply of ours.
#pragma once

#include "core/base/result.hh"
#include "core/model/email_address.hh"

#include <string>
#include <string_view>

namespace kwit {

struct WrittenAddress {
    EmailAddress address; ///< without the secret; nobody's, with "***" for it, when it is mistyped
    std::string secret{}; ///< in lower case; empty: none
};

WrittenAddress without_secret(const EmailAddress& written);

/// The import address with the secret in it; `refused` when it would be too long for an address.
Result<EmailAddress> with_secret(const EmailAddress& address, std::string_view secret);

} // namespace kwit
