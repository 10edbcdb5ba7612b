// The strict reader of a From header: mailboxes of RFC 5322 §3.4 with their names decoded, or the
// word for why it is not plainly that. What a mail client could show as another sender is a
// problem, not a mailbox.
#pragma once

#include "core/model/email_address.hh"

#include <string>
#include <string_view>
#include <vector>

namespace kwit::mime {

struct AddressList {
    std::vector<Mailbox> mailboxes{};
    /// empty: none; "empty", "group", "source-route", "encoded-address", "comment-in-address",
    /// "control", "syntax", "address" (an addr-spec that EmailAddress does not take)
    std::string problem{};
};

AddressList parse_address_list(std::string_view value);

} // namespace kwit::mime
