// Values with parameters: Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183), with
// continuations and charsets (RFC 2231), encoded words in quoted file names (as Outlook sends them)
// and raw 8-bit text. Reads as much as it can and says what could be read in another way.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::mime {

struct Parameter {
    std::string name;      ///< lower case, without "*" marks
    std::string value;     ///< UTF-8
    std::string raw{};     ///< the bytes between the quotes, escapes undone, nothing decoded
    bool extended = false; ///< it came as name* or name*0 (RFC 2231)
};

struct ParametrizedValue {
    std::string value{}; ///< "application/pdf", "attachment"; lower case, no comments
    std::vector<Parameter> parameters{};
    bool malformed = false; ///< something did not follow the grammar and was passed over
    bool loose = false;     ///< comments, or white space around "=": legal, but programs differ
    bool duplicate = false; ///< a parameter came twice in the same form
    bool damaged = false;   ///< a value could not be decoded cleanly

    /// The parameter of that name: an extended one wins over a plain one (RFC 6266 §4.3 says so).
    [[nodiscard]] const Parameter* find(std::string_view name) const;
};

ParametrizedValue parse_parametrized(std::string_view value);

/// One word with comments around it: Content-Transfer-Encoding, MIME-Version. Lower case; nothing
/// when there is more or less than one token.
std::optional<std::string> parse_single_token(std::string_view value);

} // namespace kwit::mime
