#include "core/outbox/wire.hh"

#include "core/base/sha256.hh"
#include "core/outbox/plain.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_original_line = 998; // without its CRLF, RFC 5322 §2.1.1
constexpr std::size_t block = 65536;

/// Whether bytes that stream by can go as they are: 7-bit, canonical CRLF, no NUL, no long line.
class LineScan {
public:
    void look(std::string_view text) {
        for (const char c : text)
            if (!step(c)) good_ = false;
    }

    [[nodiscard]] bool good() const { return good_; }

    /// A CR at the very end is a bare one.
    [[nodiscard]] bool good_to_the_end() const { return good_ && !after_cr_; }

private:
    bool step(char c) {
        if (after_cr_ != (c == '\n')) return false; // a bare CR or a bare LF
        after_cr_ = c == '\r';
        if (c == '\n') length_ = 0;
        if (c == '\n' || c == '\r') return true;
        const bool seven_bit = c > 0; // NUL neither
        return seven_bit && ++length_ <= max_original_line;
    }

    bool good_ = true;
    bool after_cr_ = false;
    std::size_t length_ = 0;
};

Error cut_short(const File& file) {
    return {
        Kind::corrupt,
        fmt::format("{} ended before its {} bytes were read", file.name(), file.size()),
        "run kwit verify and restore the damaged file from a backup"};
}

Result<bool> can_go_as_it_is(const File& file) {
    LineScan scan;
    std::vector<std::byte> buffer(block);
    for (std::uint64_t at = 0; at < file.size() && scan.good();) {
        const std::size_t got = TRY(file.read_at(at, buffer));
        if (got == 0) return fail(cut_short(file));
        scan.look(as_text(Bytes(buffer).first(got)));
        at += got;
    }
    return scan.good_to_the_end();
}

/// The same at every try, and another for each multipart. Whoever wrote the original could not know
/// it, as it is made from the original's digest too; "=_" stands in neither quoted-printable nor
/// base64.
std::string boundary_of(const Notice& notice, std::string_view what) {
    constexpr std::size_t enough = 32;
    const Digest digest(
        sha256(fmt::format("{}{}{}", notice.id, what, notice.attach ? notice.attach->hex() : ""))
    );
    return "=_" + digest.hex().substr(0, enough);
}

/// A part whose parts follow each other; each ends in CRLF of its own, which is content.
class Multipart {
public:
    Multipart(const Notice& notice, std::string_view type, std::string_view parameter = "")
        : delimiter_("\r\n--" + boundary_of(notice, type)),
          text_(fmt::format(
              "Content-Type: multipart/{};{}\r\n boundary=\"{}\"\r\n",
              type,
              parameter,
              std::string_view(delimiter_).substr(4)
          )) {}

    void add(std::string_view part) { text_ += fmt::format("{}\r\n{}", delimiter_, part); }

    /// What stands before the next part, whose content comes from elsewhere.
    [[nodiscard]] std::string open() { return std::exchange(text_, "") + delimiter_ + "\r\n"; }

    [[nodiscard]] std::string close() { return std::exchange(text_, "") + delimiter_ + "--\r\n"; }

private:
    std::string delimiter_;
    std::string text_;
};

std::string quoted_part(std::string_view type, std::string_view text) {
    return fmt::format(
        "Content-Type: {}; charset=UTF-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
        type,
        quoted_printable(text)
    );
}

std::string logo_part(const Notice& notice) {
    return fmt::format(
        "Content-Type: {}\r\n"
        "Content-ID: <{}>\r\n"
        "Content-Disposition: inline\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n{}",
        notice.logo->media_type,
        notice.content_id,
        base64_lines(as_bytes(notice.logo->bytes))
    );
}

/// The page, with its picture where there is one (RFC 2387).
std::string html_part(const Notice& notice) {
    std::string page = quoted_part("text/html", notice.html);
    if (!notice.logo) return page;
    Multipart related(notice, "related", " type=\"text/html\";");
    related.add(page);
    related.add(logo_part(notice));
    return related.close();
}

/// The same words twice: the last is what a program shows that can (RFC 2046 §5.1.4).
std::string words_part(const Notice& notice) {
    Multipart alternative(notice, "alternative");
    alternative.add(quoted_part("text/plain", notice.text));
    alternative.add(html_part(notice));
    return alternative.close();
}

