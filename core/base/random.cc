#include "core/base/random.hh"

#include <sys/random.h>

#include <cerrno>
#include <limits>
#include <stdexcept>

namespace kwit {

void fill_random(void* data, std::size_t size) {
    auto* at = static_cast<char*>(data);
    while (size > 0) {
        const ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::runtime_error("the kernel gives no random numbers");
        at += got;
        size -= static_cast<std::size_t>(got);
    }
}

std::uint32_t random_below(std::uint32_t bound) {
    // Values past the last whole multiple of the bound would favour the small results.
    const std::uint32_t limit = std::numeric_limits<std::uint32_t>::max() / bound * bound;
    for (;;) {
        std::uint32_t value = 0;
        fill_random(&value, sizeof value);
        if (value < limit) return value % bound;
    }
}

std::string random_text(std::string_view alphabet, std::size_t length) {
    std::string out;
    for (std::size_t i = 0; i < length; ++i)
        out += alphabet[random_below(static_cast<std::uint32_t>(alphabet.size()))];
    return out;
}

} // namespace kwit
