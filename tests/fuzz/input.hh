// What the fuzz targets share: the bytes of one run, a file that holds them, and a check that ends
// the program as a crash does, so that libFuzzer keeps the input.
#pragma once

#include "core/base/bytes.hh"
#include "core/base/file.hh"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// For what must hold whatever the input is.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): a function could not say what was checked.
#define HOLDS(...)                                                                                 \
    ((__VA_ARGS__) ? static_cast<void>(0) : ::kwit::fuzz::broken(#__VA_ARGS__, __FILE__, __LINE__))

namespace kwit::fuzz {

[[noreturn]] inline void broken(const char* what, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's bytes are ours.
    return {reinterpret_cast<const char*>(data), size};
}

/// A file in memory with these bytes.
TempFile file_of(std::string_view bytes);

/// Takes small numbers off the end of an input, as its beginning is what formats are told by.
class Choices {
public:
    explicit Choices(std::string_view& text) : text_(text) {}

    /// A number below `most`; 0 when the input is used up.
    std::size_t below(std::size_t most) {
        if (text_.empty()) return 0;
        const auto last = static_cast<unsigned char>(text_.back());
        text_.remove_suffix(1);
        return last % most;
    }

private:
    std::string_view& text_;
};

/// Calls take(piece) for pieces of the text whose sizes the text itself decides.
template <typename Take>
void in_pieces(std::string_view text, std::size_t seed, Take take) {
    std::size_t state = seed * 2654435761U + 1;
    while (!text.empty()) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        const std::size_t size = 1 + (state >> 33U) % (state >> 60U < 12 ? 7 : 500);
        const std::string_view piece = text.substr(0, size);
        take(piece);
        text.remove_prefix(piece.size());
    }
}

} // namespace kwit::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
