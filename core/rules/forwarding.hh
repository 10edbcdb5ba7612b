// Mails in which a provider asks whether one of its users may have mail forwarded to the import
// address. A person has to answer them, with the link or the code they hold.
#pragma once

#include "core/model/email_address.hh"

#include <string_view>

namespace kwit::rules {

/// "Gmail", "Outlook.com"; empty for every other mail. Judges by what the mail says of itself:
/// whether that is true is asked elsewhere.
std::string_view asks_to_forward(const EmailAddress& author, std::string_view subject);

} // namespace kwit::rules
