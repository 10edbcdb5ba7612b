#include "inspector/tnef.hh"

#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace kwit::inspector {

namespace {

// [MS-OXTNEF] §2.1.3, [MS-OXCDATA] §2.11.1, [MS-OXPROPS]
enum class Attribute : std::uint32_t {
    oem_codepage = 0x00069007,
    attachment_begins = 0x00069002,
    title = 0x00018010,
    data = 0x0006800F,
    properties = 0x00069005,
};

enum class Property : std::uint32_t {
    display_name = 0x3001,
    data = 0x3701,
    filename = 0x3704,
    method = 0x3705,
    long_filename = 0x3707,
};

constexpr std::uint32_t signature = 0x223E9F78;
constexpr std::uint32_t of_message = 1; // levels of attributes
constexpr std::uint32_t of_attachment = 2;
constexpr std::uint32_t multiple = 0x1000; // flag of a type: several values
constexpr std::uint32_t type_string8 = 0x1E;
constexpr std::uint32_t type_unicode = 0x1F;
constexpr std::uint32_t type_object = 0x0D;
constexpr std::uint32_t type_binary = 0x102;

/// The stream is not what the format says.
class Damaged : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

/// Reads little-endian numbers and pieces, never past the end.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : left_(bytes) {}

    std::string_view take(std::uint64_t size) {
        if (size > left_.size()) throw Damaged("it ends in the middle of an attribute");
        const std::string_view piece = left_.substr(0, size);
        left_.remove_prefix(size);
        return piece;
    }

    std::uint32_t number(unsigned bytes) {
        std::uint32_t value = 0;
        unsigned shift = 0;
        for (const char c : take(bytes)) {
            value |= std::uint32_t{static_cast<unsigned char>(c)} << shift;
            shift += 8;
        }
        return value;
    }

    /// With what pads it to a multiple of four bytes.
    std::string_view take_padded(std::uint64_t size) {
        const std::string_view piece = take(size);
        take(std::min<std::uint64_t>((4 - size % 4) % 4, left_.size()));
        return piece;
    }

    [[nodiscard]] bool at_end() const { return left_.empty(); }

    [[nodiscard]] std::string_view left() const { return left_; }

private:
    std::string_view left_;
};

std::string from_utf16(std::string_view bytes) {
    std::string text;
    const auto unit = [bytes](std::size_t at) {
        return static_cast<char32_t>(static_cast<unsigned char>(bytes[at])) |
               static_cast<char32_t>(static_cast<unsigned char>(bytes[at + 1])) << 8U;
    };
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        char32_t c = unit(at);
        if (c == 0) break;
        const bool pair = c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size() &&
                          (unit(at + 2) & 0xFC00U) == 0xDC00;
        if (pair) {
            c = 0x10000 + ((c & 0x3FFU) << 10U) + (unit(at + 2) & 0x3FFU);
            at += 2;
        } else if (c >= 0xD800 && c < 0xE000) {
            c = 0xFFFD;
        }
        append_utf8(text, c);
    }
    return text;
}

std::string_view up_to_nul(std::string_view text) {
    return text.substr(0, text.find('\0'));
}

struct Name {
    std::string text{};
    bool utf8 = false;
    int rank = 0; // the highest one counts
};

/// An attachment as its attributes come by.
struct Attachment {
    Name name{};
    std::optional<std::string_view> data{};     // of attAttachData
    std::optional<std::string_view> property{}; // of PidTagAttachData, where there is no other
    bool has_properties = false;
};

void better_name(Name& name, int rank, std::string text, bool utf8) {
    if (rank > name.rank && !text.empty()) name = {std::move(text), utf8, rank};
}

int rank_of(Property property) {
    switch (property) {
    case Property::long_filename:
        return 4;
    case Property::filename:
        return 2;
    case Property::display_name:
        return 1;
    default:
        return 0;
    }
}

constexpr int rank_of_title = 3;

void note_property(Property property, std::uint32_t type, std::string_view value, Attachment& out) {
    if (property == Property::data) {
        // An object begins with the id of its interface.
        constexpr std::size_t interface_id = 16;
        out.property = type == type_object && value.size() >= interface_id
                           ? value.substr(interface_id)
                           : value;
    }
    if (type == type_unicode) better_name(out.name, rank_of(property), from_utf16(value), true);
    if (type == type_string8)
        better_name(out.name, rank_of(property), std::string(up_to_nul(value)), false);
}

