// One contact as a vCard 3.0 (RFC 2426): the version that Outlook, Thunderbird and telephones all
// read.
#pragma once

#include "core/base/time.hh"

#include <string>

namespace kwit::outbox {

struct Contact {
    std::string name; ///< as the address book lists it
    std::string email;
    std::string organisation{};
    std::string note{}; ///< lines end in LF
    Time changed_at{};
};

/// Any bytes are safe in the texts; lines of at most 75 octets (§2.6) that end in CRLF.
std::string vcard(const Contact& contact);

} // namespace kwit::outbox
