#include "core/config/section.hh"

#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "core/config/nearest.hh"

namespace kwit::config {

Problems::Problems(std::string_view file_name) : file_name_(terminal_text(file_name)) {}

void Problems::add(unsigned line, std::string_view key, std::string_view what) {
    found_.emplace_back(line, fmt::format("{}: {}", place(line, key), what));
}

void Problems::add_flaw(unsigned line, std::string_view key, Error error) {
    flaws_.push_back(std::move(error).in(place(line, key)));
}

std::string Problems::place(unsigned line, std::string_view key) const {
    return fmt::format("{}:{}: {}", file_name_, line, terminal_text(key));
}

Error Problems::error(std::string_view remedy) const {
    auto sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.first < b.first;
    });
    std::vector<std::string> lines;
    lines.reserve(sorted.size());
    for (auto& [line, text] : sorted)
        lines.push_back(std::move(text));
    return {Kind::misuse, join(lines, "\n"), std::string(remedy)};
}

std::string nearest_hint(std::string_view word, const std::vector<std::string>& known) {
    const auto nearest = nearest_word(word, known);
    return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "";
}

const toml_tree::Entry* Section::find(std::string_view key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
    const auto entry =
        std::find_if(table_.begin(), table_.end(), [&](const toml_tree::Entry& candidate) {
            return candidate.key == key;
        });
    return entry == table_.end() ? nullptr : &*entry;
}

const toml_tree::Entry* Section::table(std::string_view key) {
    const toml_tree::Entry* const entry = find(key);
    if (entry == nullptr || std::holds_alternative<toml_tree::Table>(entry->value.content))
        return entry;
    wrong(*entry, entry->value, fmt::format("a table, [{}]", name_of(key)), {});
    return nullptr;
}

bool Section::wrong(
    const toml_tree::Entry& entry,
    const toml_tree::Value& found,
    std::string_view expected,
    const std::vector<std::string>& words
) {
    const auto* const text = std::get_if<std::string>(&found.content);
    const std::string hint = text != nullptr ? nearest_hint(*text, words) : "";
    problems_.add(
        found.line,
        name_of(entry.key),
        fmt::format("expected {}, found {}{}", expected, toml_tree::describe(found), hint)
    );
    return false;
}

void Section::problem(std::string_view key, std::string_view what) {
    problems_.add(line_of(key), name_of(key), what);
}

void Section::flaw(std::string_view key, Error error) {
    problems_.add_flaw(line_of(key), name_of(key), std::move(error));
}

unsigned Section::line_of(std::string_view key) const {
    const auto entry =
        std::find_if(table_.begin(), table_.end(), [&](const toml_tree::Entry& candidate) {
            return candidate.key == key;
        });
    return entry == table_.end() ? line_ : entry->line;
}

void Section::finish() {
    for (const toml_tree::Entry& entry : table_) {
        if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
        const bool is_table = std::holds_alternative<toml_tree::Table>(entry.value.content);
        std::string hint = nearest_hint(entry.key, known_);
        if (hint.empty()) hint = "; known here: " + join(known_, ", ");
        problems_.add(
            entry.line,
            name_of(entry.key),
            fmt::format("unknown {}{}", is_table ? "table" : "key", hint)
        );
    }
}

std::string Section::name_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

const toml_tree::Table& table_of(const toml_tree::Entry& entry) {
    return std::get<toml_tree::Table>(entry.value.content);
}

} // namespace kwit::config
