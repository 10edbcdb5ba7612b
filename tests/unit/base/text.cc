#include "core/base/text.hh"

#include <doctest/doctest.h>

namespace kwit {

TEST_SUITE("base/text") {
    TEST_CASE("well-formed UTF-8 is told from the rest") {
        struct Case {
            std::string_view label;
            std::string_view text;
            bool good;
        };

        for (const Case& c : {
                 Case{"ascii", "abc", true},
                 Case{"two bytes", "\xC3\xA4", true},
                 Case{"four bytes", "\xF0\x9F\x98\x80", true},
                 Case{"latin-1", "\xE4", false},
                 Case{"overlong slash", "\xC0\xAF", false},
                 Case{"overlong in three", "\xE0\x80\xAF", false},
                 Case{"surrogate", "\xED\xA0\x80", false},
                 Case{"past the last code point", "\xF4\x90\x80\x80", false},
                 Case{"cut off", "\xE2\x82", false},
             }) {
            CAPTURE(c.label);
            CHECK(is_utf8(c.text) == c.good);
        }
    }

    TEST_CASE("a cut never leaves half a character") {
        CHECK(cut_utf8("a\xC3\xA4", 3) == "a\xC3\xA4");
        CHECK(cut_utf8("a\xC3\xA4", 2) == "a");
        CHECK(cut_utf8("abc", 0).empty());
    }

    TEST_CASE("code points go there and back") {
        std::string out;
        each_code_point("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", [&](char32_t c) {
            append_utf8(out, c);
        });
        CHECK(out == "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
        out.clear();
        each_code_point("\xE4z", [&](char32_t c) { append_utf8(out, c); });
        CHECK(out == "\xEF\xBF\xBDz");
    }

    TEST_CASE("a number has digits only and fits") {
        CHECK(parse_number("18446744073709551615") == 18446744073709551615ULL);
        for (const char* text : {"", "-1", "+1", " 1", "1 ", "18446744073709551616", "0x1"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_number(text).has_value());
        }
    }

    TEST_CASE("splitting keeps empty pieces, joining puts them back") {
        CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
        CHECK(split("", ',') == std::vector<std::string_view>{""});
        CHECK(join({"", "a", ""}, ",") == ",a,");
    }

    TEST_CASE("xtext is read, and what is none stays as it is") {
        CHECK(from_xtext("anna+2Bx@kunde.example") == "anna+x@kunde.example");
        CHECK(from_xtext("+2B+3D") == "+=");
        CHECK(from_xtext("").empty());
        for (const char* text : {"plain", "a+x", "a+2", "a+", "a+2b", "a+2Bc+"}) {
            CAPTURE(text);
            CHECK(from_xtext(text) == text);
        }
    }
}

} // namespace kwit
