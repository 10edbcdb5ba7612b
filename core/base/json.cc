#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace kwit {

namespace {

constexpr std::size_t max_nesting = 32;

/// Walks over the heads of CBOR (RFC 8949 §3) without recursion: the library's parser recurses over
/// items in items and over the pieces of strings without length, and the stack is ours.
class HeadWalk {
public:
    explicit HeadWalk(std::string_view bytes) : bytes_(bytes) {}

    /// Empty: one item begins the bytes, within the nesting and with lengths everywhere.
    std::string problem() {
        while (depth_ > 0 || to_come_[0] > 0) {
            if (to_come_[depth_] == 0) {
                --depth_;
                continue;
            }
            --to_come_[depth_];
            if (!step()) return fmt::format("unreadable at byte {}", at_);
            if (depth_ > max_nesting)
                return fmt::format("nested deeper than {} levels", max_nesting);
        }
        return {};
    }

private:
    bool step() {
        if (at_ >= bytes_.size()) return false;
        const auto head = static_cast<unsigned char>(bytes_[at_]);
        const auto value = argument(head & 31U);
        if (!value) return false;
        const std::uint64_t left = bytes_.size() - at_;
        switch (head >> 5U) {
        case 2: // bytes
        case 3: // text
            at_ += std::min(*value, left);
            return *value <= left;
        case 4: // an array: each item takes a byte at least
            return *value <= left && open(*value);
        case 5: // a map
            return *value <= left / 2 && open(2 * *value);
        case 6: // a tag
            return false;
        default: // numbers and simple values
            return true;
        }
    }

    /// What stands behind the head's major type; nothing for an item without length, which we never
    /// write. Moves behind it.
    std::optional<std::uint64_t> argument(unsigned info) {
        if (info >= 28) return std::nullopt;
        const std::size_t size = info < 24 ? 0 : std::size_t{1} << (info - 24);
        if (bytes_.size() - at_ <= size) return std::nullopt;
        std::uint64_t value = info;
        if (size > 0) value = 0;
        for (const char c : bytes_.substr(at_ + 1, size))
            value = value << 8U | static_cast<unsigned char>(c);
        at_ += 1 + size;
        return value;
    }

    bool open(std::uint64_t items) {
        // One level too deep is remembered, not stored.
        if (++depth_ <= max_nesting) to_come_[depth_] = items;
        return true;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::array<std::uint64_t, max_nesting + 1> to_come_{1}; // items, for each level that is open
    std::size_t depth_ = 0;
};

} // namespace

std::string json_line(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_cbor(const Json& value) {
    std::string out;
    Json::to_cbor(value, out);
    return out;
}

Result<Json> from_cbor(std::string_view bytes) {
    const std::string problem = HeadWalk(bytes).problem();
    if (!problem.empty()) return fail(Kind::corrupt, "CBOR that is " + problem);
    Json value = Json::from_cbor(bytes.begin(), bytes.end(), true, false);
    if (value.is_discarded()) return fail(Kind::corrupt, "CBOR that is unreadable");
    return value;
}

} // namespace kwit
