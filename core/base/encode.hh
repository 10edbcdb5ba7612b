// Encoders: every foreign string passes one of them on its way to a sink, and each sink has its
// own. All take any bytes (UTF-8 is meant) and give text that is safe in that sink whatever they
// were.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kwit {

/// Printable ASCII for an SMTP reply (RFC 5321 §4.2): Latin letters and typographic signs are
/// transliterated ("Müller, żółć" -> "Mueller, zolc"), line ends and controls become one space,
/// anything else "?". It splits no lines and doubles no "%": that is the reply's own.
std::string smtp_text(std::string_view text);

/// UTF-8 for a terminal: controls, ESC, C1, bidirectional and invisible format characters and bytes
/// that are no UTF-8 are shown as \n, \t, \x1b, \u{202e}.
std::string terminal_text(std::string_view text);

/// One line of a log: as for a terminal, and cut after max_log_text bytes with a note of what was
/// left out.
std::string log_text(std::string_view text);
inline constexpr std::size_t max_log_text = 4000;

/// One field of a CSV record (RFC 4180), quoted where needed. Line ends and controls become spaces;
/// a field that a spreadsheet would take for a formula (leading = + - @, also in full width, or
/// tab or line end) gets an apostrophe before it.
std::string csv_field(std::string_view text);

/// Text or a quoted attribute value of an HTML page: & < > " ' as entities, controls other than tab
/// and line end and bidirectional controls as U+FFFD.
std::string html_text(std::string_view text);

/// The body of an unstructured header field (RFC 5322 §2.2.1): plain ASCII as it is, else encoded
/// words (RFC 2047) of UTF-8. Folded with CRLF and a space so that no line is over 76 characters;
/// name_length is what the field name takes of the first line with its colon and space, at most 56.
/// No other CR or LF comes out.
std::string header_text(std::string_view text, std::size_t name_length);

/// A display name before an <address>: an atom, quoted string or encoded words (RFC 2047 §5 rule
/// 3), folded like header_text(). Empty stays empty.
std::string header_phrase(std::string_view text, std::size_t name_length);

/// A name for an exported file: one path segment that is safe on Linux and Windows, never empty,
/// hidden or an option, at most max_export_name bytes with the extension kept.
std::string export_name(std::string_view text);
inline constexpr std::size_t max_export_name = 200;

} // namespace kwit
