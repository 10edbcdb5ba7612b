// The tag=value lists of DKIM and ARC headers (RFC 6376 §3.2): "v=1; d=kunde.example; h=from:to".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwit::mime {

class TagList {
public:
    /// Nothing when the grammar does not read the value whole, and when a tag stands there twice:
    /// another reader might take the other one.
    static std::optional<TagList> parse(std::string_view value);

    /// The value of the tag, folds taken out; names differ by case. Null when it is not there.
    [[nodiscard]] const std::string* find(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> tags_;
};

} // namespace kwit::mime
