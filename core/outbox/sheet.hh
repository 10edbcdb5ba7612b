// The sheet of one import address: what people need in order to use it, in the client's language,
// and the same as a contact for their address books. `kwit address show` prints it.
#pragma once

#include "core/outbox/card.hh"

#include <string>
#include <vector>

namespace kwit::outbox {

/// The policy of the card's address in sentences.
std::vector<std::string>
policy_in_words(const CardAddress& address, const Texts& texts, const std::string& locale);

/// A link that begins a mail to an address that takes any subject; empty for the others, whose
/// links are those of their senders.
std::string plain_link(const CardAddress& address);

/// Of a card with one address: all of it, the policy in words, and a link. Lines end in LF.
std::string sheet_of(const Card& card, const Texts& texts);

/// The same address as a vCard 3.0 (RFC 2426), which every address book reads. Lines end in CRLF.
std::string vcard_of(const Card& card, const Texts& texts);

} // namespace kwit::outbox
