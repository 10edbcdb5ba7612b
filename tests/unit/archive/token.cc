#include "core/archive/token.hh"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace kwit {

TEST_SUITE("archive/token") {
    TEST_CASE("the check character tells every wrong character and every exchange") {
        const std::string alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
        const std::string token = draw_token();
        REQUIRE(is_token(token));
        CHECK(token.size() == 10);
        for (std::size_t i = 0; i < token.size(); ++i) {
            for (const char c : alphabet) {
                std::string wrong = token;
                wrong[i] = c;
                CHECK(is_token(wrong) == (wrong == token));
            }
            for (std::size_t k = 0; k < i; ++k) {
                std::string exchanged = token;
                std::swap(exchanged[i], exchanged[k]);
                CHECK(is_token(exchanged) == (exchanged == token));
            }
        }
    }

    TEST_CASE("a token of the documentation is one, other texts are not") {
        CHECK(is_token("4u7u5j3y3n"));
        for (const char* text : {"", "aaaaaaaaa", "aaaaaaaaaaa", "lllllllllo", "AAAAAAAAAA"})
            CHECK_FALSE(is_token(text));
        CHECK(is_token("aaaaaaaaaa"));
    }
}

} // namespace kwit
