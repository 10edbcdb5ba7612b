// Authentication-Results: what was read reads the same when it is written with every value quoted,
// and its author is the same whichever way he is asked for.
#include "core/mime/auth_results.hh"

#include "core/base/text.hh"
#include "tests/fuzz/input.hh"

#include <string>

namespace kwit::fuzz {

namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string written(const AuthenticationResults& results) {
    std::string out = in_quotes(results.authserv_id);
    for (const MethodResult& result : results.methods) {
        out += "; " + result.method + "=" + result.result;
        for (const ResultProperty& property : result.properties)
            out += " " + property.name + "=" + in_quotes(property.value);
    }
    return results.methods.empty() ? out + "; none" : out;
}

bool same(const AuthenticationResults& a, const AuthenticationResults& b) {
    const auto same_property = [](const ResultProperty& one, const ResultProperty& other) {
        return one.name == other.name && one.value == other.value;
    };
    const auto same_method = [&](const MethodResult& one, const MethodResult& other) {
        return one.method == other.method && one.result == other.result &&
               std::equal(
                   one.properties.begin(),
                   one.properties.end(),
                   other.properties.begin(),
                   other.properties.end(),
                   same_property
               );
    };
    return a.authserv_id == b.authserv_id &&
           std::equal(
               a.methods.begin(), a.methods.end(), b.methods.begin(), b.methods.end(), same_method
           );
}

void run(std::string_view value) {
    const auto results = mime::parse_authentication_results(value);
    const std::string author = mime::authserv_id_in(value);
    HOLDS(author == lower(author));
    if (!results) return;
    HOLDS(results->authserv_id == author && !author.empty());
    for (const MethodResult& result : results->methods)
        HOLDS(
            !result.method.empty() && result.method == lower(result.method) &&
            result.result == lower(result.result)
        );
    const auto again = mime::parse_authentication_results(written(*results));
    HOLDS(again && same(*results, *again));
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kwit::fuzz::run(kwit::fuzz::text_of(data, size));
    return 0;
}
