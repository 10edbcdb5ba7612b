#include "core/config/texts.hh"

#include "core/base/encode.hh"
#include "core/base/file.hh"
#include "core/base/text.hh"
#include "core/config/builtin_texts.hh"
#include "core/config/section.hh"
#include "core/config/toml.hh"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

namespace kwit {

namespace {

constexpr std::size_t max_file = 1U << 20;
constexpr std::string_view fallback_locale = "en";
constexpr std::string_view remedy =
    "docs/configuration.md lists how texts are written; locale/*.toml has every key";

/// A text in pieces: what stands there, then the placeholder behind it, and so on.
struct Piece {
    std::string_view plain;
    std::optional<std::string_view> placeholder;
};

bool is_placeholder(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-';
    });
}

/// Nothing when a brace belongs to no placeholder.
std::optional<std::vector<Piece>> pieces_of(std::string_view text) {
    std::vector<Piece> pieces;
    for (;;) {
        const std::size_t open = text.find_first_of("{}");
        if (open == std::string_view::npos) {
            pieces.push_back({text, std::nullopt});
            return pieces;
        }
        const std::size_t close = text.find('}', open);
        if (text[open] == '}' || close == std::string_view::npos) return std::nullopt;
        const std::string_view name = text.substr(open + 1, close - open - 1);
        if (!is_placeholder(name)) return std::nullopt;
        pieces.push_back({text.substr(0, open), name});
        text.remove_prefix(close + 1);
    }
}

std::set<std::string> names_in(std::string_view text) {
    std::set<std::string> names;
    for (const Piece& piece : pieces_of(text).value_or(std::vector<Piece>{}))
        if (piece.placeholder) names.emplace(*piece.placeholder);
    return names;
}

std::string list_of(const std::set<std::string>& names) {
    std::string list;
    for (const std::string& name : names)
        list += fmt::format("{}{{{}}}", list.empty() ? "" : ", ", name);
    return list.empty() ? "none" : list;
}

using Catalogue = std::map<std::string, std::string, std::less<>>;

/// Reads one file's texts over those that are known; a built-in file has none before it.
class FileReader {
public:
    FileReader(Catalogue& texts, std::string_view file_name)
        : texts_(texts), problems_(file_name), built_in_(texts.empty()) {
        for (const auto& [key, text] : texts_)
            known_.push_back(key);
    }

    Result<void> read(const toml_tree::Table& table) && {
        flatten(table, "");
        if (!problems_.empty()) return fail(problems_.error(remedy));
        return {};
    }

private:
    /// A key inside a table is "table.key".
    void flatten(const toml_tree::Table& table, const std::string& prefix) {
        for (const toml_tree::Entry& entry : table) {
            const std::string key = prefix + entry.key;
            if (const auto* const inner = std::get_if<toml_tree::Table>(&entry.value.content))
                flatten(*inner, key + ".");
            else
                put(key, entry);
        }
    }

    void put(const std::string& key, const toml_tree::Entry& entry) {
        const auto* const text = std::get_if<std::string>(&entry.value.content);
        if (!built_in_ && texts_.find(key) == texts_.end()) {
            problems_.add(entry.line, key, "unknown key" + config::nearest_hint(key, known_));
        } else if (text == nullptr || trim(*text).empty()) {
            problems_.add(
                entry.line, key, "expected a text, found " + toml_tree::describe(entry.value)
            );
        } else if (check(key, entry.line, *text)) {
            texts_[key] = *text;
        }
    }

    bool check(const std::string& key, unsigned line, std::string_view text) {
        if (!pieces_of(text)) {
            problems_.add(
                line, key, "expected braces only around a placeholder like {name}, found others"
            );
            return false;
        }
        if (built_in_) return true;
        const auto wanted = names_in(texts_[key]);
        const auto found = names_in(text);
        if (wanted == found) return true;
        problems_.add(
            line,
            key,
            fmt::format("expected the placeholders {}, found {}", list_of(wanted), list_of(found))
        );
        return false;
    }

    Catalogue& texts_;
    config::Problems problems_;
    bool built_in_;
    std::vector<std::string> known_;
};

Result<void> read_file(Catalogue& texts, std::string_view toml, const std::string& file_name) {
    const toml_tree::Table table = TRY(toml_tree::read(toml, file_name));
    return FileReader(texts, file_name).read(table);
}

Result<void> read_override(Catalogue& texts, const std::filesystem::path& path) {
    const std::string toml = TRY(read_whole(path, max_file));
    return read_file(texts, toml, path.string());
}

