#include "core/mime/charset.hh"

#include "core/base/text.hh"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <type_traits>

namespace kwit::mime {

namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr std::size_t max_name = 64;

struct CloseIconv {
    void operator()(iconv_t handle) const noexcept { iconv_close(handle); }
};

using Iconv = std::unique_ptr<std::remove_pointer_t<iconv_t>, CloseIconv>;

std::string from_latin1(std::string_view bytes) {
    std::string out;
    for (const char c : bytes)
        append_utf8(out, static_cast<unsigned char>(c));
    return out;
}

std::string repaired_utf8(std::string_view bytes) {
    std::string out;
    each_code_point(bytes, [&out](char32_t c) { append_utf8(out, c); });
    return out;
}

/// A charset's name as iconv may have it: iconv reads "//" as an order to transliterate.
bool is_charset_name(std::string_view name) {
    const auto fits = [](char c) {
        return is_alpha(c) || is_digit(c) ||
               std::string_view("-_.:+()").find(c) != std::string_view::npos;
    };
    return !name.empty() && name.size() <= max_name && std::all_of(name.begin(), name.end(), fits);
}

Iconv open_converter(std::string_view charset) {
    if (!is_charset_name(charset)) return nullptr;
    iconv_t handle = iconv_open("UTF-8", std::string(charset).c_str());
    // POSIX compares with (iconv_t)-1.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast,performance-no-int-to-ptr)
    return handle == (iconv_t)-1 ? nullptr : Iconv(handle);
}

Converted convert(Iconv handle, std::string_view bytes) {
    Converted out;
    std::string input(bytes);
    char* from = input.data();
    std::size_t left = input.size();
    std::array<char, 1024> buffer{};
    while (left > 0) {
        char* to = buffer.data();
        std::size_t room = buffer.size();
        const std::size_t code = iconv(handle.get(), &from, &left, &to, &room);
        const int errnum = errno;
        out.text.append(buffer.data(), buffer.size() - room);
        if (code != static_cast<std::size_t>(-1) || errnum == E2BIG) continue;
        out.damaged = true;
        append_utf8(out.text, replacement);
        if (errnum == EINVAL) break; // a character without its end
        ++from;
        --left;
    }
    // Some converters hold a letter back to see whether an accent follows.
    char* to = buffer.data();
    std::size_t room = buffer.size();
    iconv(handle.get(), nullptr, nullptr, &to, &room);
    out.text.append(buffer.data(), buffer.size() - room);
    return out;
}

} // namespace

std::string utf8_or_latin1(std::string_view bytes) {
    return is_utf8(bytes) ? std::string(bytes) : from_latin1(bytes);
}

Converted to_utf8(std::string_view bytes, std::string_view charset) {
    if (same_word(charset, "utf-8") || same_word(charset, "utf8"))
        return {.text = repaired_utf8(bytes), .damaged = !is_utf8(bytes)};
    if (same_word(charset, "us-ascii") || same_word(charset, "ascii")) {
        const bool pure = std::all_of(bytes.begin(), bytes.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x80;
        });
        return {.text = utf8_or_latin1(bytes), .damaged = !pure};
    }
    Iconv handle = open_converter(charset);
    if (!handle) return {.text = from_latin1(bytes), .unknown_charset = true};
    Converted out = convert(std::move(handle), bytes);
    if (!is_utf8(out.text)) {
        out.text = repaired_utf8(out.text);
        out.damaged = true;
    }
    return out;
}

} // namespace kwit::mime
