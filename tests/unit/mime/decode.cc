#include "core/mime/decode.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

namespace {

struct Decoded {
    std::string bytes{};
    std::vector<Damage> damage{};
};

Decoded decoded(Encoding encoding, std::string_view text, std::size_t chunk) {
    Decoder decoder(encoding);
    Decoded out;
    for (std::size_t at = 0; at < text.size(); at += chunk)
        decoder.feed(as_bytes(text.substr(at, chunk)), out.bytes);
    decoder.finish(out.bytes);
    out.damage = decoder.damage();
    return out;
}

struct Case {
    std::string_view label;
    std::string_view text;
    std::string_view bytes;
    std::vector<Damage> damage{};
};

void check(Encoding encoding, const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        CAPTURE(c.label);
        for (std::size_t chunk = 1; chunk <= c.text.size() + 1; ++chunk) {
            CAPTURE(chunk);
            const Decoded out = decoded(encoding, c.text, chunk);
            CHECK(out.bytes == c.bytes);
            CHECK(out.damage == c.damage);
        }
    }
}

} // namespace

TEST_SUITE("mime/decode") {
    TEST_CASE("base64 is decoded strictly, wherever it is cut") {
        check(
            Encoding::base64,
            {
                {"whole", "SGVsbG8=", "Hello"},
                {"lines", "SGVs\r\nbG8=\r\n", "Hello"},
                {"one, two, three, five characters a line", "S\nGV\r\nsbG\n8=", "Hello"},
                {"blanks", " SG Vs\tbG8= ", "Hello"},
                {"a padded group inside is decoded on", "Vkk=UlU=UyEh", "VIRUS!!"},
                {"double padding inside",
                 "YQ==YWI=YWJj",
                 "aabab"
                 "c"},
                {"empty", "", ""},
                {"junk", "SG*Vs", "Hel", {Damage::base64_junk}},
                {"text behind", "YQ==\r\n-- \r\n", "a", {Damage::base64_junk}},
                {"URL-safe alphabet", "-_-_", "", {Damage::base64_junk}},
                {"missing padding", "YWI", "ab", {Damage::base64_incomplete}},
                {"missing padding, one byte", "YQ", "a", {Damage::base64_incomplete}},
                {"half the padding", "YQ=", "a", {Damage::base64_incomplete}},
                {"half the padding inside", "YQ=YWJj", "aabc", {Damage::base64_incomplete}},
                {"one character too many", "YWJjZ", "abc", {Damage::base64_incomplete}},
                {"padding of nothing", "====YWJj", "abc", {Damage::base64_junk}},
                {"too much padding", "YWI==", "ab", {Damage::base64_junk}},
                {"NUL", std::string_view("YW\0Jj", 5), "abc", {Damage::base64_junk}},
            }
        );
    }

    TEST_CASE("quoted-printable is decoded strictly, wherever it is cut") {
        check(
            Encoding::quoted_printable,
            {
                {"plain", "abc\r\ndef", "abc\r\ndef"},
                {"escapes", "=41=7a=C3=a4", "Az\xC3\xA4"},
                {"soft break", "ab=\r\ncd", "abcd"},
                {"soft break, LF", "ab=\ncd", "abcd"},
                {"soft break with blanks", "ab= \t \r\ncd", "abcd"},
                {"soft break at the end", "ab=", "ab"},
                {"blanks at a line's end", "ab \t\r\ncd  ", "ab\r\ncd"},
                {"blanks inside", "a  b\tc", "a  b\tc"},
                {"escaped blank at the end", "ab=20\r\n", "ab \r\n"},
                {"LF only", "a\nb\n", "a\nb\n"},
                {"raw 8-bit", "\xC3\xA4", "\xC3\xA4"},
                {"carriage return alone", "a\rb", "a\rb"},
                {"no escape", "a=XYb", "a=XYb", {Damage::quoted_printable}},
                {"half an escape", "a=4", "a=4", {Damage::quoted_printable}},
                {"half an escape before a line end",
                 "a=4\r\nb",
                 "a=4\r\nb",
                 {Damage::quoted_printable}},
                {"two equals", "a==41", "a=A", {Damage::quoted_printable}},
                {"blank that ends no line", "a= b", "a= b", {Damage::quoted_printable}},
                {"NUL", std::string_view("a\0b", 3), std::string_view("a\0b", 3)},
            }
        );
    }

    TEST_CASE("identity leaves bytes alone") {
        check(
            Encoding::identity,
            {{"all", std::string_view("a=41\0\xFF\r\n", 8), std::string_view("a=41\0\xFF\r\n", 8)}}
        );
    }

    TEST_CASE("endless blanks do not pile up in memory") {
        const std::string blanks(100000, ' ');
        const Decoded out = decoded(Encoding::quoted_printable, blanks + "x", 777);
        CHECK(out.bytes == blanks + "x");
        const Decoded soft = decoded(Encoding::quoted_printable, "=" + blanks + "\r\nx", 777);
        CHECK(soft.damage == std::vector{Damage::quoted_printable});
    }

    TEST_CASE("encodings have names") {
        CHECK(encoding_named("BASE64") == Encoding::base64);
        CHECK(encoding_named("Quoted-Printable") == Encoding::quoted_printable);
        for (const char* plain : {"7bit", "8BIT", "binary"})
            CHECK(encoding_named(plain) == Encoding::identity);
        for (const char* unknown : {"", "x-uuencode", "base-64", "gzip64"})
            CHECK_FALSE(encoding_named(unknown).has_value());
    }
}

} // namespace kwit::mime
