#include "core/config/logo.hh"

#include "core/base/file.hh"

#include <fmt/format.h>

namespace kwit::config {

namespace {

constexpr std::string_view png_head = "\x89PNG\r\n\x1a\n";
constexpr std::string_view jpeg_head = "\xff\xd8\xff";

/// A big-endian number.
std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (const char c : bytes.substr(at, size))
        number = (number << 8U) | static_cast<unsigned char>(c);
    return number;
}

/// The first chunk is always IHDR (ISO/IEC 15948 §11.2.2): length, name, width, height.
std::optional<Logo> measure_png(std::string_view bytes) {
    constexpr std::size_t name = 12;
    constexpr std::size_t width = 16;
    constexpr std::size_t height = 20;
    constexpr std::size_t size = 4;
    if (bytes.size() < height + size || bytes.substr(name, size) != "IHDR") return std::nullopt;
    return Logo{
        .media_type = "image/png",
        .bytes = std::string(bytes),
        .width = number_at(bytes, width, size),
        .height = number_at(bytes, height, size)};
}

bool is_frame(unsigned marker) {
    // SOF0 to SOF15 but for DHT, JPG and DAC, which stand among them (ITU T.81 table B.1).
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Walks the segments up to the frame header: length, precision, height, width.
std::optional<Logo> measure_jpeg(std::string_view bytes) {
    constexpr std::size_t frame_head = 9; // with its marker
    std::size_t at = 2;
    while (at + frame_head <= bytes.size() && bytes[at] == '\xff') {
        const unsigned marker = static_cast<unsigned char>(bytes[at + 1]);
        if (is_frame(marker))
            return Logo{
                .media_type = "image/jpeg",
                .bytes = std::string(bytes),
                .width = number_at(bytes, at + 7, 2),
                .height = number_at(bytes, at + 5, 2)};
        at += 2 + (marker == 0xFF ? 0 : number_at(bytes, at + 2, 2));
        if (marker == 0xFF) --at; // a fill byte before the marker
    }
    return std::nullopt;
}

bool is_sane(std::uint32_t pixels) {
    return pixels > 0 && pixels <= max_logo_pixels;
}

} // namespace

std::optional<Logo> measure_logo(std::string_view bytes) {
    auto logo = bytes.starts_with(png_head)    ? measure_png(bytes)
                : bytes.starts_with(jpeg_head) ? measure_jpeg(bytes)
                                               : std::nullopt;
    if (!logo || !is_sane(logo->width) || !is_sane(logo->height)) return std::nullopt;
    return logo;
}

Result<Logo> read_logo(const std::filesystem::path& path) {
    const auto bytes = read_whole(path, max_logo);
    if (!bytes)
        return fail(
            Kind::misuse,
            bytes.error().what,
            fmt::format("a logo goes with every mail: at most {} bytes of PNG or JPEG", max_logo)
        );
    auto logo = measure_logo(*bytes);
    if (logo) return *std::move(logo);
    return fail(
        Kind::misuse,
        fmt::format(
            "{} is no PNG or JPEG picture of at most {} pixels each way",
            path.string(),
            max_logo_pixels
        ),
        "save the logo as PNG or JPEG; mail programs show no SVG"
    );
}

} // namespace kwit::config
