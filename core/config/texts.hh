// The catalogue of every sentence that people read, in Polish, German and English.
//
// The built-in texts (locale/*.toml) are compiled in; an office lays its own pl.toml, de.toml or
// en.toml over them key by key, for all mails or for those of one intake domain. A reason's
// sentence has the reason's code as its key, a detail's "code.detail". Texts are UTF-8 and not yet
// encoded for any sink.
#pragma once

#include "core/base/result.hh"
#include "core/model/reason.hh"
#include "core/model/settings.hh"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

class Texts {
public:
    using Values = std::map<std::string, std::string>;

    /// The built-in texts, and over them those of the directory; empty: none. An unknown file, key
    /// or locale and a placeholder too many or too few is `misuse` and told with file, line and
    /// key, all at once.
    static Result<Texts> load(const std::filesystem::path& override_dir);

    /// Those of [texts] path, and for of() those of each domain over them.
    static Result<Texts> load_for(const Settings& settings);

    /// The texts of the mails of an intake domain: these, where it has none of its own.
    [[nodiscard]] const Texts& of(const std::string& domain) const;

    /// The text with its {placeholders} filled. An unknown locale reads English, an unknown key
    /// gives the key itself, a value that is not there "?": a sentence is never an obstacle.
    [[nodiscard]] std::string
    text(std::string_view locale, std::string_view key, const Values& values = {}) const;

    /// What is wrong and what to do next: the sentence of "code.detail", else of "code", in which
    /// each value is cut after max_quoted characters.
    [[nodiscard]] std::string sentence(std::string_view locale, const Finding& finding) const;
    static constexpr std::size_t max_quoted = 120;

    [[nodiscard]] bool has(std::string_view locale, std::string_view key) const;

    /// Every key of a locale, in order.
    [[nodiscard]] std::vector<std::string> keys(std::string_view locale) const;

    /// The names in braces of a text; empty for an unknown key.
    [[nodiscard]] std::set<std::string>
    placeholders(std::string_view locale, std::string_view key) const;

    /// "de", "en", "pl".
    static std::vector<std::string> locales();

private:
    using Catalogue = std::map<std::string, std::string, std::less<>>; // key -> text

    Result<void> lay_over(const std::filesystem::path& directory);

    [[nodiscard]] const std::string* find(std::string_view locale, std::string_view key) const;

    std::map<std::string, Catalogue, std::less<>> by_locale_;
    std::map<std::string, std::shared_ptr<const Texts>> by_domain_;
};

} // namespace kwit
