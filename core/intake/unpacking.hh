// Opening what holds other files: attached mails, ZIP, TNEF, S/MIME, uuencode. What comes out is a
// part of its own beside the leaves of the mail, with a number behind theirs, and may be opened in
// turn. Mails and texts are read by core/mime in this process, behind the same caps as the mail
// itself; the rest by kwit-inspector.
//
// All of [limits] counts for the mail as a whole: `depth`, `parts` and `documents` (which so many
// holders may be, too) make it go over a limit; `members`, `unpacked` and `ratio` are budgets, and
// a holder that goes over one is not opened at all (Opening).
#pragma once

#include "core/intake/holders.hh"
#include "core/mime/examine.hh"
#include "core/model/settings.hh"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace kwit {

/// Adds what is in the parts, and what is in that; files of holders are let go. Nothing is opened
/// of a mail that is ambiguous or over a limit. An Error is ours: try again later.
Result<void> open_holders(const Opener& opener, mime::Examined& mail);

/// A part that came out of a leaf: path has the digests (hex) of what it came through, from the
/// first thing in the leaf to the part itself. Nothing when it is not there; `refused` when what is
/// around it cannot be opened any more.
Result<std::optional<mime::Extracted>>
take_out(const Opener& opener, mime::Extracted leaf, std::span<const std::string> path);

} // namespace kwit
