// Every trick with the structure, the encodings and the names of a mail that kwit knows of, with
// the answer it gives to it under the built-in policy `open`. docs/hostile-mail.md explains them;
// tricks.cc gives each to kwit. The fuzz targets begin with them.
//
// An answer is "ambiguous: WORDS", "over: REASON/DETAIL", or what became of the parts but the texts
// of the mail, in their order: "faktura.pdf filed", "x.pdf encoding-damaged/base64", "- decoration"
// (a part without a name); "nothing" when there is none. What came out of a part stands behind the
// leaves of the mail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kwit::test {

struct Trick {
    std::string_view name;
    std::string mail;
    std::string_view answer;
    std::vector<std::string> stored{}; ///< the bytes of what was filed, in order
};

std::vector<Trick> header_tricks();
std::vector<Trick> boundary_tricks();
std::vector<Trick> structure_tricks();
std::vector<Trick> encoding_tricks();
std::vector<Trick> name_tricks();
std::vector<Trick> content_tricks();

} // namespace kwit::test
