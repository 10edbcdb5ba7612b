// A PDF becomes facts, with qpdf. It runs inside the sandbox: hostile documents may crash it.
#pragma once

#include "core/base/result.hh"
#include "core/model/pdf_facts.hh"
#include "inspector/source.hh"
#include "inspector/text.hh"

#include <cstdint>

namespace kwit::inspector {

/// Throws Unreadable when the document cannot be read, and whatever the library throws that is not
/// about the document (memory).
PdfFacts look_into_pdf(int descriptor, std::uint64_t size);

/// What qpdf makes at its first use is made now, before there is a sandbox; an error when it cannot
/// even read that page.
Result<void> warm_up_pdf();

} // namespace kwit::inspector
