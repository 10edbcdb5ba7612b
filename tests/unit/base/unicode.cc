#include "core/base/unicode.hh"

#include <doctest/doctest.h>

namespace kwit {

TEST_SUITE("base/unicode") {
    TEST_CASE("characters are told apart beyond ASCII") {
        for (const char32_t c : {U'a', U'Z', U'\u00C4', U'\u0141', U'\u0436', U'\u0308'})
            CHECK(is_letter(c));
        for (const char32_t c : {U'1', U'-', U' ', U'[', U'\uFF11', U'\uFFFD'})
            CHECK_FALSE(is_letter(c));
        for (const char32_t c : {U' ', U'\t', U'\u00A0', U'\u202F', U'\u3000'})
            CHECK(is_white_space(c));
        CHECK_FALSE(is_white_space(U'x'));
        for (const char32_t c : {U'\u00AD', U'\u200B', U'\u202E', U'\uFEFF', U'\uFE0F'})
            CHECK(is_invisible(c));
        CHECK_FALSE(is_invisible(U'x'));
    }

    TEST_CASE("upper case is composed and of every script") {
        CHECK(upper_text("fz") == "FZ");
        CHECK(upper_text("\u0142\u00E4") == "\u0141\u00C4");
        CHECK(upper_text("a\u0308") == "\u00C4");
        CHECK(upper_text("\u00DF") == "SS");
        CHECK(upper_text("").empty());
        CHECK(upper_text("a\xFF") == "A\uFFFD");
    }
}

} // namespace kwit
