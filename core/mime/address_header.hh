// The headers that mail libraries read as lists of addresses, of a mail and of the mails in it.
#pragma once

#include <cstddef>
#include <string_view>

namespace kwit::mime {

/// An address header (name, colon, value, without its line end) may have as many bytes: GMime
/// recurses over nested groups, and its stack ends at about four times this.
constexpr std::size_t max_address_header = 16384;

bool is_address_header(std::string_view name);

} // namespace kwit::mime
