#include "core/mime/bare_delimiters.hh"

#include <doctest/doctest.h>

#include <algorithm>

namespace kwit::mime {

namespace {

bool found(std::string_view text, std::size_t piece) {
    BareDelimiters bare;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        bare.feed(text.substr(0, piece));
    bare.finish();
    return bare.any_of({"b", std::string(BareDelimiters::max_boundary, 'x')});
}

std::string many(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += "\r--" + std::to_string(i) + "\n";
    return out;
}

} // namespace

TEST_SUITE("mime/bare_delimiters") {
    TEST_CASE("a boundary behind a bare CR is found wherever the text is cut") {
        const std::string longest = "\r--" + std::string(BareDelimiters::max_boundary, 'x');
        for (std::size_t piece = 1; piece < 80; ++piece) {
            CAPTURE(piece);
            CHECK(found("x\r--b\r", piece));
            CHECK(found("\r--a\r--\r\r--b", piece));
            CHECK(found(longest, piece));
            CHECK(found(longest + longest, piece));
            CHECK_FALSE(found("x\r\n--b\r\n\r-b\r --b\r--a--b\r--", piece));
            CHECK_FALSE(found(longest.substr(0, longest.size() - 1), piece));
            CHECK_FALSE(found("", piece));
        }
    }

    TEST_CASE("more of them than are kept are a trick whatever they say") {
        CHECK_FALSE(found(many(BareDelimiters::max_kept), 1000));
        CHECK(found(many(BareDelimiters::max_kept + 1), 1000));
        BareDelimiters bare;
        bare.feed(many(BareDelimiters::max_kept + 1));
        bare.finish();
        CHECK_FALSE(bare.any_of({})); // there is no multipart
    }
}

} // namespace kwit::mime
