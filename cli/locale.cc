#include "cli/locale.hh"

#include "core/base/text.hh"
#include "core/config/texts.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli {

Result<void> check_locale(const std::string& locale) {
    const auto known = Texts::locales();
    if (locale.empty() || std::find(known.begin(), known.end(), locale) != known.end()) return {};
    return fail(
        Kind::misuse,
        fmt::format(R"(there are no texts in the language "{}")", locale),
        "the languages are " + join(known, ", ")
    );
}

} // namespace kwit::cli
