#include "core/inspect/remembered.hh"

#include "core/base/sha256.hh"
#include "tests/unit/result.hh"

using namespace kwit;
using namespace kwit::inspect;

namespace {

Digest digest(const std::string& text) {
    return Digest(sha256(text));
}

} // namespace

TEST_SUITE("inspect/remembered") {
    TEST_CASE("at the limit all are there, one more takes the place of the longest unused") {
        Remembered remembered(2);
        remembered.put(digest("a"), PdfFacts{.pages = 1});
        remembered.put(digest("b"), Uninspectable{"it crashed"});
        CHECK(remembered.find(digest("a")));
        CHECK(remembered.find(digest("b")));
        CHECK(remembered.find(digest("a")));
        remembered.put(digest("c"), PdfFacts{.pages = 3});
        CHECK(std::get<PdfFacts>(*remembered.find(digest("a"))).pages == 1);
        CHECK_FALSE(remembered.find(digest("b")));
        CHECK(std::get<PdfFacts>(*remembered.find(digest("c"))).pages == 3);
    }

    TEST_CASE("what is put in again takes no second place") {
        Remembered remembered(2);
        remembered.put(digest("a"), Uninspectable{"it crashed"});
        remembered.put(digest("b"), PdfFacts{.pages = 2});
        remembered.put(digest("a"), PdfFacts{.pages = 1});
        CHECK(std::get<PdfFacts>(*remembered.find(digest("a"))).pages == 1);
        CHECK(std::get<PdfFacts>(*remembered.find(digest("b"))).pages == 2);
    }
}
