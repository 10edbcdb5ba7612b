// How large a picture is in pixels, read from its head while its bytes stream by: PNG, GIF, JPEG,
// BMP, WebP. Nothing of the picture itself is decoded.
//
// In a JPEG the size may stand behind any number of long segments (a camera's preview, a colour
// profile), so they are passed over as they come; what is kept of it is never more than one header.
#pragma once

#include "core/model/format.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kwit::mime {

struct PictureSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

class PictureReader {
public:
    /// A format that is no picture known here has no size.
    explicit PictureReader(Format format);

    /// The bytes from the beginning, cut anywhere.
    void feed(std::string_view bytes);

    /// Nothing: it is not known, or not yet. Both sides are at least 1.
    [[nodiscard]] const std::optional<PictureSize>& size() const { return size_; }

private:
    /// What reading the header at the front of head_ gave.
    struct Step {
        std::size_t needs = 0; ///< bytes; more than there are: it has to wait
        std::uint64_t skip = 0;
        std::optional<PictureSize> size{};
        bool over = false; ///< nothing more will be known
    };

    [[nodiscard]] Step read() const;
    [[nodiscard]] Step read_jpeg() const;
    [[nodiscard]] Step read_whole() const;
    void apply(const Step& step);

    Format format_;
    bool begun_ = false; ///< of a JPEG: its first two bytes are behind us
    bool over_ = false;
    std::uint64_t skip_ = 0;
    std::string head_{};
    std::optional<PictureSize> size_{};
};

} // namespace kwit::mime
