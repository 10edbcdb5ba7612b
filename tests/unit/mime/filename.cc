#include "core/mime/filename.hh"

#include "core/base/text.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

TEST_SUITE("mime/filename") {
    TEST_CASE("a name is made fit for showing") {
        struct Case {
            std::string_view label;
            std::string_view name;
            std::string_view clean;
        };

        using namespace std::string_view_literals;
        for (const Case& c : {
                 Case{"plain", "faktura 17.pdf", "faktura 17.pdf"},
                 Case{"up and away", "../../etc/passwd", "passwd"},
                 Case{"Windows", "C:\\temp\\a.pdf", "a.pdf"},
                 Case{"directory", "a/b/", "b"},
                 Case{"separators alone", "///", ""},
                 Case{"dots alone", "...", ""},
                 Case{"dot dot slash", "../", ""},
                 Case{"dots and spaces at the end", "a.pdf. . ", "a.pdf"},
                 Case{"spaces in front", "  a.pdf", "a.pdf"},
                 Case{"NUL", "a\0.pdf"sv, "a.pdf"},
                 Case{"line ends", "a\r\nb.pdf", "a  b.pdf"},
                 Case{"escape", "a\x1B[31m.pdf", "a[31m.pdf"},
                 Case{
                     "right-to-left override",
                     "invoice_\xE2\x80\xAE"
                     "fdp.exe",
                     "invoice_fdp.exe"},
                 Case{
                     "isolates",
                     "\xE2\x81\xA6"
                     "a\xE2\x81\xA9.pdf",
                     "a.pdf"},
                 Case{"zero width", "a\xE2\x80\x8B\xEF\xBB\xBF.pdf", "a.pdf"},
                 Case{
                     "soft hyphen",
                     "fak\xC2\xAD"
                     "tura.pdf",
                     "faktura.pdf"},
                 Case{"C1 control", "a\xC2\x85.pdf", "a.pdf"},
                 Case{"combining becomes one", "a\xCC\x88.pdf", "\xC3\xA4.pdf"},
                 Case{"Latin-1", "\xE4.pdf", "\xC3\xA4.pdf"},
                 Case{"double extension stays", "x.pdf.exe", "x.pdf.exe"},
                 Case{"leading hyphen stays", "-rf.pdf", "-rf.pdf"},
                 Case{"empty", "", ""},
             }) {
            CAPTURE(c.label);
            CHECK(clean_filename(c.name) == c.clean);
            CHECK(clean_filename(clean_filename(c.name)) == c.clean);
        }
    }

    TEST_CASE("200 bytes are kept, the next one costs some of the stem, never of the extension") {
        const std::string most = std::string(196, 'x') + ".pdf";
        CHECK(clean_filename(most) == most);
        CHECK(clean_filename("x" + most) == most);
        const std::string wide = std::string(195, 'x') + "\xC3\xA4.pdf";
        CHECK(clean_filename(wide) == std::string(195, 'x') + ".pdf");
        CHECK(clean_filename(std::string(300, 'y')) == std::string(200, 'y'));
        CHECK(clean_filename("a." + std::string(300, 'y')).size() == 200);
        CHECK(is_utf8(clean_filename(std::string(199, 'x') + "\xE2\x82\xAC")));
    }
}

} // namespace kwit::mime