/// Bytes of a value of that type; 0: it says so itself.
std::uint64_t size_of(std::uint32_t type) {
    switch (type) {
    case 0x02: // two bytes, padded
    case 0x03:
    case 0x04:
    case 0x0A:
    case 0x0B:
        return 4;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48:
        return 16;
    case type_object:
    case type_string8:
    case type_unicode:
    case type_binary:
        return 0;
    default:
        throw Damaged(fmt::format("a property has the type {:#x}, which nobody knows", type));
    }
}

void skip_property_name(Cursor& cursor) {
    cursor.take(16);
    if (cursor.number(4) == 0)
        cursor.take(4);
    else
        cursor.take_padded(cursor.number(4));
}

void read_properties(std::string_view bytes, Attachment& out) {
    Cursor cursor(bytes);
    for (std::uint32_t count = cursor.number(4); count > 0; --count) {
        const std::uint32_t type = cursor.number(2);
        const std::uint32_t id = cursor.number(2);
        if (id >= 0x8000) skip_property_name(cursor);
        const std::uint64_t size = size_of(type & ~multiple);
        const bool counted = size == 0 || (type & multiple) != 0;
        for (std::uint32_t values = counted ? cursor.number(4) : 1; values > 0; --values) {
            const auto value = cursor.take_padded(size == 0 ? cursor.number(4) : size);
            note_property(static_cast<Property>(id), type, value, out);
        }
    }
    if (!cursor.at_end()) throw Damaged("an attachment has more properties than it says");
}

std::uint32_t checksum_of(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (const char c : bytes)
        sum += static_cast<unsigned char>(c);
    return sum & 0xFFFFU;
}

class Stream {
public:
    explicit Stream(Output& output) : output_(output) {}

    void read(std::string_view bytes) {
        Cursor cursor(bytes);
        if (cursor.number(4) != signature) throw Damaged("it is no TNEF");
        cursor.take(2);
        while (!cursor.at_end()) {
            // Some programs fill the stream up.
            if (cursor.left().find_first_not_of('\0') == std::string_view::npos) break;
            read_attribute(cursor);
        }
        finish_attachment();
    }

private:
    void read_attribute(Cursor& cursor) {
        const std::uint32_t level = cursor.number(1);
        if (level != of_message && level != of_attachment)
            throw Damaged("an attribute belongs to nothing");
        const auto id = static_cast<Attribute>(cursor.number(4));
        const std::string_view value = cursor.take(cursor.number(4));
        if (cursor.number(2) != checksum_of(value))
            throw Damaged("an attribute has another checksum");
        if (level == of_attachment)
            note_of_attachment(id, value);
        else if (id == Attribute::oem_codepage && value.size() >= 4)
            codepage_ = Cursor(value).number(4);
    }

    /// No checksum covers what an attribute is: where the one that begins an attachment was
    /// damaged, two attachments must not become one.
    void note_of_attachment(Attribute id, std::string_view value) {
        if (id == Attribute::attachment_begins) {
            finish_attachment();
            attachment_.emplace();
        }
        if (!attachment_) throw Damaged("an attachment has no beginning");
        const bool again = (id == Attribute::data && attachment_->data) ||
                           (id == Attribute::properties && attachment_->has_properties);
        if (again) throw Damaged("an attachment has two contents");
        if (id == Attribute::title)
            better_name(attachment_->name, rank_of_title, std::string(up_to_nul(value)), false);
        if (id == Attribute::data) attachment_->data = value;
        if (id == Attribute::properties) {
            attachment_->has_properties = true;
            read_properties(value, *attachment_);
        }
    }

    void finish_attachment() {
        if (!attachment_) return;
        const Attachment attachment = *std::exchange(attachment_, std::nullopt);
        const bool plain = attachment.name.utf8 || codepage_ == 0;
        output_.begin(attachment.name.text, plain ? std::string() : fmt::format("CP{}", codepage_));
        const bool in_property = attachment.data.value_or(std::string_view()).empty();
        const auto content =
            in_property && attachment.property ? attachment.property : attachment.data;
        if (!content) return output_.withhold(Withheld::damaged); // not the same as an empty file
        output_.write(*content);
        output_.end();
    }

    Output& output_;
    std::uint32_t codepage_ = 0;
    std::optional<Attachment> attachment_{};
};

} // namespace

Opening unpack_tnef(const Document& document, Output& output) {
    const std::string bytes = document.whole();
    try {
        Stream(output).read(bytes);
    } catch (const Damaged& damaged) {
        return {.state = Opening::State::damaged, .said = damaged.what()};
    }
    return {.state = Opening::State::opened};
}

} // namespace kwit::inspector
