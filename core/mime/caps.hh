// A look at the raw bytes of a mail as they stream into the spool, before any library sees them:
// counts what GMime 3.2.13 cannot take (thousands of headers or parts, nested groups in address
// headers, deep nesting, headers full of "=?", for which it takes quadratic time). Chunks may be
// cut anywhere; memory is bounded by the limits.
//
// It leans to the safe side: where the bytes could be a header block or a delimiter to anybody,
// they count as one. Parts are MIME entities: each delimiter line of a declared boundary that
// begins one counts, containers and parts of attached mails too. The depth of an entity is the
// number of multiparts and attached mails around it.
#pragma once

#include "core/base/bytes.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::mime {

/// All header blocks of a mail together, those of parts and attached mails too, may have as many
/// times `headers` and `header_bytes`.
constexpr std::uint64_t all_headers_factor = 16;

/// The beginnings of encoded words in a header line times its bytes, summed over all headers: a
/// measure of the time that reading them takes. Half a second at the limit; a mail to a hundred
/// people with long names in other alphabets has some thousandth of it.
constexpr std::uint64_t max_word_work = std::uint64_t{1} << 29U;

class Caps {
public:
    explicit Caps(const LimitSettings& limits);

    void feed(Bytes bytes);

    /// The limit that was broken first; the rest of the mail is not looked at then. Empty while
    /// all is well.
    [[nodiscard]] const std::vector<Limit>& over() const { return over_; }

private:
    /// What the header block at hand says, as far as it matters here.
    struct Block {
        std::uint64_t headers = 0;
        std::uint64_t bytes = 0;
        std::string name{};  ///< of the header at hand, lower case
        std::string value{}; ///< of the header at hand, where it is one that matters
        bool cut = false;    ///< value is only the beginning of it
        bool typed = false;
        bool mail = false;    ///< message/*
        bool digest = false;  ///< multipart/digest: parts without a type are mails
        bool encoded = false; ///< in base64 or quoted-printable, and nothing else
        bool plain = false;   ///< some Content-Transfer-Encoding is neither
        std::vector<std::size_t> boundaries{};
    };

    void count_words(std::string_view piece);
    void end_line();
    bool address_line(std::string_view line);
    bool delimiter_line(std::string_view line);
    void delimiter(std::size_t level, bool opens);
    void header_line(std::string_view line);
    void end_header();
    void content_type();
    void open_block();
    void close_block();
    void break_limit(Limit limit);
    void check_growth();
    [[nodiscard]] std::uint64_t without_cr(std::uint64_t size) const;

    LimitSettings limits_;
    std::vector<Limit> over_{};

    std::string line_{};          // the beginning of the line at hand
    std::uint64_t line_size_ = 0; // all of it so far, without its LF
    char last_ = 0;               // its last character so far
    std::uint64_t address_ = 0;   // bytes of the address header at hand; 0: none
    bool in_headers_ = true;
    Block block_{};
    std::uint64_t all_headers_ = 0;
    std::uint64_t all_bytes_ = 0;
    std::uint64_t words_ = 0;         // beginnings of encoded words in the header at hand
    std::uint64_t header_size_ = 0;   // bytes of it so far
    std::uint64_t all_word_work_ = 0; // of the headers before it
    std::uint64_t entities_ = 0;
    bool any_delimiter_ = false;          // a boundary was declared in a way that may be read twice
    bool digest_ = false;                 // a multipart/digest was seen
    std::vector<std::size_t> declared_{}; // hashes of boundaries
    std::vector<std::size_t> around_{};   // hashes of the open ones; no_boundary: an attached mail
};

} // namespace kwit::mime
