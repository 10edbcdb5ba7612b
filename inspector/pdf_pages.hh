// The pages of a PDF: how many there are, and how many were to be there and are lost.
#pragma once

#include "inspector/qpdf.hh"

#include <cstdint>
#include <set>
#include <string>

namespace kwit::inspector {

struct Pages {
    std::uint32_t found = 0;
    std::uint32_t lost = 0;
    std::string problem{}; ///< of the page tree as a whole; empty: none
};

/// Follows the page tree. empty_streams: the objects whose data qpdf could not recover; a page is
/// lost when it, its text or a picture of it is not there any more.
Pages count_pages(QPDF& pdf, const std::set<std::string>& empty_streams);

} // namespace kwit::inspector
