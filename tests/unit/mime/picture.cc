#include "core/mime/picture.hh"

#include <doctest/doctest.h>

#include <string>

namespace kwit::mime {

namespace {

using namespace std::string_literals;

std::string big16(unsigned value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}

std::string little16(unsigned value) {
    return {static_cast<char>(value & 0xFFU), static_cast<char>(value >> 8U)};
}

std::string png(unsigned width, unsigned height) {
    return "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR"s + "\0\0"s + big16(width) + "\0\0"s + big16(height) +
           "\x08\x06\0\0\0"s;
}

std::string gif(unsigned width, unsigned height) {
    return "GIF89a" + little16(width) + little16(height) + "\xF7\0\0"s;
}

std::string bmp(unsigned width, const std::string& height) {
    return "BM"s + std::string(12, '\0') + "\x28\0\0\0"s + little16(width) + "\0\0"s + height;
}

std::string segment(char marker, const std::string& content) {
    return "\xFF"s + marker + big16(static_cast<unsigned>(content.size()) + 2) + content;
}

std::string frame(char marker, unsigned width, unsigned height) {
    return segment(marker, "\x08"s + big16(height) + big16(width) + "\x03"s);
}

std::string jpeg(const std::string& segments) {
    return "\xFF\xD8" + segments + "\xFF\xDA\0\x02picture"s;
}

std::string webp(const std::string& chunk) {
    return "RIFF\0\0\0\0WEBP"s + chunk + std::string(10, '\0');
}

/// "640x480", "unknown"; the same however the bytes are cut.
std::string size_in(Format format, const std::string& bytes) {
    const auto shown = [&](std::size_t piece) {
        PictureReader reader(format);
        for (std::size_t at = 0; at < bytes.size(); at += piece)
            reader.feed(std::string_view(bytes).substr(at, piece));
        if (!reader.size()) return "unknown"s;
        return std::to_string(reader.size()->width) + "x" + std::to_string(reader.size()->height);
    };
    const std::string whole = shown(bytes.size() + 1);
    CHECK(shown(1) == whole);
    CHECK(shown(7) == whole);
    return whole;
}

} // namespace

TEST_SUITE("mime/picture") {
    TEST_CASE("the head of each format tells its size") {
        CHECK(size_in(Format::png, png(640, 480)) == "640x480");
        CHECK(size_in(Format::gif, gif(640, 480)) == "640x480");
        CHECK(size_in(Format::bmp, bmp(640, "\xE0\x01\0\0"s)) == "640x480");
        CHECK(size_in(Format::bmp, bmp(640, "\x20\xFE\xFF\xFF"s)) == "640x480"); // from the top
        const std::string core = "BM"s + std::string(12, '\0') + "\x0C\0\0\0"s + little16(640) +
                                 little16(480) + "\x01\0\x18\0"s;
        CHECK(size_in(Format::bmp, core) == "640x480");
        CHECK(
            size_in(
                Format::webp,
                webp("VP8 \0\0\0\0\x30\x01\0\x9D\x01\x2A"s + little16(640) + little16(480))
            ) == "640x480"
        );
        CHECK(size_in(Format::webp, webp("VP8L\0\0\0\0\x2F\x7F\xC2\x77\0"s)) == "640x480");
        CHECK(
            size_in(Format::webp, webp("VP8X\0\0\0\0\x10\0\0\0\x7F\x02\0\xDF\x01\0"s)) == "640x480"
        );
    }

    TEST_CASE("a JPEG's size stands behind whatever its camera wrote first") {
        CHECK(size_in(Format::jpeg, jpeg(frame('\xC0', 640, 480))) == "640x480");
        CHECK(size_in(Format::jpeg, jpeg(frame('\xC2', 640, 480))) == "640x480"); // progressive
        const std::string app = segment('\xE1', std::string(65533, 'x'));
        CHECK(size_in(Format::jpeg, jpeg(app + app + frame('\xC0', 640, 480))) == "640x480");
        // A preview has a frame of its own, inside of its segment.
        const std::string preview = segment('\xE1', "Exif\0\0"s + jpeg(frame('\xC0', 16, 12)));
        CHECK(size_in(Format::jpeg, jpeg(preview + frame('\xC0', 640, 480))) == "640x480");
        const std::string tables = segment('\xC4', "huffman") + segment('\xDB', "quantization");
        CHECK(size_in(Format::jpeg, jpeg(tables + frame('\xC0', 640, 480))) == "640x480");
        const std::string fill = "\xFF\xFF\xFF"s + frame('\xC0', 640, 480) + "\xFF\xD0\xFF\x01"s;
        CHECK(size_in(Format::jpeg, jpeg(fill)) == "640x480");
        CHECK(size_in(Format::jpeg, jpeg("\xFF\x01"s + frame('\xC0', 640, 480))) == "640x480");
    }

    TEST_CASE("what is not plainly a size is not known") {
        CHECK(size_in(Format::png, png(0, 480)) == "unknown");
        CHECK(size_in(Format::png, png(640, 480).substr(0, 23)) == "unknown");
        CHECK(size_in(Format::png, png(640, 480).substr(0, 24)) == "640x480");
        std::string other = png(640, 480);
        other.replace(12, 4, "tEXt");
        CHECK(size_in(Format::png, other) == "unknown");
        std::string huge = png(640, 480);
        huge[16] = '\x80'; // 2^31 and more
        CHECK(size_in(Format::png, huge) == "unknown");
        CHECK(size_in(Format::gif, gif(640, 0)) == "unknown");
        CHECK(size_in(Format::bmp, bmp(640, "\0\0\0\x80"s)) == "unknown");
        CHECK(
            size_in(Format::webp, webp("VP8 \0\0\0\0\x30\x01\0\0\0\0"s + little16(640))) ==
            "unknown"
        );
        CHECK(size_in(Format::webp, webp("VP8L\0\0\0\0\x2E\x7F\xC2\x77\0"s)) == "unknown");
        CHECK(size_in(Format::webp, webp("ICCP\0\0\0\0")) == "unknown");
        CHECK(size_in(Format::jpeg, jpeg(frame('\xC0', 640, 0))) == "unknown"); // told behind it
        CHECK(size_in(Format::jpeg, jpeg("")) == "unknown");
        CHECK(size_in(Format::jpeg, "\xFF\xD8\xFF\xC0\0\x05\x08\0\0\0\0"s) == "unknown");
        CHECK(
            size_in(Format::jpeg, "\xFF\xD8\xFF\xE0\0\x01"s + frame('\xC0', 640, 480)) == "unknown"
        );
        CHECK(size_in(Format::jpeg, "\xFF\xD8 text "s + frame('\xC0', 640, 480)) == "unknown");
        CHECK(size_in(Format::jpeg, "\xFF\xD8" + segment('\xE0', "JFIF")) == "unknown");
        CHECK(size_in(Format::pdf, png(640, 480)) == "unknown");
        CHECK(size_in(Format::tiff, "II*\0"s) == "unknown");
        CHECK(size_in(Format::png, "") == "unknown");
    }
}

} // namespace kwit::mime
