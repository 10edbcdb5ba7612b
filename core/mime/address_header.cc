#include "core/mime/address_header.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <array>

namespace kwit::mime {

bool is_address_header(std::string_view name) {
    constexpr std::array<std::string_view, 6> names = {
        "from", "to", "cc", "bcc", "reply-to", "sender"};
    constexpr std::string_view resent = "resent-";
    name = trim(name);
    if (starts_with_word(name, resent)) name.remove_prefix(resent.size());
    return std::any_of(names.begin(), names.end(), [name](std::string_view other) {
        return same_word(name, other);
    });
}

} // namespace kwit::mime
