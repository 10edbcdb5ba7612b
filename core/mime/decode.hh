// Content-Transfer-Encodings undone as a stream (RFC 2045 §6.7, §6.8), strictly: a padded group
// inside base64 is decoded and the next one follows it (GMime 3.2.13 would stop there), and
// whatever the encoding does not explain is damage. Input may be cut anywhere; memory does not
// grow.
#pragma once

#include "core/base/bytes.hh"
#include "core/model/facts.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::mime {

enum class Encoding : std::uint8_t { identity, base64, quoted_printable };

/// The encoding of a word of Content-Transfer-Encoding; nothing for a word nobody knows.
std::optional<Encoding> encoding_named(std::string_view word);

class Decoder {
public:
    explicit Decoder(Encoding encoding) : encoding_(encoding) {}

    /// Appends what the bytes decode to.
    void feed(Bytes bytes, std::string& out);

    /// Appends what was held back; call once at the end.
    void finish(std::string& out);

    /// Each kind once, in order of appearance.
    [[nodiscard]] const std::vector<Damage>& damage() const { return damage_; }

private:
    void note(Damage damage);
    void base64(std::string_view text, std::string& out);
    void quoted_printable(std::string_view text, std::string& out);
    void close_group(std::string& out);
    void quoted(char c, std::string& out);
    void after_equals(char c, std::string& out);
    void end_line(std::string& out);

    Encoding encoding_;
    std::vector<Damage> damage_{};
    std::uint32_t group_ = 0; // base64: bits of the group so far
    unsigned sextets_ = 0;    // base64: characters of the group so far
    unsigned padding_ = 0;    // base64: '=' of the group so far
    std::string held_{};      // quoted-printable: white space or an escape that may yet mean more
};

} // namespace kwit::mime
