#include "core/mime/parameters.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

TEST_SUITE("mime/parameters") {
    TEST_CASE("a file name is read in every way it is written") {
        struct Case {
            std::string_view label;
            std::string_view value;
            std::string_view name;
            bool damaged = false;
        };

        for (const Case& c : {
                 Case{"token", "attachment; filename=a.pdf", "a.pdf"},
                 Case{"quoted", "attachment; filename=\"faktura 17.pdf\"", "faktura 17.pdf"},
                 Case{"escaped quote", "attachment; filename=\"a\\\"b.pdf\"", "a\"b.pdf"},
                 Case{"semicolon in quotes", "attachment; filename=\"a;b.pdf\"", "a;b.pdf"},
                 Case{
                     "with spaces but no quotes",
                     "attachment; filename=faktura 17.pdf; size=3",
                     "faktura 17.pdf"},
                 Case{"without end", "attachment; filename=\"a.pdf", "a.pdf"},
                 Case{"upper case, spaces", "ATTACHMENT ; FileName = \"a.pdf\" ;", "a.pdf"},
                 Case{"comments", "attachment (x); filename(y)=(z)\"a.pdf\"(w)", "a.pdf"},
                 Case{"extended", "attachment; filename*=UTF-8''za%C5%82.pdf", "za\xC5\x82.pdf"},
                 Case{
                     "extended, Latin-2",
                     "attachment; filename*=iso-8859-2'pl'za%B3.pdf",
                     "za\xC5\x82.pdf"},
                 Case{
                     "extended before plain",
                     "attachment; filename=\"a.txt\"; filename*=utf-8''a.pdf",
                     "a.pdf"},
                 Case{
                     "extended after plain",
                     "attachment; filename*=utf-8''a.pdf; filename=\"a.txt\"",
                     "a.pdf"},
                 Case{
                     "continued",
                     "attachment; filename*0=\"fak\"; filename*1=\"tura.pdf\"",
                     "faktura.pdf"},
                 Case{
                     "continued out of order",
                     "attachment; filename*1=b.pdf; filename*0=a",
                     "ab.pdf"},
                 Case{
                     "continued and encoded",
                     "attachment; filename*0*=utf-8''za%C5; filename*1*=%82%; filename*2=%41.pdf",
                     "za\xC5\x82%%41.pdf",
                     true},
                 Case{"a gap", "attachment; filename*0=a; filename*2=c", "a", true},
                 Case{"UTF-16", "attachment; filename*=utf-16be''%00a%01%42", "a\xC5\x82"},
                 Case{
                     "extended without charset",
                     "attachment; filename*=a%20b.pdf",
                     "a b.pdf",
                     true},
                 Case{
                     "encoded word in quotes",
                     "attachment; filename=\"=?utf-8?B?emHFgg==?= =?utf-8?B?LnBkZg==?=\"",
                     "za\xC5\x82.pdf"},
                 Case{"raw UTF-8", "attachment; filename=\"za\xC5\x82.pdf\"", "za\xC5\x82.pdf"},
                 Case{"raw Latin-1", "attachment; filename=\"\xE4.pdf\"", "\xC3\xA4.pdf", true},
                 Case{"a path", "attachment; filename=\"C:\\temp\\a.pdf\"", "C:\\temp\\a.pdf"},
                 Case{"empty", "attachment; filename=\"\"", ""},
             }) {
            CAPTURE(c.label);
            const ParametrizedValue value = parse_parametrized(c.value);
            CHECK(value.value == "attachment");
            const Parameter* found = value.find("filename");
            REQUIRE(found != nullptr);
            CHECK(found->value == c.name);
            CHECK(value.damaged == c.damaged);
        }
    }

    TEST_CASE("what could be read otherwise is marked") {
        struct Case {
            std::string_view label;
            std::string_view value;
            bool malformed;
            bool loose;
            bool duplicate;
        };

        for (const Case& c : {
                 Case{"plain", "multipart/mixed; boundary=\"b\"", false, false, false},
                 Case{"semicolon at the end", "multipart/mixed; boundary=b;", false, false, false},
                 Case{"comment", "multipart/mixed; boundary=(x)b", false, true, false},
                 Case{"space before =", "multipart/mixed; boundary =b", false, true, false},
                 Case{"space after =", "multipart/mixed; boundary= b", false, true, false},
                 Case{"twice", "multipart/mixed; boundary=a; boundary=b", false, false, true},
                 Case{
                     "one section twice",
                     "multipart/mixed; boundary*0=a; boundary*0=b",
                     false,
                     false,
                     true},
                 Case{
                     "space in an unquoted value",
                     "multipart/mixed; boundary=a b",
                     true,
                     false,
                     false},
                 Case{
                     "text behind the quotes",
                     "multipart/mixed; boundary=\"a\"b",
                     true,
                     false,
                     false},
                 Case{"no =", "multipart/mixed; boundary", true, false, false},
                 Case{"no semicolon", "multipart/mixed boundary=b", true, false, false},
                 Case{"open comment", "multipart/mixed (; boundary=b", true, false, false},
             }) {
            CAPTURE(c.label);
            const ParametrizedValue value = parse_parametrized(c.value);
            CHECK(value.value == "multipart/mixed");
            CHECK(value.malformed == c.malformed);
            CHECK(value.loose == c.loose);
            CHECK(value.duplicate == c.duplicate);
        }
    }

    TEST_CASE("a type has two words") {
        CHECK(parse_parametrized("Application/PDF; name=x").value == "application/pdf");
        CHECK(parse_parametrized("text").value == "text");
        CHECK(parse_parametrized("").value.empty());
        CHECK(parse_parametrized("text / (x) html").value == "text/html");
    }

    TEST_CASE("a single token may have comments and nothing else") {
        CHECK(parse_single_token("bAsE64") == "base64");
        CHECK(parse_single_token(" base64 (x)") == "base64");
        for (const char* text :
             {"",
              "\"base64\"",
              "base64, quoted-printable",
              "bas(x)e64",
              "base64;",
              "base 64",
              "(x"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_single_token(text).has_value());
        }
    }

    TEST_CASE("a hundred parameters are read, one more is not") {
        const auto many = [](int count) {
            std::string value = "a/b";
            for (int i = 0; i < count; ++i)
                value += "; p" + std::to_string(i) + "=x";
            return parse_parametrized(value);
        };
        CHECK_FALSE(many(100).malformed);
        CHECK(many(100).parameters.size() == 100);
        CHECK(many(101).malformed);
        CHECK(many(101).parameters.size() == 100);
    }
}

} // namespace kwit::mime