/// With every line end a CRLF; the text has LF.
std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
}

/// For programs that read what became of a mail (RFC 6522, RFC 3464).
std::string report_part(const Notice& notice) {
    Multipart report(notice, "report", " report-type=delivery-status;");
    report.add(words_part(notice));
    report.add("Content-Type: message/delivery-status\r\n\r\n" + with_crlf(notice.status));
    return report.close();
}

std::string original_head(bool as_it_is) {
    return fmt::format(
        "Content-Type: {}; name=\"original.eml\"\r\n"
        "Content-Disposition: attachment; filename=\"original.eml\"\r\n"
        "Content-Transfer-Encoding: {}\r\n\r\n",
        as_it_is ? "message/rfc822" : "application/octet-stream",
        as_it_is ? "7bit" : "base64"
    );
}

std::size_t copy_from(std::string_view text, std::uint64_t at, std::span<std::byte> buffer) {
    const std::string_view rest = text.substr(at, buffer.size());
    std::memcpy(buffer.data(), rest.data(), rest.size());
    return rest.size();
}

Result<std::size_t> read_raw(const File& file, std::uint64_t at, std::span<std::byte> buffer) {
    const std::uint64_t left = file.size() - at;
    const std::size_t wanted = std::min<std::uint64_t>(left, buffer.size());
    const std::size_t got = TRY(file.read_at(at, buffer.first(wanted)));
    if (got < wanted) return fail(cut_short(file));
    return got;
}

/// The lines that hold the wanted octets are made anew from where they stand in the file.
Result<std::size_t> read_base64(const File& file, std::uint64_t at, std::span<std::byte> buffer) {
    constexpr std::size_t max_lines = 512;
    std::array<std::byte, max_lines * base64_line_in> octets{};
    const std::uint64_t first = at / base64_line_out;
    const std::size_t inside = at % base64_line_out;
    const std::size_t lines = std::min(max_lines, (inside + buffer.size()) / base64_line_out + 1);
    const std::size_t got =
        TRY(read_raw(file, first * base64_line_in, std::span(octets).first(lines * base64_line_in))
        );
    return copy_from(base64_lines(Bytes(octets).first(got)), inside, buffer);
}

} // namespace

Result<Wire> Wire::of(const Notice& notice, std::optional<File> original) {
    Wire wire;
    wire.add(notice.headers + "MIME-Version: 1.0\r\n");
    if (!original) {
        wire.add(notice.status.empty() ? words_part(notice) : report_part(notice));
        return wire;
    }
    const bool as_it_is = TRY(can_go_as_it_is(*original));
    Multipart mixed(notice, "mixed");
    mixed.add(words_part(notice));
    wire.add(mixed.open() + original_head(as_it_is));
    if (as_it_is)
        wire.add(Raw{std::move(*original)});
    else
        wire.add(Base64{std::move(*original)});
    wire.add(mixed.close());
    return wire;
}

void Wire::add(Piece piece) {
    size_ += size_of(piece);
    pieces_.push_back(std::move(piece));
}

std::uint64_t Wire::size_of(const Piece& piece) {
    if (const auto* const text = std::get_if<std::string>(&piece)) return text->size();
    if (const auto* const raw = std::get_if<Raw>(&piece)) return raw->file.size();
    return base64_size(std::get<Base64>(piece).file.size());
}

Result<std::size_t> Wire::read_piece(const Piece& piece, std::span<std::byte> buffer) const {
    if (const auto* const text = std::get_if<std::string>(&piece))
        return copy_from(*text, at_, buffer);
    if (const auto* const raw = std::get_if<Raw>(&piece)) return read_raw(raw->file, at_, buffer);
    return read_base64(std::get<Base64>(piece).file, at_, buffer);
}

Result<std::size_t> Wire::read(std::span<std::byte> buffer) {
    std::size_t have = 0;
    while (have < buffer.size() && current_ < pieces_.size()) {
        const Piece& piece = pieces_[current_];
        if (at_ == size_of(piece)) {
            ++current_;
            at_ = 0;
            continue;
        }
        const std::size_t got = TRY(read_piece(piece, buffer.subspan(have)));
        have += got;
        at_ += got;
    }
    return have;
}

} // namespace kwit::outbox
