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

/// An address that is nobody's as it may be shown: whatever else is mistyped in it, a text that
/// could be a secret is "***".
std::string hide_secrets(std::string_view address);

/// `refused` when the import address would be too long with a secret in it.
Result<void> check_room_for_secret(const EmailAddress& address);

/// The import address with the secret in it; `refused` as above.
Result<EmailAddress> with_secret(const EmailAddress& address, std::string_view secret);

} // namespace kwit
