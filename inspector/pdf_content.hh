// What is in a PDF besides its pages: what could act when it is opened, and files inside it.
#pragma once

#include "core/model/pdf_facts.hh"
#include "inspector/qpdf.hh"

namespace kwit::inspector {

/// Looks at every object there is, also at those that nothing refers to; fills in `active` and
/// `embedded`.
void look_at_objects(QPDF& pdf, PdfFacts& facts);

} // namespace kwit::inspector
