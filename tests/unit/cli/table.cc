#include "cli/table.hh"

#include "tests/unit/cli/output.hh"

#include <algorithm>
#include <clocale>

namespace kwit::cli {

TEST_SUITE("cli/table") {
    TEST_CASE("columns are as wide as their widest cell, numbers stand on the right") {
        std::setlocale(LC_CTYPE, "C.UTF-8");
        test::Output output;
        Table table(output.printer, {{"NAME"}, {"SIZE", Column::Align::right}, {"NOTE"}});
        table.row({"żółć.pdf", "7 B", "first"});
        table.row({"b.pdf", "1000 B", ""});
        table.end();
        CHECK(
            output.text() == "NAME        SIZE  NOTE\n"
                             "żółć.pdf     7 B  first\n"
                             "b.pdf     1000 B  -\n"
        );
    }

    TEST_CASE("a table without rows prints nothing") {
        test::Output output;
        Table table(output.printer, {{"NAME"}});
        table.end();
        CHECK(output.text().empty());
    }

    TEST_CASE("a cell at its limit is whole, one column more is cut with an ellipsis") {
        std::setlocale(LC_CTYPE, "C.UTF-8");

        struct Case {
            std::string_view cell;
            std::string_view shown;
        };

        for (const Case& c :
             {Case{"12345", "12345"},
              Case{"123456", "1234…"},
              Case{"żółćż", "żółćż"},
              Case{"żółćżó", "żółć…"},
              Case{"請求書", "請求…"}}) {
            CAPTURE(c.cell);
            test::Output output;
            Table table(output.printer, {{"C", Column::Align::left, 5}});
            table.row({std::string(c.cell)});
            table.end();
            CHECK(output.text() == "C\n" + std::string(c.shown) + "\n");
        }
    }

    TEST_CASE("a cell holds nothing that a terminal would obey, also where it is cut") {
        test::Output output;
        Table table(output.printer, {{"C", Column::Align::left, 8}});
        table.row({"a\nb"});
        table.row({"\x1b\x1b\x1b\x1b"});
        table.end();
        CHECK(output.text() == "C\na\\nb\n\\x1b\\x1…\n");
    }

    TEST_CASE("rows past the measured ones keep the widths, longer cells push their row out") {
        test::Output output;
        Table table(output.printer, {{"N"}, {"M"}});
        for (int i = 0; i < 501; ++i)
            table.row({"1", "2"});
        table.row({"long", "2"});
        table.end();
        const std::string text = output.text();
        CHECK(text.starts_with("N  M\n1  2\n"));
        CHECK(text.ends_with("1  2\nlong  2\n"));
        CHECK(std::count(text.begin(), text.end(), '\n') == 503);
    }
}

} // namespace kwit::cli
