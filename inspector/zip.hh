// A ZIP (APPNOTE.TXT, ZIP64 too) becomes its members, with libarchive and by its directory. It runs
// inside the sandbox.
//
// Directories are nothing; entries that are encrypted, packed in a way that is not known, or whose
// bytes are not those that the ZIP promises are withheld, each by itself. A ZIP of which nothing
// can be read but encrypted entries is encrypted.
#pragma once

#include "inspector/document.hh"
#include "inspector/output.hh"

namespace kwit::inspector {

/// Throws OverBudget, Unreadable, and what the library's memory throws.
Opening unpack_zip(const Document& document, Output& output);

/// Reads a small ZIP of our own, so that nothing is opened later.
void warm_up_zip();

} // namespace kwit::inspector
