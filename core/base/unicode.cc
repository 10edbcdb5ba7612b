#include "core/base/unicode.hh"

#include <uninorm.h>

#include <cstdlib>
#include <memory>

namespace kwit {

namespace {

struct Free {
    void operator()(std::uint8_t* text) const noexcept {
        std::free(text); // NOLINT(cppcoreguidelines-no-malloc): libunistring allocates with malloc.
    }
};

} // namespace

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