/// The .toml files of the directory, in order.
Result<std::vector<std::filesystem::path>> files_in(const std::filesystem::path& directory) {
    std::error_code code;
    std::vector<std::filesystem::path> files;
    for (auto at = std::filesystem::directory_iterator(directory, code);
         !code && at != std::filesystem::directory_iterator();
         at.increment(code))
        if (at->path().extension() == ".toml") files.push_back(at->path());
    if (code)
        return fail(
            Kind::misuse,
            fmt::format("cannot read texts in {}: {}", directory.string(), code.message()),
            "name a directory in [texts] path, or leave it out for the built-in texts"
        );
    std::sort(files.begin(), files.end());
    return files;
}

std::string fill(std::string_view text, const Texts::Values& values) {
    std::string out;
    for (const Piece& piece : pieces_of(text).value_or(std::vector<Piece>{{text, std::nullopt}})) {
        out += piece.plain;
        if (!piece.placeholder) continue;
        const auto value = values.find(std::string(*piece.placeholder));
        out += value == values.end() ? "?" : value->second;
    }
    return out;
}

/// At most so many characters; what is left out shows.
std::string cut_characters(std::string_view text, std::size_t max) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < max && at < text.size(); ++i)
        next_code_point(text, at);
    return std::string(text.substr(0, at)) + (at < text.size() ? "…" : "");
}

} // namespace

Result<Texts> Texts::load(const std::filesystem::path& override_dir) {
    Texts texts;
    for (const BuiltinText& built_in : builtin_texts())
        TRY(read_file(
            texts.by_locale_[std::string(built_in.locale)],
            built_in.toml,
            fmt::format("locale/{}.toml", built_in.locale)
        ));
    if (!override_dir.empty()) TRY(texts.lay_over(override_dir));
    return texts;
}

Result<Texts> Texts::load_for(const Settings& settings) {
    Texts texts = TRY(load(settings.texts.path));
    for (const DomainSettings& domain : settings.domains) {
        if (domain.texts.empty()) continue;
        Texts own = texts;
        own.by_domain_.clear();
        TRY(own.lay_over(domain.texts));
        texts.by_domain_[domain.name] = std::make_shared<const Texts>(std::move(own));
    }
    return texts;
}

const Texts& Texts::of(const std::string& domain) const {
    const auto own = by_domain_.find(domain);
    return own == by_domain_.end() ? *this : *own->second;
}

Result<void> Texts::lay_over(const std::filesystem::path& directory) {
    const std::vector<std::filesystem::path> files = TRY(files_in(directory));
    std::vector<std::string> problems;
    for (const std::filesystem::path& file : files) {
        const auto catalogue = by_locale_.find(file.stem().string());
        if (catalogue == by_locale_.end()) {
            problems.push_back(fmt::format(
                "{}: expected a file named {}.toml, found this one",
                terminal_text(file.string()),
                join(locales(), ".toml, ")
            ));
            continue;
        }
        const Result<void> read = read_override(catalogue->second, file);
        if (!read) problems.push_back(read.error().what);
    }
    if (!problems.empty()) return fail(Kind::misuse, join(problems, "\n"), std::string(remedy));
    return {};
}

const std::string* Texts::find(std::string_view locale, std::string_view key) const {
    auto catalogue = by_locale_.find(locale);
    if (catalogue == by_locale_.end()) catalogue = by_locale_.find(fallback_locale);
    const auto text = catalogue->second.find(key);
    return text == catalogue->second.end() ? nullptr : &text->second;
}

std::string Texts::text(std::string_view locale, std::string_view key, const Values& values) const {
    const std::string* const found = find(locale, key);
    return found == nullptr ? std::string(key) : fill(*found, values);
}

std::string Texts::sentence(std::string_view locale, const Finding& finding) const {
    const std::string_view code = code_of(finding.reason);
    const std::string detailed = fmt::format("{}.{}", code, finding.detail);
    Values values = finding.values;
    for (auto& [name, value] : values)
        value = cut_characters(value, max_quoted);
    return text(locale, has(locale, detailed) ? detailed : code, values);
}

bool Texts::has(std::string_view locale, std::string_view key) const {
    return find(locale, key) != nullptr;
}

std::vector<std::string> Texts::keys(std::string_view locale) const {
    std::vector<std::string> keys;
    const auto catalogue = by_locale_.find(locale);
    if (catalogue == by_locale_.end()) return keys;
    for (const auto& [key, text] : catalogue->second)
        keys.push_back(key);
    return keys;
}

std::set<std::string> Texts::placeholders(std::string_view locale, std::string_view key) const {
    const std::string* const found = find(locale, key);
    return found == nullptr ? std::set<std::string>{} : names_in(*found);
}

std::vector<std::string> Texts::locales() {
    std::vector<std::string> names;
    for (const BuiltinText& built_in : builtin_texts())
        names.emplace_back(built_in.locale);
    return names;
}

} // namespace kwit
