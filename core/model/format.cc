#include "core/model/format.hh"

#include <algorithm>
#include <array>

namespace kwit {

namespace {

struct Row {
    Format format;
    std::string_view name;
    std::string_view media_type;
};

constexpr std::array rows = {
    Row{Format::unknown, "unknown", "application/octet-stream"},
    Row{Format::empty, "empty", "application/octet-stream"},
    Row{Format::pdf, "pdf", "application/pdf"},
    Row{Format::jpeg, "jpeg", "image/jpeg"},
    Row{Format::png, "png", "image/png"},
    Row{Format::tiff, "tiff", "image/tiff"},
    Row{Format::gif, "gif", "image/gif"},
    Row{Format::bmp, "bmp", "image/bmp"},
    Row{Format::webp, "webp", "image/webp"},
    Row{Format::heic, "heic", "image/heic"},
    Row{Format::zip, "zip", "application/zip"},
    Row{Format::office, "office", "application/octet-stream"},
    Row{Format::rtf, "rtf", "application/rtf"},
    Row{Format::xml, "xml", "application/xml"},
    Row{Format::xml_invoice, "xml-invoice", "application/xml"},
    Row{Format::html, "html", "text/html"},
    Row{Format::executable, "executable", "application/octet-stream"},
    Row{Format::tnef, "tnef", "application/ms-tnef"},
    Row{Format::text, "text", "text/plain"},
};

const Row& row_of(Format format) {
    return *std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
        return row.format == format;
    });
}

} // namespace

std::string_view name_of(Format format) {
    return row_of(format).name;
}

std::optional<Format> format_named(std::string_view name) {
    const auto* const row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
        return candidate.name == name;
    });
    if (row == rows.end()) return std::nullopt;
    return row->format;
}

std::string_view media_type_of(Format format) {
    return row_of(format).media_type;
}

} // namespace kwit
