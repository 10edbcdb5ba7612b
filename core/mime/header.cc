#include "core/mime/header.hh"

#include "core/base/text.hh"

#include <algorithm>

namespace kwit::mime {

std::string unfold(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (const char c : trim(value)) {
        if (c == '\n') {
            if (!out.empty() && out.back() == '\r') out.pop_back();
            continue;
        }
        out += c;
    }
    return out;
}

bool is_field_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return c > 0x20 && c < 0x7F && c != ':';
    });
}

} // namespace kwit::mime
