// Which parts hold other files, told from the head of their content; the name and the declared type
// only where content does not tell.
#pragma once

#include "core/model/facts.hh"

#include <string_view>

namespace kwit::mime {

/// part: name, media type, place and format are known. head: as for recognise(). Files in texts
/// (uuencode) are found by reading all of it (uuencode.hh).
Holder holder_of(const PartFacts& part, std::string_view head);

/// Whether a header block stands there, with a field that mails and MIME entities have. The line
/// "From …" of an mbox may stand before it.
bool reads_as_mail(std::string_view head);

/// Whether the part may be looked through for uuencoded files.
bool may_be_uuencoded(const PartFacts& part);

} // namespace kwit::mime
