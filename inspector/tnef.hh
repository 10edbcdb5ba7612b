// A TNEF stream (winmail.dat, [MS-OXTNEF]) becomes its attachments. It runs inside the sandbox.
//
// The reader is our own: it is small, holds every length against what is there, and copies nothing
// (libytnef 2.0 refuses attached messages of more than 512 KiB, and more; docs/decisions/0010). The
// text of the message is not taken: TNEF travels beside a plain text. A message attached to the
// message is a TNEF stream again, and one member. An attachment without content is a damaged one.
#pragma once

#include "inspector/document.hh"
#include "inspector/output.hh"

namespace kwit::inspector {

/// Throws OverBudget and Unreadable.
Opening unpack_tnef(const Document& document, Output& output);

} // namespace kwit::inspector
