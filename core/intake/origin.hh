// Where a mail comes from, as coarsely as counters tell it.
#pragma once

#include <string>
#include <string_view>

namespace kwit {

/// "192.0.2.0/24" or "2001:db8:1::/48" of the client's address; "?" for what is none.
std::string network_of(const std::string& client_address);

/// The domain of the envelope sender in lower case; "<>" for the null sender, "?" for what is no
/// address.
std::string sender_domain_of(std::string_view envelope_sender);

} // namespace kwit
