#include "core/mime/tag_list.hh"

#include "core/base/text.hh"
#include "core/mime/header.hh"
#include "core/mime/lexer.hh"

#include <algorithm>

namespace kwit::mime {

namespace {

/// More tags than this no signature has.
constexpr std::size_t max_tags = 50;

bool is_tag_name(std::string_view name) {
    return !name.empty() && is_alpha(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_alpha(c) || is_digit(c) || c == '_';
           });
}

} // namespace

std::optional<TagList> TagList::parse(std::string_view value) {
    const std::string text = unfold(value);
    if (has_control(text) || !is_utf8(text)) return std::nullopt;
    std::string_view rest = text;
    if (rest.ends_with(';')) rest.remove_suffix(1);
    TagList list;
    for (const std::string_view spec : split(rest, ';')) {
        const std::size_t equals = spec.find('=');
        if (equals == std::string_view::npos || list.tags_.size() >= max_tags) return std::nullopt;
        const std::string_view name = trim(spec.substr(0, equals));
        if (!is_tag_name(name) || list.find(name) != nullptr) return std::nullopt;
        list.tags_.emplace_back(name, trim(spec.substr(equals + 1)));
    }
    return list;
}

const std::string* TagList::find(std::string_view name) const {
    const auto found = std::find_if(tags_.begin(), tags_.end(), [name](const auto& tag) {
        return tag.first == name;
    });
    return found == tags_.end() ? nullptr : &found->second;
}

} // namespace kwit::mime
