// Reading one table of the configuration key by key, and keeping every mistake.
//
// A Form says how a value is written: what was expected in words, and the function that reads it.
// The keys that are asked for are the known ones: finish() tells about all others.
#pragma once

#include "core/base/result.hh"
#include "core/config/toml.hh"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwit::config {

/// The mistakes of one file.
class Problems {
public:
    explicit Problems(std::string_view file_name);

    void add(unsigned line, std::string_view key, std::string_view what);

    /// What is wrong without being a mistake of the file: settings are read beside it.
    void add_flaw(unsigned line, std::string_view key, Error error);

    [[nodiscard]] bool empty() const { return found_.empty(); }

    [[nodiscard]] const std::vector<Error>& flaws() const { return flaws_; }

    /// All of them in the order of their lines, one a line.
    [[nodiscard]] Error error(std::string_view remedy) const;

private:
    [[nodiscard]] std::string place(unsigned line, std::string_view key) const;

    std::string file_name_;
    std::vector<std::pair<unsigned, std::string>> found_;
    std::vector<Error> flaws_;
};

template <typename T>
struct Form {
    std::string expected; ///< "a size like …"
    std::function<std::optional<T>(const toml_tree::Value&)> read;
    std::vector<std::string> words{}; ///< all there are, for the nearest one
};

class Section {
public:
    /// The table must outlive it. The path is what stands before its keys: "milter"; empty at the
    /// top.
    Section(const toml_tree::Table& table, unsigned line, std::string path, Problems& problems)
        : table_(table), line_(line), path_(std::move(path)), problems_(problems) {}

    /// Reads the key if it is there; whether it was there and good.
    template <typename T>
    bool read(std::string_view key, T& value, const Form<T>& form) {
        const toml_tree::Entry* const entry = find(key);
        if (entry == nullptr) return false;
        std::optional<T> read = form.read(entry->value);
        if (!read) return wrong(*entry, entry->value, form.expected, form.words);
        value = std::move(*read);
        return true;
    }

    /// The same for a list of them, each once.
    template <typename T>
    bool read_list(std::string_view key, std::vector<T>& values, const Form<T>& form) {
        const toml_tree::Entry* const entry = find(key);
        if (entry == nullptr) return false;
        const auto* const array = std::get_if<toml_tree::Array>(&entry->value.content);
        if (array == nullptr)
            return wrong(*entry, entry->value, fmt::format("a list, each {}", form.expected), {});
        std::vector<T> good;
        for (const toml_tree::Value& item : *array) {
            std::optional<T> read = form.read(item);
            if (!read) {
                wrong(*entry, item, form.expected, form.words);
            } else if (std::find(good.begin(), good.end(), *read) != good.end()) {
                wrong(*entry, item, "each only once", {});
            } else {
                good.push_back(std::move(*read));
            }
        }
        if (good.size() != array->size()) return false;
        values = std::move(good);
        return true;
    }

    /// The key's table, or null; anything else there is a mistake.
    const toml_tree::Entry* table(std::string_view key);

    /// The key, which is known from now on, or null.
    const toml_tree::Entry* find(std::string_view key);

    /// A mistake that is told at the key's line, or at the table's when the key is not there.
    void problem(std::string_view key, std::string_view what);

    /// Something else than the file that is wrong, told at the same place: see Settings::flaws.
    void flaw(std::string_view key, Error error);

    /// Tells about every key that nobody asked for. Call it last.
    void finish();

    [[nodiscard]] std::string name_of(std::string_view key) const;

    [[nodiscard]] Problems& problems() const { return problems_; }

private:
    /// Notes what was expected and found; false.
    bool wrong(
        const toml_tree::Entry& entry,
        const toml_tree::Value& found,
        std::string_view expected,
        const std::vector<std::string>& words
    );

    [[nodiscard]] unsigned line_of(std::string_view key) const;

    const toml_tree::Table& table_;
    unsigned line_;
    std::string path_;
    Problems& problems_;
    std::vector<std::string> known_;
};

/// The table of an entry that is known to be one.
const toml_tree::Table& table_of(const toml_tree::Entry& entry);

/// "; did you mean \"x\"?" or nothing.
std::string nearest_hint(std::string_view word, const std::vector<std::string>& known);

} // namespace kwit::config
