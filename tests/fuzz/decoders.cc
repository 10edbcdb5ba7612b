// Transfer encodings and formats by content: decoding gives back what was encoded, however it was
// broken into lines, and the pieces it comes in change nothing.
#include "core/base/base64.hh"
#include "core/base/text.hh"
#include "core/mime/cid.hh"
#include "core/mime/decode.hh"
#include "core/mime/magic.hh"
#include "core/mime/percent.hh"
#include "tests/fuzz/input.hh"
#include "tests/unit/mime/mail.hh"

#include <algorithm>

namespace kwit::fuzz {

namespace {

struct Decoded {
    std::string bytes{};
    std::vector<Damage> damage{};
    friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded whole(mime::Encoding encoding, std::string_view text) {
    mime::Decoder decoder(encoding);
    Decoded out;
    decoder.feed(as_bytes(text), out.bytes);
    decoder.finish(out.bytes);
    out.damage = decoder.damage();
    return out;
}

Decoded piecewise(mime::Encoding encoding, std::string_view text, std::size_t seed) {
    mime::Decoder decoder(encoding);
    Decoded out;
    in_pieces(text, seed, [&](std::string_view piece) {
        decoder.feed(as_bytes(piece), out.bytes);
    });
    decoder.finish(out.bytes);
    out.damage = decoder.damage();
    return out;
}

void any_bytes(std::string_view text) {
    for (const auto encoding :
         {mime::Encoding::identity, mime::Encoding::base64, mime::Encoding::quoted_printable}) {
        const Decoded once = whole(encoding, text);
        HOLDS(once.bytes.size() <= text.size());
        HOLDS(once == piecewise(encoding, text, text.size()));
    }
}

/// Base64 in lines of any length, with groups padded in the middle.
void encoded_base64(std::string_view bytes, std::size_t seed) {
    std::string text;
    in_pieces(bytes, seed, [&text, seed](std::string_view piece) {
        append_base64(as_bytes(piece), text);
        if (seed % 3 > 0) text += seed % 3 == 1 ? "\r\n" : "\n \t";
    });
    const Decoded back = piecewise(mime::Encoding::base64, text, seed);
    HOLDS(back.damage.empty() && back.bytes == bytes);
}

void encoded_quoted(std::string_view bytes, std::size_t seed) {
    const Decoded back =
        piecewise(mime::Encoding::quoted_printable, test::quoted_printable(bytes), seed);
    HOLDS(back.damage.empty() && back.bytes == bytes);
}

void encoded_percent(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        text += "%" + to_hex(std::string_view(&c, 1));
    bool damaged = false;
    HOLDS(mime::percent_decoded(text, damaged) == bytes && !damaged);
    static_cast<void>(mime::percent_decoded(bytes, damaged));
}

void content(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, mime::magic_head);
    const Format format = mime::recognise(head, bytes.size());
    HOLDS((format == Format::empty) == bytes.empty());
    HOLDS(format_named(name_of(format)) == format);
    mime::CidScanner once;
    once.feed(bytes);
    once.finish();
    mime::CidScanner cut;
    in_pieces(bytes, bytes.size(), [&cut](std::string_view piece) { cut.feed(piece); });
    cut.finish();
    HOLDS(once.refers_to("logo@x") == cut.refers_to("logo@x"));
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwit::fuzz;
    std::string_view text = text_of(data, size);
    const std::size_t seed = Choices(text).below(256);
    any_bytes(text);
    encoded_base64(text, seed);
    encoded_quoted(text, seed);
    encoded_percent(text);
    content(text);
    return 0;
}
