#include "core/base/unicode.hh"

#include "core/base/text.hh"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace kwit {

namespace {

struct Free {
    void operator()(void* memory) const noexcept {
        std::free(memory
        ); // NOLINT(cppcoreguidelines-no-malloc): libunistring allocates with malloc
    }
};

} // namespace

bool is_letter(char32_t c) {
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M);
}

bool is_white_space(char32_t c) {
    return uc_is_property_white_space(c);
}

bool is_invisible(char32_t c) {
    return uc_is_property_default_ignorable_code_point(c);
}

std::string upper_text(std::string_view text) {
    std::vector<std::uint32_t> in;
    in.reserve(text.size());
    each_code_point(text, [&in](char32_t c) { in.push_back(c); });
    if (in.empty()) return {};
    std::size_t length = 0;
    // Code points that are all valid leave lack of memory as the only failure.
    const std::unique_ptr<std::uint32_t, Free> upper(
        u32_toupper(in.data(), in.size(), nullptr, UNINORM_NFC, nullptr, &length)
    );
    if (!upper) throw std::bad_alloc();
    std::string out;
    for (std::size_t i = 0; i < length; ++i)
        append_utf8(out, upper.get()[i]);
    return out;
}

std::string nfc(std::string_view text) {
    if (text.empty()) return {};
    std::size_t size = 0;
    const std::unique_ptr<std::uint8_t, Free> made(u8_normalize(
        UNINORM_NFC,
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libunistring speaks unsigned
        // char.
        reinterpret_cast<const std::uint8_t*>(text.data()),
        text.size(),
        nullptr,
        &size
    ));
    if (!made) return std::string(text);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    return {reinterpret_cast<const char*>(made.get()), size};
}

} // namespace kwit
