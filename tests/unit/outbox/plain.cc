#include "core/outbox/plain.hh"

#include "core/mime/decode.hh"

#include <doctest/doctest.h>

using namespace kwit;
using namespace kwit::outbox;

namespace {

std::string undone(mime::Encoding encoding, std::string_view text) {
    mime::Decoder decoder(encoding);
    std::string out;
    decoder.feed(as_bytes(text), out);
    decoder.finish(out);
    CHECK(decoder.damage().empty());
    return out;
}

std::size_t longest_line(std::string_view text) {
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find("\r\n", at);
        REQUIRE(end != std::string_view::npos); // every line ends in CRLF
        longest = std::max(longest, end - at);
        at = end + 2;
    }
    return longest;
}

} // namespace

TEST_SUITE("outbox/plain") {

    TEST_CASE("foreign text comes as one line that shows what it says") {
        CHECK(one_line("a\r\nBcc: x\x01\x7fy", 100) == "a Bcc: x y");
        CHECK(one_line("fak\u202etura.exe", 100) == "fak\uFFFDtura.exe");
        CHECK(one_line("  \t \r\n ", 100).empty());
        CHECK(one_line("ab\xff", 100) == "ab\uFFFD");
    }

    TEST_CASE("a long text is cut after the limit, between characters, and it shows") {
        CHECK(one_line("żółw", 4) == "żółw");
        CHECK(one_line("żółwi", 4) == "żółw…");
        CHECK(one_line(std::string(10000, 'x'), 100) == std::string(100, 'x') + "…");
    }

    TEST_CASE("a mailto link holds the address and the subject and nothing else") {
        CHECK(
            mailto("faktury+1543030448@in.example.com", "[FZ] 11/2024 (932498)") ==
            "mailto:faktury%2B1543030448@in.example.com?subject=%5BFZ%5D%2011%2F2024%20%28932498%29"
        );
        CHECK(
            mailto("a@x.example", "ż&bcc=b@x.example\r\n") ==
            "mailto:a@x.example?subject=%C5%BC%26bcc%3Db%40x.example%0D%0A"
        );
    }

    TEST_CASE("quoted-printable keeps the text, in lines of at most 76") {
        for (const std::string& text :
             {std::string("Dzień dobry,\n\nż = ó \n. \n.\n\tx\t\n"),
              std::string(75, 'x') + "\n" + std::string(76, 'x') + "\n" + std::string(77, 'x') +
                  "\n",
              std::string(74, 'x') + "=\n" + std::string(73, 'x') + "=\n",
              std::string("\n")}) {
            CAPTURE(text);
            const std::string encoded = quoted_printable(text);
            CHECK(longest_line(encoded) <= 76);
            std::string back = undone(mime::Encoding::quoted_printable, encoded);
            std::erase(back, '\r');
            CHECK(back == text);
            CHECK(encoded.find(" \r\n") == std::string::npos);
        }
        CHECK(quoted_printable(std::string(76, 'x')) == std::string(76, 'x') + "\r\n");
        CHECK(quoted_printable(std::string(77, 'x')) == std::string(75, 'x') + "=\r\nxx\r\n");
    }

    TEST_CASE("base64 has whole lines, and its size is known before") {
        for (const std::size_t size : {0U, 1U, 2U, 3U, 56U, 57U, 58U, 113U, 114U, 115U, 1000U}) {
            CAPTURE(size);
            std::string text(size, '\0');
            for (std::size_t i = 0; i < size; ++i)
                text[i] = static_cast<char>(i * 37);
            const std::string encoded = base64_lines(as_bytes(text));
            CHECK(encoded.size() == base64_size(size));
            CHECK(longest_line(encoded) <= 76);
            CHECK(undone(mime::Encoding::base64, encoded) == text);
        }
    }

    TEST_CASE("sizes are said in the unit that fits") {
        struct Case {
            std::uint64_t octets;
            std::string_view locale;
            std::string_view text;
        };

        for (const Case& c :
             {Case{0, "en", "0 B"},
              {999, "en", "999 B"},
              {1000, "en", "1.0 kB"},
              {48213, "pl", "48,2 kB"},
              {999949, "en", "999.9 kB"},
              {999950, "en", "1.0 MB"},
              {20971520, "de", "21,0 MB"},
              {5000000000000, "en", "5000.0 GB"}})
            CHECK(size_text(c.octets, c.locale) == c.text);
    }

    TEST_CASE("a noun takes the form that its number asks for") {
        struct Case {
            std::uint64_t count;
            std::string_view polish;
            std::string_view english;
        };

        for (const Case& c :
             {Case{0, "many", "many"},
              {1, "one", "one"},
              {2, "few", "many"},
              {4, "few", "many"},
              {5, "many", "many"},
              {11, "many", "many"},
              {12, "many", "many"},
              {14, "many", "many"},
              {21, "many", "many"},
              {22, "few", "many"},
              {112, "many", "many"},
              {122, "few", "many"}}) {
            CAPTURE(c.count);
            CHECK(plural_form(c.count, "pl") == c.polish);
            CHECK(plural_form(c.count, "en") == c.english);
            CHECK(plural_form(c.count, "de") == c.english);
        }
    }
}
