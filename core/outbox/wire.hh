// The bytes of a notice as they go to the mail transport (RFC 5322, RFC 2045): CRLF, 7-bit, lines
// of at most 76 octets but for an attached original's own. The original is streamed from its
// object; memory does not grow with it.
//
// The original is attached as message/rfc822, byte for byte, when it is 7-bit with canonical CRLF,
// lines of at most 998 octets and no NUL. Else it goes as original.eml (application/octet-stream)
// in base64: message/rfc822 must not be base64 (RFC 2046 §5.2.1), and a bare LF before a dot would
// end the mail early. 8-bit mails are among these: nothing declares BODY=8BITMIME for us (RFC
// 6152), and a transport that converts them for the next one changes bytes that were signed.
#pragma once

#include "core/base/file.hh"
#include "core/outbox/notice.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kwit::outbox {

class Wire {
public:
    /// Reads the original once, to see in which form it can go.
    static Result<Wire> of(const Notice& notice, std::optional<File> original);

    /// Of all of it in octets.
    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// Fills the buffer as far as the mail goes; 0 at its end. An error means that it must not be
    /// sent: what was read so far is not the whole mail.
    Result<std::size_t> read(std::span<std::byte> buffer);

private:
    struct Raw {
        File file;
    };

    struct Base64 {
        File file;
    };

    using Piece = std::variant<std::string, Raw, Base64>;

    Wire() = default;

    void add(Piece piece);
    Result<std::size_t> read_piece(const Piece& piece, std::span<std::byte> buffer) const;
    static std::uint64_t size_of(const Piece& piece);

    std::vector<Piece> pieces_;
    std::uint64_t size_ = 0;
    std::size_t current_ = 0; // the piece that is being read
    std::uint64_t at_ = 0;    // octets of it that were given out
};

} // namespace kwit::outbox
