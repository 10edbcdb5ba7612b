#include "core/mime/picture.hh"

#include <algorithm>
#include <array>

namespace kwit::mime {

namespace {

using namespace std::string_view_literals;

std::uint32_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

std::uint32_t big(std::string_view text, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = value << 8U | byte_at(text, at + i);
    return value;
}

std::uint32_t little(std::string_view text, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = count; i > 0; --i)
        value = value << 8U | byte_at(text, at + i - 1);
    return value;
}

std::optional<PictureSize> sized(std::uint32_t width, std::uint32_t height) {
    constexpr std::uint32_t most = 0x7FFFFFFF; // of every format here
    if (width == 0 || height == 0 || width > most || height > most) return std::nullopt;
    return PictureSize{width, height};
}

/// PNG (ISO 15948) §11.2.2: IHDR is the first chunk.
std::optional<PictureSize> size_of_png(std::string_view head) {
    if (head.substr(8, 8) != "\0\0\0\x0DIHDR"sv) return std::nullopt;
    return sized(big(head, 16, 4), big(head, 20, 4));
}

/// The height is negative where the rows stand from top to bottom.
std::optional<PictureSize> size_of_bmp(std::string_view head) {
    constexpr std::uint32_t oldest = 12; // of BITMAPCOREHEADER
    if (little(head, 14, 4) == oldest) return sized(little(head, 18, 2), little(head, 20, 2));
    const std::uint32_t height = little(head, 22, 4);
    constexpr std::uint32_t sign = 0x80000000;
    return sized(little(head, 18, 4), (height & sign) != 0 ? ~height + 1U : height);
}

/// RFC 9649 §2.5 to §2.7: a lossy picture, a lossless one, or one with more than that.
std::optional<PictureSize> size_of_webp(std::string_view head) {
    constexpr std::uint32_t fourteen_bits = 0x3FFF;
    const std::string_view kind = head.substr(12, 4);
    if (kind == "VP8 ") {
        if (head.substr(23, 3) != "\x9D\x01\x2A"sv) return std::nullopt;
        return sized(little(head, 26, 2) & fourteen_bits, little(head, 28, 2) & fourteen_bits);
    }
    if (kind == "VP8L") {
        if (head[20] != '\x2F') return std::nullopt;
        const std::uint32_t bits = little(head, 21, 4);
        return sized((bits & fourteen_bits) + 1, (bits >> 14U & fourteen_bits) + 1);
    }
    if (kind == "VP8X") return sized(little(head, 24, 3) + 1, little(head, 27, 3) + 1);
    return std::nullopt;
}

struct Layout {
    Format format;
    std::size_t needs; ///< bytes from the beginning
    std::optional<PictureSize> (*read)(std::string_view);
};

constexpr std::array layouts = {
    Layout{Format::png, 24, size_of_png},
    Layout{
        Format::gif,
        10,
        [](std::string_view head) { return sized(little(head, 6, 2), little(head, 8, 2)); }},
    Layout{Format::bmp, 26, size_of_bmp},
    Layout{Format::webp, 30, size_of_webp},
};

const Layout* layout_of(Format format) {
    const auto* const row = std::find_if(layouts.begin(), layouts.end(), [&](const Layout& one) {
        return one.format == format;
    });
    return row == layouts.end() ? nullptr : row;
}

// ── JPEG (ITU-T T.81, B.1.1) ─────────────────────────────────────────────────────────────────────

constexpr std::uint32_t marker_begin = 0xFF;

/// SOF0 to SOF15 without DHT, JPG and DAC, which stand among them.
bool is_frame(std::uint32_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Nothing follows it but the next marker: TEM, RST0 to RST7.
bool stands_alone(std::uint32_t marker) {
    return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7);
}

/// SOI, EOI, SOS: behind them no frame header comes any more.
bool ends_headers(std::uint32_t marker) {
    return marker == 0xD8 || marker == 0xD9 || marker == 0xDA;
}

} // namespace

PictureReader::PictureReader(Format format)
    : format_(format), over_(format != Format::jpeg && layout_of(format) == nullptr) {}

PictureReader::Step PictureReader::read_whole() const {
    const Layout& layout = *layout_of(format_);
    if (head_.size() < layout.needs) return {.needs = layout.needs};
    return {.size = layout.read(head_), .over = true};
}

/// One marker with its segment.
PictureReader::Step PictureReader::read_jpeg() const {
    constexpr std::size_t frame_header = 9; // marker, length, precision, height, width
    if (head_.size() < 2) return {.needs = 2};
    if (!begun_) return {.skip = 2, .over = head_.substr(0, 2) != "\xFF\xD8"sv};
    if (byte_at(head_, 0) != marker_begin) return {.over = true};
    const std::uint32_t marker = byte_at(head_, 1);
    if (marker == marker_begin) return {.skip = 1}; // a fill byte
    if (marker == 0 || ends_headers(marker)) return {.over = true};
    if (stands_alone(marker)) return {.skip = 2};
    const std::size_t needs = is_frame(marker) ? frame_header : 4;
    if (head_.size() < needs) return {.needs = needs};
    const std::uint32_t length = big(head_, 2, 2);
    if (length < needs - 2) return {.over = true};
    if (!is_frame(marker)) return {.skip = 2ULL + length};
    // A height of nought stands behind the picture (DNL): not known.
    return {.size = sized(big(head_, 7, 2), big(head_, 5, 2)), .over = true};
}

PictureReader::Step PictureReader::read() const {
    return format_ == Format::jpeg ? read_jpeg() : read_whole();
}

void PictureReader::apply(const Step& step) {
    size_ = step.size;
    over_ = step.over;
    begun_ = true;
    const std::size_t here = std::min<std::uint64_t>(step.skip, head_.size());
    head_.erase(0, here);
    skip_ = step.skip - here;
    if (over_) head_ = {};
}

void PictureReader::feed(std::string_view bytes) {
    while (!over_) {
        const std::size_t passed = std::min<std::uint64_t>(skip_, bytes.size());
        bytes.remove_prefix(passed);
        skip_ -= passed;
        if (skip_ > 0) return;
        const Step step = read();
        if (step.needs <= head_.size()) {
            apply(step);
            continue;
        }
        if (bytes.empty()) return;
        const std::size_t more = std::min(step.needs - head_.size(), bytes.size());
        head_ += bytes.substr(0, more);
        bytes.remove_prefix(more);
    }
}

} // namespace kwit::mime
