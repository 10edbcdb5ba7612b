#include "cli/print.hh"

#include "core/base/file.hh"
#include "core/base/json.hh"
#include "tests/unit/cli/output.hh"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>

namespace kwit::cli {

TEST_SUITE("cli/print") {
    TEST_CASE("a line for people holds nothing that a terminal would obey") {
        test::Output output;
        output.printer.line("a\x1b[31m\xe2\x80\xae.pdf\n");
        CHECK(output.text() == "a\\x1b[31m\\u{202e}.pdf\\n\n");
    }

    TEST_CASE("an object is one line of JSON in the order of its members") {
        test::Output output(Form::json);
        output.printer.object(Json{{"b", 1}, {"a", "two\nlines"}});
        output.printer.object(Json{{"c", nullptr}});
        CHECK(output.text() == "{\"b\":1,\"a\":\"two\\nlines\"}\n{\"c\":null}\n");
    }

    TEST_CASE("raw bytes come out as they are, however many") {
        test::Output output;
        std::string bytes;
        for (int i = 0; i < 200'000; ++i)
            bytes += static_cast<char>(i);
        output.printer.raw(as_bytes(bytes));
        CHECK(output.text() == bytes);
    }

    TEST_CASE("a full disk is told, and says what could not be done") {
        const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
        Printer printer(full.get(), Form::text);
        printer.line("x");
        const auto finished = printer.finish();
        REQUIRE_FALSE(finished.has_value());
        CHECK(finished.error().what == "cannot write to standard output: No space left on device");
        CHECK(printer.ended());
    }

    TEST_CASE("a reader that has gone is no error, and the rest is dropped") {
        std::signal(SIGPIPE, SIG_IGN);
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        const Fd write_end(ends[1]);
        ::close(ends[0]);
        Printer printer(write_end.get(), Form::text);
        printer.line(std::string(100'000, 'x'));
        CHECK(printer.ended());
        REQUIRE_GOOD(printer.finish());
    }

    TEST_CASE("lines of a record are aligned, and empty values are left out") {
        test::Output output;
        print_lines(output.printer, {{"id", "1"}, {"nothing", ""}, {"name", "Kunde"}}, "  ");
        CHECK(output.text() == "  id    1\n  name  Kunde\n");
    }

    TEST_CASE("the width of a text counts columns, not bytes") {
        std::setlocale(LC_CTYPE, "C.UTF-8");

        struct Case {
            std::string_view text;
            std::size_t width;
        };

        for (const Case& c :
             {Case{"", 0},
              Case{"abc", 3},
              Case{"żółć", 4},
              Case{"請求書", 6},
              Case{"e\u0301", 1}}) {
            CAPTURE(c.text);
            CHECK(display_width(c.text) == c.width);
        }
    }
}

} // namespace kwit::cli
