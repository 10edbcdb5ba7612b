#include "core/mime/decode.hh"

#include "core/base/text.hh"
#include "core/mime/percent.hh"

#include <algorithm>
#include <array>

namespace kwit::mime {

namespace {

/// White space at the end of a quoted-printable line is thrown away; so much of it is looked at.
constexpr std::size_t max_held = 1024;

constexpr std::uint8_t no_sextet = 0xFF;

constexpr std::array<std::uint8_t, 256> make_sextets() {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> table{};
    for (std::uint8_t& entry : table)
        entry = no_sextet;
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}

constexpr auto sextets = make_sextets();

/// What base64 may be broken into lines and columns with.
bool is_layout(char c) {
    return c == '\n' || c == '\r' || is_blank(c);
}

/// What a character adds to the 24 bits of its group, for each of the four places in it.
using Places = std::array<std::array<std::uint32_t, 256>, 4>;

/// No character of base64: a bit above the 24.
constexpr std::uint32_t no_bits = 1U << 31U;

constexpr Places make_places() {
    Places places{};
    for (std::size_t place = 0; place < places.size(); ++place)
        for (std::size_t c = 0; c < sextets.size(); ++c) {
            const auto shift = static_cast<std::uint32_t>(18 - 6 * place);
            places[place][c] =
                sextets[c] == no_sextet ? no_bits : std::uint32_t{sextets[c]} << shift;
        }
    return places;
}

constexpr auto places = make_places();

/// The 24 bits of four characters, or no_bits among others.
std::uint32_t bits_of(std::string_view text, std::size_t at) {
    const auto in_place = [&](std::size_t place) {
        return places[place][static_cast<unsigned char>(text[at + place])];
    };
    return in_place(0) | in_place(1) | in_place(2) | in_place(3);
}

/// Decodes groups, also over the ends of lines between them, as long as each has its four
/// characters; the number of characters taken. Nearly every byte of every document goes through
/// here.
std::size_t take_whole_groups(std::string_view text, std::string& out) {
    std::array<char, 3 * std::size_t{256}> bytes{};
    std::size_t at = 0;
    for (std::size_t count = 0;; count = 0) {
        while (count < bytes.size() && at + 4 <= text.size()) {
            const std::uint32_t bits = bits_of(text, at);
            if (bits < no_bits) {
                bytes[count] = static_cast<char>(bits >> 16U & 0xFFU);
                bytes[count + 1] = static_cast<char>(bits >> 8U & 0xFFU);
                bytes[count + 2] = static_cast<char>(bits & 0xFFU);
                count += 3;
                at += 4;
            } else if (text[at] == '\r' && text[at + 1] == '\n') {
                at += 2;
            } else {
                break;
            }
        }
        out.append(bytes.data(), count);
        if (count < bytes.size()) return at;
    }
}

} // namespace

std::optional<Encoding> encoding_named(std::string_view word) {
    if (same_word(word, "base64")) return Encoding::base64;
    if (same_word(word, "quoted-printable")) return Encoding::quoted_printable;
    for (const std::string_view plain : {"7bit", "8bit", "binary"})
        if (same_word(word, plain)) return Encoding::identity;
    return std::nullopt;
}

void Decoder::note(Damage damage) {
    if (std::find(damage_.begin(), damage_.end(), damage) == damage_.end())
        damage_.push_back(damage);
}

void Decoder::feed(Bytes bytes, std::string& out) {
    switch (encoding_) {
    case Encoding::identity:
        out += as_text(bytes);
        return;
    case Encoding::base64:
        base64(as_text(bytes), out);
        return;
    case Encoding::quoted_printable:
        quoted_printable(as_text(bytes), out);
        return;
    }
}

void Decoder::base64(std::string_view text, std::string& out) {
    while (!text.empty()) {
        if (sextets_ + padding_ == 0) text.remove_prefix(take_whole_groups(text, out));
        if (text.empty()) return;
        const char c = text.front();
        text.remove_prefix(1);
        const std::uint8_t sextet = sextets[static_cast<unsigned char>(c)];
        if (sextet != no_sextet) {
            if (padding_ > 0) close_group(out);
            group_ = group_ << 6U | sextet;
            ++sextets_;
        } else if (c == '=' && sextets_ >= 2) {
            ++padding_;
        } else if (!is_layout(c)) {
            note(Damage::base64_junk);
        }
        if (sextets_ + padding_ == 4) close_group(out);
    }
}

/// Writes the bytes of the group and begins the next one.
void Decoder::close_group(std::string& out) {
    if (sextets_ + padding_ != 4) note(Damage::base64_incomplete);
    const std::uint32_t bits = group_ << 6U * (4 - sextets_);
    if (sextets_ >= 2) out += static_cast<char>(bits >> 16U & 0xFFU);
    if (sextets_ >= 3) out += static_cast<char>(bits >> 8U & 0xFFU);
    if (sextets_ == 4) out += static_cast<char>(bits & 0xFFU);
    group_ = 0;
    sextets_ = 0;
    padding_ = 0;
}

void Decoder::quoted_printable(std::string_view text, std::string& out) {
    while (!text.empty()) {
        // Most of it means itself.
        const std::size_t plain =
            held_.empty() ? std::min(text.find_first_of("=\r\n \t"), text.size()) : 0;
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) return;
        quoted(text.front(), out);
        text.remove_prefix(1);
    }
}

void Decoder::quoted(char c, std::string& out) {
    if (!held_.empty() && held_.front() == '=') return after_equals(c, out);
    if (c == '\n') return end_line(out);
    if (!held_.empty() && (held_.back() == '\r' || !(is_blank(c) || c == '\r'))) {
        out += held_; // no line end after all
        held_.clear();
    }
    if (c == '=' || c == '\r' || is_blank(c)) {
        held_ += c;
        if (held_.size() < max_held) return;
        out += held_;
        held_.clear();
        return;
    }
    out += c;
}

void Decoder::after_equals(char c, std::string& out) {
    if (c == '\n') { // a soft line break, perhaps with white space that a transport added
        const std::string_view between = std::string_view(held_).substr(1);
        const bool soft = std::all_of(between.begin(), between.end(), is_space);
        if (soft) return held_.clear();
    } else if (held_.size() == 2 && hex_value(held_[1]) >= 0 && hex_value(c) >= 0) {
        out += static_cast<char>(hex_value(held_[1]) * 16 + hex_value(c));
        return held_.clear();
    } else if ((held_.size() == 1 && (hex_value(c) >= 0 || is_space(c))) ||
               (is_space(c) && is_space(held_.back()) && held_.size() < max_held)) {
        held_ += c;
        return;
    }
    note(Damage::quoted_printable);
    out += held_;
    held_.clear();
    quoted(c, out);
}

/// A hard line break: blanks before it are padding of the transport (RFC 2045 §6.7, rule 3).
void Decoder::end_line(std::string& out) {
    const bool cr = !held_.empty() && held_.back() == '\r';
    held_.clear();
    out += cr ? "\r\n" : "\n";
}

void Decoder::finish(std::string& out) {
    if (encoding_ == Encoding::base64) {
        if (sextets_ + padding_ > 0) close_group(out);
        return;
    }
    const std::string_view text = held_;
    if (!text.empty() && text.front() == '=') {
        // "=" alone is a soft break whose line end belongs to the delimiter.
        if (!std::all_of(text.begin() + 1, text.end(), is_space)) {
            note(Damage::quoted_printable);
            out += text;
        }
    }
    held_.clear();
}

} // namespace kwit::mime
