#include "core/base/encode.hh"

#include "core/base/code_points.hh"
#include "core/base/text.hh"
#include "core/base/transliterate.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

using namespace kwit;

namespace {

struct Hostile {
    std::string_view label;
    std::string text;
};

const std::vector<Hostile>& hostile_texts() {
    using namespace std::string_literals;
    static const std::vector<Hostile> texts = {
        {"empty", ""},
        {"CR", "a\rb"},
        {"LF", "a\nb"},
        {"CRLF and a forged header", "a\r\nBcc: b@example.com\r\n\r\nbody"},
        {"only line ends", "\r\n\r\n"},
        {"NUL", "a\0b"s},
        {"ESC", "\x1b]0;title\x07\x1b[2J"},
        {"C1", "a\u009b31mb"},
        {"bidi override", "faktura\u202efdp.exe"},
        {"bidi isolate", "\u2066a\u2069"},
        {"line separators", "a\u2028b\u2029c"},
        {"zero width", "a\u200bb\ufeffc\u00adz"},
        {"tags", "a\U000E0041b"},
        {"10,000 letters", std::string(10'000, 'x')},
        {"10,000 letters with diacritics",
         [] {
             std::string text;
             for (int i = 0; i < 10'000; ++i)
                 text += "ż";
             return text;
         }()},
        {"10,000 spaces", "a" + std::string(10'000, ' ') + "b"},
        {"emoji", "😀👩‍👩‍👧"},
        {"stray bytes", "\xff\xfe\x80 a\xc3"},
        {"overlong slash", "\xc0\xaf"},
        {"surrogate", "\xed\xa0\x80"},
        {"script", "<script>alert(\"x\")</script>"},
        {"attribute", "' onload='x"},
        {"formula", "=HYPERLINK(\"http://x.example\",\"y\")"},
        {"formula of full width", "＝1+1"},
        {"path", "../../etc/passwd"},
        {"option", "-rf"},
        {"percent", "%s%n %"},
        {"encoded word", "=?UTF-8?B?PHNjcmlwdD4=?="},
        {"quotes", "a\"b\\c,d;e"},
    };
    return texts;
}

using Encoder = std::function<std::string(std::string_view)>;
using Holds = std::function<bool(std::string_view)>;

bool no_code_point(std::string_view text, const std::function<bool(char32_t)>& bad) {
    bool found = false;
    each_code_point(text, [&](char32_t c) { found = found || bad(c); });
    return !found;
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_visible(std::string_view text) {
    return is_utf8(text) &&
           no_code_point(text, [](char32_t c) { return is_control(c) || is_invisible(c); });
}

bool is_one_csv_field(std::string_view text) {
    if (!is_utf8(text) ||
        !no_code_point(text, [](char32_t c) { return is_control(c) || is_bidi_control(c); }))
        return false;
    if (!text.starts_with('"'))
        return text.find_first_of("\",;=+-@") != 0 &&
               text.find_first_of("\",;") == std::string_view::npos;
    // Inside the quotes each quote is doubled, and no formula begins.
    const std::string_view inside = text.substr(1, text.size() - 2);
    if (!text.ends_with('"') || inside.find_first_of("=+-@") == 0) return false;
    for (std::size_t at = inside.find('"'); at != std::string_view::npos;
         at = inside.find('"', at + 2))
        if (inside.substr(at, 2) != "\"\"") return false;
    return true;
}

bool is_html_text(std::string_view text) {
    return is_utf8(text) && text.find_first_of("<>\"'") == std::string_view::npos &&
           no_code_point(text, [](char32_t c) {
               return (is_control(c) && c != '\n' && c != '\t') || is_bidi_control(c);
           });
}

/// Lines of at most 76 characters, the name counted in the first; CR LF only before a space.
bool is_header_body(std::string_view text, std::size_t name_length) {
    std::size_t column = name_length;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 3) == "\r\n ") {
            i += 2;
            column = 1;
            // A line of nothing but white space ends the header for some.
            if (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\r') return false;
            continue;
        }
        if (text[i] < ' ' || text[i] > '~' || ++column > 76) return false;
    }
    return true;
}

bool is_file_name(std::string_view text) {
    return is_visible(text) && !text.empty() && text.size() <= max_export_name &&
           text.find_first_of("/\\:*?\"<>|") == std::string_view::npos && text.front() != '.' &&
           text.front() != '-' && text.back() != '.' && text.back() != ' ';
}

} // namespace

TEST_SUITE("base/encode") {

    TEST_CASE("whatever the text is, each encoder gives what its sink can carry") {
        struct Sink {
            std::string_view name;
            Encoder encode;
            Holds holds;
        };

        const std::vector<Sink> sinks = {
            {"smtp", smtp_text, is_printable_ascii},
            {"terminal", terminal_text, is_visible},
            {"log", log_text, is_visible},
            {"csv", csv_field, is_one_csv_field},
            {"html", html_text, is_html_text},
            {"header",
             [](std::string_view text) { return header_text(text, 9); },
             [](std::string_view text) { return is_header_body(text, 9); }},
            {"header of a long name",
             [](std::string_view text) { return header_text(text, 56); },
             [](std::string_view text) { return is_header_body(text, 56); }},
            {"phrase",
             [](std::string_view text) { return header_phrase(text, 6); },
             [](std::string_view text) { return is_header_body(text, 6); }},
            {"export", export_name, is_file_name},
        };
        for (const Sink& sink : sinks) {
            for (const Hostile& hostile : hostile_texts()) {
                CAPTURE(sink.name);
                CAPTURE(hostile.label);
                const std::string encoded = sink.encode(hostile.text);
                CAPTURE(encoded);
                CHECK(sink.holds(encoded));
            }
        }
    }

    TEST_CASE("SMTP replies say Polish and German in ASCII") {
        struct Case {
            std::string_view text;
            std::string_view ascii;
        };

        for (const Case& c : {
                 Case{"Zażółć gęślą jaźń", "Zazolc gesla jazn"},
                 Case{"ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "ZAZOLC GESLA JAZN"},
                 Case{"Größe Äpfel Öl Übung Straße ẞ", "Groesse Aepfel Oel Uebung Strasse Ss"},
                 Case{"„Faktura” – „Rechnung“ … 5 €", "\"Faktura\" - \"Rechnung\" ... 5 EUR"},
                 Case{"Ærø, Łódź, Český, Ñandú, Þór, ﬁn", "Aero, Lodz, Cesky, Nandu, Thor, fin"},
                 Case{"［FZ］ １１／２０２４", "[FZ] 11/2024"},
                 Case{"u\u0308 e\u0301", "u e"},
                 Case{"a\u00a0b\u00adc", "a bc"},
                 Case{"Żуж 😀", "Z?? ?"},
                 Case{"a\r\n\r\nb\tc", "a b c"},
                 Case{"\r\na\r\n", "a"},
                 Case{"\xff", "?"},
                 Case{"100 %", "100 %"},
             }) {
            CAPTURE(c.text);
            CHECK(smtp_text(c.text) == c.ascii);
        }
    }

    TEST_CASE("a terminal shows what it must not obey") {
        struct Case {
            std::string_view text;
            std::string_view shown;
        };

        for (const Case& c : {
                 Case{"żółć 😀", "żółć 😀"},
                 Case{"a\nb\r\tc", "a\\nb\\r\\tc"},
                 Case{"\x1b[2J", "\\x1b[2J"},
                 Case{"\x7f", "\\x7f"},
                 Case{"\u009b", "\\u{9b}"},
                 Case{"x\u202ey", "x\\u{202e}y"},
                 Case{"\ufeff", "\\u{feff}"},
                 Case{"\xff", "\\xff"},
                 Case{"\ufffd", "\ufffd"},
             }) {
            CAPTURE(c.text);
            CHECK(terminal_text(c.text) == c.shown);
        }
    }

    TEST_CASE("a log line is cut after its limit, and says how much is missing") {
        CHECK(log_text(std::string(max_log_text, 'x')) == std::string(max_log_text, 'x'));
        CHECK(
            log_text(std::string(max_log_text + 1, 'x')) ==
            std::string(max_log_text, 'x') + "... [1 bytes more]"
        );
        // An escape is never cut in two.
        CHECK(
            log_text(std::string(max_log_text - 1, 'x') + "\x1b") ==
            std::string(max_log_text - 1, 'x') + "... [1 bytes more]"
        );
    }

    TEST_CASE("CSV quotes where it must and never begins a formula") {
        struct Case {
            std::string_view text;
            std::string_view field;
        };

        for (const Case& c : {
                 Case{"faktura 17.pdf", "faktura 17.pdf"},
                 Case{"a,b", "\"a,b\""},
                 Case{"a;b", "\"a;b\""},
                 Case{"a\"b", "\"a\"\"b\""},
                 Case{" a", "\" a\""},
                 Case{"a\r\nb", "a  b"},
                 Case{"=1+1", "\"'=1+1\""},
                 Case{"+48 22", "\"'+48 22\""},
                 Case{"-5", "\"'-5\""},
                 Case{"@x", "\"'@x\""},
                 Case{"\t=1", "\"' =1\""},
                 Case{"\r=1", "\"' =1\""},
                 Case{"＝1", "\"'＝1\""},
                 Case{"a=1", "a=1"},
                 Case{"", ""},
             }) {
            CAPTURE(c.text);
            CHECK(csv_field(c.text) == c.field);
        }
    }

    TEST_CASE("HTML takes text as text") {
        CHECK(
            html_text("<a href=\"x\" title='y'>&amp;</a>\n\tż") ==
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;\n\tż"
        );
        CHECK(html_text("a\u202e\x1b\xff") == "a\ufffd\ufffd\ufffd");
    }

    TEST_CASE("a header is plain where it can be and encoded words where it must") {
        CHECK(header_text("Invoice 17", 9) == "Invoice 17");
        CHECK(
            header_text("Przyjęto 1 dokument: FZ 11/2024", 9) ==
            "=?UTF-8?B?UHJ6eWrEmXRvIDEgZG9rdW1lbnQ6IEZaIDExLzIwMjQ=?="
        );
        CHECK(header_text("a\r\nBcc: b@example.com", 9) == "a Bcc: b@example.com");
        CHECK(header_text("=?UTF-8?B?YQ==?=", 9) == "=?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=");
        CHECK(header_text("", 9).empty());
    }

    TEST_CASE("a header is folded at the 76th character") {
        const std::string fits = std::string(60, 'a') + " " + std::string(6, 'b'); // 9 + 67
        CHECK(header_text(fits, 9) == fits);
        CHECK(header_text(fits + "b", 9) == std::string(60, 'a') + "\r\n " + std::string(7, 'b'));
        const std::string word(67, 'a');
        CHECK(header_text(word, 9) == word);
        CHECK(header_text(word + "a", 9).starts_with("=?UTF-8?B?"));
    }

    TEST_CASE("encoded words are at most 75 characters and cut no character in two") {
        std::string text;
        for (int i = 0; i < 100; ++i)
            text += "😀";
        for (std::size_t name_length : {0U, 9U, 40U, 56U, 1000U}) {
            CAPTURE(name_length);
            const std::string body = header_text(text, name_length);
            std::size_t words = 0;
            for (const std::string_view line : split(body, '\n')) {
                const std::string_view word = trim(line);
                CAPTURE(word);
                CHECK(word.size() <= 75);
                CHECK(word.starts_with("=?UTF-8?B?"));
                CHECK(word.ends_with("?="));
                // Four bytes a face: whole groups of them are 16 letters, 3 faces a time.
                ++words;
            }
            CHECK(words >= 10);
        }
    }

    TEST_CASE("a display name is an atom, quoted or encoded") {
        struct Case {
            std::string_view text;
            std::string_view phrase;
        };

        for (const Case& c : {
                 Case{"", ""},
                 Case{"Biuro", "Biuro"},
                 Case{"Accounting Office", "Accounting Office"},
                 Case{"Example, Inc.", "\"Example, Inc.\""},
                 Case{"say \"hi\" \\", R"("say \"hi\" \\")"},
                 Case{"Bürö", "=?UTF-8?B?QsO8csO2?="},
             }) {
            CAPTURE(c.text);
            CHECK(header_phrase(c.text, 6) == c.phrase);
        }
    }

    TEST_CASE("exported files have harmless names") {
        struct Case {
            std::string_view text;
            std::string_view name;
        };

        for (const Case& c : {
                 Case{"faktura 17.pdf", "faktura 17.pdf"},
                 Case{"żółć.pdf", "żółć.pdf"},
                 Case{"../../etc/passwd", "_._.._etc_passwd"},
                 Case{"C:\\a.pdf", "C__a.pdf"},
                 Case{".bashrc", "_bashrc"},
                 Case{"..", "_"},
                 Case{"-rf", "_rf"},
                 Case{"CON.pdf", "_CON.pdf"},
                 Case{"nul", "_nul"},
                 Case{"com1 .txt", "_com1 .txt"},
                 Case{"console.pdf", "console.pdf"},
                 Case{"a. . ", "a"},
                 Case{"", "document"},
                 Case{"   ", "document"},
                 Case{"a\u202efdp.exe", "a_fdp.exe"},
             }) {
            CAPTURE(c.text);
            CHECK(export_name(c.text) == c.name);
        }
    }

    TEST_CASE("a long name of an exported file keeps its extension") {
        const std::string stem(max_export_name - 4, 'a');
        CHECK(export_name(stem + ".pdf") == stem + ".pdf");
        CHECK(export_name(stem + "a.pdf") == stem + ".pdf");
        CHECK(
            export_name(std::string(max_export_name + 1, 'a')) == std::string(max_export_name, 'a')
        );
    }

    TEST_CASE("letters of Europe have their ASCII, others none") {
        CHECK(transliterate(U'ł') == "l");
        CHECK(transliterate(0x17F) == "s"); // the last of the gapless table
        CHECK(transliterate(0xA0) == " ");
        CHECK(transliterate(0xFF5E) == "~");
        CHECK_FALSE(transliterate(U'ж'));
        CHECK_FALSE(transliterate(0xFF5F));
    }
}
