// The picture in the head of HTML mails: read, measured, and never shown to a decoder of ours.
#pragma once

#include "core/base/result.hh"
#include "core/model/settings.hh"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

namespace kwit::config {

inline constexpr std::size_t max_logo = 128UL << 10U;  ///< bytes: it goes with every mail
inline constexpr std::uint32_t max_logo_pixels = 2000; ///< of width and height

/// What kind of picture it is and how large, from its own head (PNG: IHDR; JPEG: the frame header);
/// nothing for anything else.
std::optional<Logo> measure_logo(std::string_view bytes);

/// The file; every error is `misuse`.
Result<Logo> read_logo(const std::filesystem::path& path);

} // namespace kwit::config
