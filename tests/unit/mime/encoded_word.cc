#include "core/mime/encoded_word.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

TEST_SUITE("mime/encoded_word") {
    TEST_CASE("encoded words become UTF-8, and what is wrong with them is said") {
        struct Case {
            std::string_view label;
            std::string_view value;
            std::string_view text;
            bool unknown_charset = false;
            bool damaged = false;
        };

        for (const Case& c : {
                 Case{"plain", "[FZ] 11/2024 (932498)", "[FZ] 11/2024 (932498)"},
                 Case{
                     "two padded B words",
                     "=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=",
                     "Hello world"},
                 Case{
                     "several padded words",
                     "=?UTF-8?B?YQ==?= =?UTF-8?B?Yg==?= =?utf-8?b?Yw==?=",
                     "abc"},
                 Case{
                     "a subject in two words",
                     "=?UTF-8?B?W0ZaXSAxMS8yMDI0?= =?UTF-8?B?ICg5MzI0OTgp?=",
                     "[FZ] 11/2024 (932498)"},
                 Case{"folded between words", "=?UTF-8?Q?a?= \t =?UTF-8?Q?b?=", "ab"},
                 Case{
                     "Latin-2 in Q",
                     "=?iso-8859-2?Q?[FZ]_11/2024_(932498)_za=B3=B1cznik?=",
                     "[FZ] 11/2024 (932498) za\xC5\x82\xC4\x85"
                     "cznik"},
                 Case{
                     "a character split over two words",
                     "=?UTF-8?B?xYI=?= =?UTF-8?Q?=C5?= =?UTF-8?Q?=82?=",
                     "\xC5\x82\xC5\x82"},
                 Case{"split over B words", "=?UTF-8?B?xQ==?= =?UTF-8?B?gg==?=", "\xC5\x82"},
                 Case{"a language", "=?UTF-8*pl?Q?a?=", "a"},
                 Case{"text around", "Re: =?UTF-8?Q?a?= b", "Re: a b"},
                 Case{"glued to text", "x=?UTF-8?Q?a?=y", "xay"},
                 Case{"no white space between", "=?UTF-8?Q?a?==?UTF-8?Q?b?=", "ab"},
                 Case{
                     "another charset next",
                     "=?utf-8?Q?=C3=A4?= =?iso-8859-1?Q?=E4?=",
                     "\xC3\xA4\xC3\xA4"},
                 Case{"spaces inside a Q word", "=?utf-8?Q?[FZ] 11/2024?=", "[FZ] 11/2024"},
                 Case{"a blank at the end of a Q word", "=?utf-8?Q?a_?= =?utf-8?Q?b?=", "a b"},
                 Case{"missing padding", "=?utf-8?B?YWI?=", "ab"},
                 Case{"unknown charset", "=?x-nobody?Q?=E4?=", "\xC3\xA4", true},
                 Case{
                     "a charset that orders iconv about",
                     "=?utf-8//IGNORE?Q?=E4?=",
                     "\xC3\xA4",
                     true},
                 Case{"bytes not of the charset", "=?utf-8?Q?=E4x?=", "\xEF\xBF\xBDx", false, true},
                 Case{"junk in base64", "=?utf-8?B?YW*Jj?=", "abc", false, true},
                 Case{"an escape that is none", "=?utf-8?Q?=ZZ?=", "=ZZ", false, true},
                 Case{"raw UTF-8", "za\xC5\x82", "za\xC5\x82"},
                 Case{"raw Latin-1", "\xE4", "\xC3\xA4", false, true},
                 Case{"no such encoding", "=?utf-8?X?a?=", "=?utf-8?X?a?="},
                 Case{"without end", "=?utf-8?Q?a", "=?utf-8?Q?a"},
                 Case{"marks alone", "=?=?=?", "=?=?=?"},
                 Case{
                     "empty word",
                     "a =?utf-8?Q?"
                     "?= b",
                     "a  b"},
                 Case{"empty", "", ""},
             }) {
            CAPTURE(c.label);
            const DecodedText decoded = decode_words(c.value);
            CHECK(decoded.text == c.text);
            CHECK(decoded.unknown_charset == c.unknown_charset);
            CHECK(decoded.damaged == c.damaged);
        }
    }

    TEST_CASE("a letter that waits for its accent is there at the end too") {
        CHECK((decode_words("=?windows-1258?Q?faktura.pdf?=").text == "faktura.pdf"));
        CHECK((decode_words("=?windows-1255?Q?=F9=F9.pd=E0?=").text == "שש.pdא"));
    }

    TEST_CASE("a header full of beginnings is read in a moment") {
        std::string value;
        while (value.size() < 250000)
            value += "=?x?q?a ";
        CHECK((decode_words(value).text == value));
    }
}

} // namespace kwit::mime
