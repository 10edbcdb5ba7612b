// One header field of a mail or of a part, as the MTA handed it over or as it stands in the file:
// nothing decoded, nothing repaired. RFC 5322 §2.2.
#pragma once

#include <string>
#include <string_view>

namespace kwit::mime {

struct HeaderField {
    std::string name;
    std::string
        value; ///< all after the colon: leading space kept, folds as LF or CRLF + white space
};

/// The value on one line (RFC 5322 §2.2.3): line ends taken out, the white space after them kept;
/// without white space at both ends.
std::string unfold(std::string_view value);

/// Whether a name is one that RFC 5322 §3.6.8 allows: printable ASCII without colon and space.
bool is_field_name(std::string_view name);

} // namespace kwit::mime
