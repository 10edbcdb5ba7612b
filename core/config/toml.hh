// A TOML document as plain values, each with the line it stands in. The door to toml++.
#pragma once

#include "core/base/result.hh"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kwit::toml_tree {

struct Entry;
struct Value;

using Table = std::vector<Entry>; ///< in the order of their lines
using Array = std::vector<Value>;

/// A float, date or time: nothing in kwit is one. The text is what it is, for messages.
struct Other {
    std::string what;
};

struct Value {
    unsigned line = 0;
    // Without {}, which would ask for a whole Entry here; a variant begins as its first kind
    // anyway.
    std::variant<std::string, std::int64_t, bool, Array, Table, Other> content;
};

struct Entry {
    std::string key;
    unsigned line = 0; ///< of the key
    Value value;
};

/// `misuse` with "file:line: …" when the text is no TOML.
Result<Table> read(std::string_view text, std::string_view file_name);

/// "the text \"abc\"", "the number 12", "a table": what was found, for messages.
std::string describe(const Value& value);

} // namespace kwit::toml_tree
