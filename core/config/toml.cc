#include "core/config/toml.hh"

#include "core/base/encode.hh"
#include "core/base/text.hh"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

namespace kwit::toml_tree {

namespace {

Value value_of(const toml::node& node);

unsigned line_of(const toml::source_region& source) {
    return static_cast<unsigned>(source.begin.line);
}

Table table_of(const toml::table& table) {
    Table entries;
    for (const auto& [key, node] : table)
        entries.push_back({std::string(key.str()), line_of(key.source()), value_of(node)});
    // toml++ sorts by name; people read by line.
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.line < b.line;
    });
    return entries;
}

Array array_of(const toml::array& array) {
    Array values;
    for (const toml::node& node : array)
        values.push_back(value_of(node));
    return values;
}

Value value_of(const toml::node& node) {
    const unsigned line = line_of(node.source());
    if (const auto* const text = node.as_string()) return {line, text->get()};
    if (const auto* const number = node.as_integer()) return {line, number->get()};
    if (const auto* const truth = node.as_boolean()) return {line, truth->get()};
    if (const auto* const array = node.as_array()) return {line, array_of(*array)};
    if (const auto* const table = node.as_table()) return {line, table_of(*table)};
    return {line, Other{node.is_floating_point() ? "a number with a fraction" : "a date or time"}};
}

std::string quoted(const std::string& text) {
    constexpr std::size_t longest = 60;
    const std::string_view shown = cut_utf8(text, longest);
    return fmt::format("\"{}{}\"", terminal_text(shown), shown.size() < text.size() ? "..." : "");
}

struct Describe {
    std::string operator()(const std::string& text) const { return "the text " + quoted(text); }

    std::string operator()(std::int64_t number) const {
        return fmt::format("the number {}", number);
    }

    std::string operator()(bool truth) const { return truth ? "true" : "false"; }

    std::string operator()(const Array& array) const {
        return array.empty() ? "an empty list" : "a list";
    }

    std::string operator()(const Table& /*table*/) const { return "a table"; }

    std::string operator()(const Other& other) const { return other.what; }
};

} // namespace

Result<Table> read(std::string_view text, std::string_view file_name) try {
    return table_of(toml::parse(text, std::string(file_name)));

} catch (const toml::parse_error& error) {

    return fail(
        Kind::misuse,
        fmt::format(
            "{}:{}: {}",
            terminal_text(file_name),
            error.source().begin.line,
            terminal_text(error.description())
        ),
        "write it as TOML 1.0: texts in quotes, one key a line"
    );
}

std::string describe(const Value& value) {
    return std::visit(Describe{}, value.content);
}

} // namespace kwit::toml_tree
