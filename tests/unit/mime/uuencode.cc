#include "core/mime/uuencode.hh"

#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <string>
#include <vector>

using namespace kwit;
using namespace kwit::mime;

namespace {

struct Found {
    std::string name{};
    std::string bytes{};
    bool whole = false;
    friend bool operator==(const Found&, const Found&) = default;
};

std::vector<Found> files_in(const std::string& text) {
    test::TempDir dir;
    auto temp = TempFile::create(dir.path());
    REQUIRE_GOOD(temp);
    REQUIRE_GOOD(temp->write(as_bytes(text)));
    const auto file = temp->reader();
    REQUIRE_GOOD(file);
    std::vector<Found> found;
    const auto read = read_uuencoded(
        *file,
        {.begin = [&](std::string_view name) -> Result<bool> {
             found.push_back({.name = std::string(name)});
             return true;
         },
         .take = [&](std::string_view bytes) -> Result<bool> {
             found.back().bytes += bytes;
             return true;
         },
         .end = [&](bool whole) -> Result<bool> {
             found.back().whole = whole;
             return true;
         }}
    );
    REQUIRE_GOOD(read);
    return found;
}

bool scanned(const std::string& text, std::size_t cut) {
    UuScanner scanner;
    for (std::size_t at = 0; at < text.size(); at += cut)
        scanner.feed(std::string_view(text).substr(at, cut));
    scanner.finish();
    return scanner.found();
}

} // namespace

TEST_SUITE("mime/uuencode") {
    TEST_CASE("a file in a text is read, and what is none is text") {
        struct Case {
            std::string label;
            std::string text;
            std::vector<Found> files;
        };

        const std::string cat = "begin 644 cat.txt\n#0V%T\n`\nend\n";
        const std::vector<Case> cases = {
            {"nothing", "Guten Tag\n", {}},
            {"one", "Hallo\n" + cat + "Ende\n", {{"cat.txt", "Cat", true}}},
            {"CRLF", "begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", {{"cat.txt", "Cat", true}}},
            {"two", cat + cat, {{"cat.txt", "Cat", true}, {"cat.txt", "Cat", true}}},
            {"a name with blanks",
             "begin 0644 a b.pdf\n#0V%T\n`\nend\n",
             {{"a b.pdf", "Cat", true}}},
            {"a blank for nothing", "begin 644 x\n#0V%T\n \nend\n", {{"x", "Cat", true}}},
            {"a blank that got lost", "begin 644 x\n#0V%T\n\nend\n", {{"x", "Cat", true}}},
            {"a sum behind the data", "begin 644 x\n#0V%T!\n`\nend\n", {{"x", "Cat", true}}},
            {"no end of line at the end", "begin 644 x\n#0V%T\n`\nend", {{"x", "Cat", true}}},
            {"empty", "begin 644 x\n`\nend\n", {{"x", "", true}}},
            {"cut off", "begin 644 x\n#0V%T\n", {{"x", "Cat", false}}},
            {"no end", "begin 644 x\n#0V%T\n`\nBye\n", {{"x", "Cat", false}}},
            {"a line that is none", "begin 644 x\n#0V%T\nHallo Welt\n", {{"x", "Cat", false}}},
            {"another one begins",
             "begin 644 x\n#0V%T\n" + cat,
             {{"x", "Cat", false}, {"cat.txt", "Cat", true}}},
            {"another one instead of an end",
             "begin 644 x\n`\n" + cat,
             {{"x", "", false}, {"cat.txt", "Cat", true}}},
            {"blanks that got lost in the middle",
             "begin 644 x\n#   %\n#0V\n \nend\n",
             {{"x", std::string("\0\0\5C`\0", 6), true}}},
            {"cut off where zeros are backticks",
             "begin 644 x\n#```%\n#0V\n`\nend\n",
             {{"x", std::string("\0\0\5", 3), false}}},
            {"an offer", "begin 123 Angebot\nMFG\nAnna\n", {}},
            {"words", "begin 100 words\nof my own\n", {}},
            {"words before a file", "begin 100 words\n" + cat, {{"cat.txt", "Cat", true}}},
            {"a mode too long", "begin 64444 x\n#0V%T\n`\nend\n", {}},
            {"no name", "begin 644 \n#0V%T\n`\nend\n", {}},
        };
        for (const Case& c : cases) {
            CAPTURE(c.label);
            CHECK(files_in(c.text) == c.files);
            for (const std::size_t cut : {1UL, 2UL, 7UL, 1000UL})
                CHECK(scanned(c.text, cut) == !c.files.empty());
        }
    }
}
