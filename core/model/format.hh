// What the bytes of a part are, recognised by their content (see core/mime/magic.hh), whatever the
// sender called them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kwit {

enum class Format : std::uint8_t {
    unknown,
    empty,
    pdf,
    jpeg,
    png,
    tiff,
    gif,
    bmp,
    webp,
    heic,
    zip,    ///< a plain ZIP; office documents are told apart below
    office, ///< OOXML or OpenDocument (a ZIP with their marks), or OLE2 (doc, xls)
    rtf,
    xml,
    xml_invoice, ///< UBL, CII or KSeF FA; told from other XML by an inspector, not by the head
    html,
    executable, ///< PE, ELF, Mach-O, script with #!
    tnef,
    text, ///< nothing but text
};

/// The word used in `formats` of a policy and in listings: "pdf".
std::string_view name_of(Format format);

/// The inverse of name_of(); nothing for an unknown word.
std::optional<Format> format_named(std::string_view name);

/// "application/pdf"; application/octet-stream where there is none.
std::string_view media_type_of(Format format);

} // namespace kwit
