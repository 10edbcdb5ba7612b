#include "core/mime/magic.hh"

#include <doctest/doctest.h>

#include <string>

namespace kwit::mime {

namespace {

std::string zip_member(std::string_view name, std::string_view content) {
    std::string out = std::string("PK\3\4") + std::string(22, '\0');
    out += static_cast<char>(name.size());
    out += std::string(3, '\0');
    return out.append(name).append(content);
}

std::string pe() {
    std::string out = "MZ" + std::string(58, '\x90');
    out += std::string("\x40\0\0\0", 4);
    return out + std::string("PE\0\0", 4);
}

std::string bmp() {
    return "BM" + std::string(12, '\0') + std::string("\x28\0\0\0", 4) + std::string(20, '\0');
}

} // namespace

TEST_SUITE("mime/magic") {
    TEST_CASE("bytes are told by their content") {
        struct Case {
            std::string_view label;
            std::string head;
            Format format;
        };

        using namespace std::string_literals;
        for (const Case& c : {
                 Case{"PDF", "%PDF-1.7\n%", Format::pdf},
                 Case{"PDF behind rubbish", "\r\n\0\1"s + "%PDF-1.4\n", Format::pdf},
                 Case{
                     "PDF at the edge of its window",
                     std::string(1019, '\1') + "%PDF-1.4\n",
                     Format::pdf},
                 Case{"PDF one past it", std::string(1020, '\1') + "%PDF-1.4\n", Format::unknown},
                 Case{"a text about PDFs", "the mark is %PDF- and a number", Format::text},
                 Case{"an HTML page with the mark", "<html>%PDF-1.4 x", Format::html},
                 Case{"a ZIP with the mark", zip_member("%PDF-1.4.txt", "x"), Format::zip},
                 Case{"JPEG", "\xFF\xD8\xFF\xE0", Format::jpeg},
                 Case{"PNG", "\x89PNG\r\n\x1A\n....", Format::png},
                 Case{"TIFF, Intel", "II*\0...."s, Format::tiff},
                 Case{"TIFF, Motorola", "MM\0*...."s, Format::tiff},
                 Case{"BigTIFF", "II+\0...."s, Format::tiff},
                 Case{"GIF", "GIF89a", Format::gif},
                 Case{"BMP", bmp(), Format::bmp},
                 Case{
                     "a text that begins with BM",
                     "BMW und mehr, eine Rechnung in Worten",
                     Format::text},
                 Case{"WebP", "RIFF....WEBPVP8 ", Format::webp},
                 Case{
                     "HEIC",
                     "\0\0\0\x18"
                     "ftypheic\0\0\0\0"s,
                     Format::heic},
                 Case{
                     "HEIC by its second brand",
                     "\0\0\0\x18"
                     "ftypmif1\0\0\0\0"s,
                     Format::heic},
                 Case{
                     "MP4",
                     "\0\0\0\x18"
                     "ftypisom\0\0\0\0"s,
                     Format::unknown},
                 Case{"ZIP", zip_member("a.pdf", "%PDF-"), Format::zip},
                 Case{"empty ZIP", "PK\5\6" + std::string(18, '\0'), Format::zip},
                 Case{"OOXML", zip_member("[Content_Types].xml", "x"), Format::office},
                 Case{
                     "OOXML, types second",
                     zip_member("_rels/.rels", "x") + zip_member("[Content_Types].xml", ""),
                     Format::office},
                 Case{
                     "ODF",
                     zip_member("mimetype", "application/vnd.oasis.opendocument.text"),
                     Format::office},
                 Case{"EPUB", zip_member("mimetype", "application/epub+zip"), Format::zip},
                 Case{"OLE2", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Format::office},
                 Case{"RTF", "{\\rtf1", Format::rtf},
                 Case{"XML", "\xEF\xBB\xBF<?xml version='1.0'?><Invoice/>", Format::xml},
                 Case{"XML without a declaration", "<a:Invoice\n xmlns:a='b'>", Format::xml},
                 Case{"XML behind a comment", "<!-- x --> <_a xmlns='b'", Format::xml},
                 Case{"UTF-16 XML", "\xFF\xFE<\0?\0x\0m\0l\0 \0\x5B\1"s, Format::xml},
                 Case{"UTF-16 XML, the other order", "\xFE\xFF\0<\0?\0x\0m\0l\0 "s, Format::xml},
                 Case{"UTF-16 XML without a mark", "<\0?\0x\0m\0l\0 \0"s, Format::xml},
                 Case{"UTF-16 HTML", "\xFF\xFE<\0h\0t\0m\0l\0>\0"s, Format::html},
                 Case{"UTF-16 text", "\xFF\xFE<\0a\0>\0"s, Format::text},
                 Case{"half of UTF-16 in it", "<\0 \0x\0"s, Format::unknown},
                 Case{"text in angle brackets", "<anna xmlnsb>", Format::text},
                 Case{"a less-than sign", "< a xmlns='b'>", Format::text},
                 Case{"an element without a namespace", "<a><b xmlns='c'/></a>", Format::text},
                 Case{"XHTML", "<?xml version='1.0'?>\n<!DOCTYPE html><html>", Format::html},
                 Case{"HTML", "\n <!-- x --> <HTML><body>", Format::html},
                 Case{"HTML doctype", "<!DOCTYPE HTML PUBLIC", Format::html},
                 Case{"PE", pe(), Format::executable},
                 Case{"a text that begins with MZ", "MZ " + std::string(80, 'x'), Format::text},
                 Case{
                     "ELF",
                     "\x7F"
                     "ELF",
                     Format::executable},
                 Case{"script", "#!/bin/sh\n", Format::executable},
                 Case{"Mach-O", "\xCF\xFA\xED\xFE", Format::executable},
                 Case{"TNEF", "\x78\x9F\x3E\x22", Format::tnef},
                 Case{"text", "Dzie\xC5\x84 dobry,\r\n\tfaktura\r\n", Format::text},
                 Case{
                     "text in Latin-1",
                     "Gr\xFC\xDF"
                     "e",
                     Format::text},
                 Case{
                     "text in UTF-16",
                     "\xFF\xFE"
                     "a\0"s,
                     Format::text},
                 Case{"bytes", "\1\2\3"s, Format::unknown},
             }) {
            CAPTURE(c.label);
            CHECK(recognise(c.head, c.head.size()) == c.format);
        }
        CHECK(recognise("", 0) == Format::empty);
    }

    TEST_CASE("no head of a file is read over its end") {
        for (const std::string& whole :
             {zip_member("mimetype", "application/vnd.oasis"),
              pe(),
              bmp(),
              std::string("%PDF-1.7"),
              std::string(
                  "\0\0\0\x18"
                  "ftypheic",
                  12
              ),
              std::string("RIFF....WEBP")}) {
            for (std::size_t size = 0; size <= whole.size(); ++size) {
                const std::string head = whole.substr(0, size); // its own buffer, for the sanitizer
                CHECK((recognise(head, size) == Format::empty) == (size == 0));
            }
        }
    }
}

} // namespace kwit::mime
