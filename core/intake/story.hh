// The one line of the log that tells what became of a mail for one import address.
#pragma once

#include "core/model/receipt.hh"

#include <string>

namespace kwit {

/// "imported 2 of 3 parts at faktury+1@in.example.com for client 10023 (from anna@kunde.example,
/// dkim)"
std::string story_of(const Receipt& receipt);

} // namespace kwit
