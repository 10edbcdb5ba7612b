// Random numbers from the kernel, for ids, codes and tokens that must not be guessed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kwit {

void fill_random(void* data, std::size_t size);

/// A number below the bound, each equally likely.
std::uint32_t random_below(std::uint32_t bound);

/// A text of characters drawn from the alphabet.
std::string random_text(std::string_view alphabet, std::size_t length);

} // namespace kwit
