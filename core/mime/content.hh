// What the Content-* headers of one entity (the mail or a part of it) say, and where they can be
// read in two ways. RFC 2045, RFC 2183, RFC 2392.
#pragma once

#include "core/mime/decode.hh"
#include "core/mime/header.hh"
#include "core/model/facts.hh"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::mime {

struct ContentFacts {
    std::string media_type = "text/plain"; ///< lower case; the default when absent or unreadable
    bool typed = false;                    ///< there is a Content-Type that could be read
    std::string boundary{};                ///< of a multipart; empty: it has none
    Encoding encoding = Encoding::identity;
    bool encoding_known = true;
    Presentation presentation = Presentation::unstated;
    std::string
        filename{}; ///< decoded, not cleaned; filename of the disposition before name of the type
    std::string content_id{}; ///< without <>
    std::vector<std::string> ambiguities{};

    [[nodiscard]] bool is_multipart() const { return media_type.starts_with("multipart/"); }
};

ContentFacts read_content(std::span<const HeaderField> fields);

/// The first field of that name, or null; white space after the name does not count.
const HeaderField* find_field(std::span<const HeaderField> fields, std::string_view name);

unsigned count_fields(std::span<const HeaderField> fields, std::string_view name);

/// Adds a word that is not there yet.
void add_once(std::vector<std::string>& words, std::string_view word);

} // namespace kwit::mime
