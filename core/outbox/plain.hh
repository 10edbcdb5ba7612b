// Small encoders for the text of a mail: foreign words in text/plain, links, quoted-printable and
// base64 (RFC 2045 §6.7, §6.8), and how numbers are said.
#pragma once

#include "core/base/bytes.hh"

#include <cstdint>
#include <string>
#include <string_view>

namespace kwit::outbox {

/// Any bytes as one line of UTF-8 for people: controls become one space, what turns the direction
/// of writing round becomes U+FFFD; cut after max characters, which shows.
std::string one_line(std::string_view text, std::size_t max);

/// "mailto:a%2B1@x.example?subject=…" (RFC 6068): what is not unreserved is percent-encoded.
std::string mailto(std::string_view address, std::string_view subject);

/// Text with LF line ends as lines of at most 76 octets that end in CRLF, the last one too.
std::string quoted_printable(std::string_view text);

/// The octets of one base64 line: 57 make 76 characters and CRLF.
inline constexpr std::size_t base64_line_in = 57;
inline constexpr std::size_t base64_line_out = 78;

/// Whole lines of base64; only the last may be short.
std::string base64_lines(Bytes bytes);

/// How long they are for so many octets.
std::uint64_t base64_size(std::uint64_t octets);

/// "512 B", "47.1 kB", "3,2 MB" with the decimal sign of the locale.
std::string size_text(std::uint64_t octets, std::string_view locale);

/// "one", "few" or "many": which form a noun takes behind the number (pl has three, others two).
std::string_view plural_form(std::uint64_t count, std::string_view locale);

} // namespace kwit::outbox
