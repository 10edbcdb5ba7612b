// Mails made for a test: put into a file, encoded, wrapped into multiparts.
#pragma once

#include "core/base/file.hh"
#include "core/mime/examine.hh"
#include "tests/unit/temp_dir.hh"

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::test {

/// A file with that content; the directory keeps it.
inline File file_of(const TempDir& dir, std::string_view content) {
    const auto path = dir.path() / "mail";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    auto file = File::open(path);
    if (!file) throw std::runtime_error(file.error().what);
    return std::move(*file);
}

inline mime::Examined examined(
    std::string_view mail, const std::set<Format>& wanted = {}, const LimitSettings& limits = {}
) {
    const TempDir dir;
    const File file = file_of(dir, mail);
    auto result =
        mime::examine(file, limits, wanted, [&dir] { return TempFile::create(dir.path()); });
    if (!result) throw std::runtime_error(result.error().what);
    return std::move(*result);
}

inline std::string content_of(const TempFile& temp) {
    const auto file = temp.reader();
    if (!file) throw std::runtime_error(file.error().what);
    std::string out(file->size(), '\0');
    const auto count = file->read_at(0, std::as_writable_bytes(std::span(out)));
    if (!count || *count != out.size()) throw std::runtime_error("cannot read a part back");
    return out;
}

inline std::string base64(std::string_view bytes, std::size_t line = 76) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits =
                bits << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += i + j > bytes.size() ? '=' : alphabet[bits >> 6U * (3 - j) & 63U];
        column += 4;
        if (column >= line && i + 3 < bytes.size()) {
            out += "\r\n";
            column = 0;
        }
    }
    return out;
}

/// Every byte that is not a plain letter or digit as an escape, lines of at most 76.
inline std::string quoted_printable(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    std::size_t column = 0;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        std::string piece(1, c);
        if (byte <= 0x20 || byte >= 0x7F || c == '=')
            piece = std::string("=") + digits[byte >> 4U] + digits[byte & 15U];
        if (column + piece.size() > 75) {
            out += "=\r\n";
            column = 0;
        }
        out += piece;
        column += piece.size();
    }
    return out;
}

/// multipart/SUBTYPE of entities (each with its headers), boundary B, CRLF, closed.
inline std::string multipart(
    std::string_view subtype,
    const std::vector<std::string>& entities,
    std::string_view boundary = "=_b"
) {
    std::string out = "Content-Type: multipart/" + std::string(subtype) + "; boundary=\"" +
                      std::string(boundary) + "\"\r\n\r\n";
    for (const std::string& entity : entities)
        out.append("--").append(boundary).append("\r\n").append(entity).append("\r\n");
    return out.append("--").append(boundary).append("--\r\n");
}

inline std::string mail_of(std::string_view entity) {
    return "From: anna@kunde.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n" + std::string(entity);
}

inline const std::string pdf = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n";
/// The head of one, 16 by 16 pixels.
inline const std::string
    png("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0", 29);

inline std::string part(std::string_view headers, std::string_view content) {
    return std::string(headers) + "\r\n" + std::string(content);
}

inline std::string pdf_part(std::string_view name = "faktura.pdf") {
    return part(
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"" +
            std::string(name) + "\"\r\nContent-Transfer-Encoding: base64\r\n",
        base64(pdf)
    );
}

inline const std::string text_part = part("Content-Type: text/plain\r\n", "Dzien dobry");
inline const std::string html_part =
    part("Content-Type: text/html\r\n", "<html><img src=\"cid:logo@x\"></html>");
inline const std::string logo_part = part(
    "Content-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n",
    base64(png)
);

} // namespace kwit::test
