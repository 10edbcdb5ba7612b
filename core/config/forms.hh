// The forms that values of the configuration have; see section.hh.
#pragma once

#include "core/config/section.hh"

#include <chrono>
#include <cstdint>

namespace kwit::config {

/// A text that passes the check.
Form<std::string> text_form(std::string expected, std::function<bool(std::string_view)> fits);

/// A text that the function reads into what is kept.
Form<std::string>
text_form(std::string expected, std::function<std::optional<std::string>(std::string_view)> read);

Form<bool> truth_form();
Form<std::uint64_t> size_form(std::uint64_t least, std::uint64_t most);
Form<std::uint32_t> count_form(std::uint32_t least, std::uint32_t most);
Form<std::chrono::seconds> duration_form();
Form<std::chrono::seconds> duration_form(std::chrono::seconds most);
Form<std::optional<std::chrono::seconds>> duration_or_forever_form();
Form<unsigned> mode_form();
Form<std::chrono::minutes> time_of_day_form();

/// One of some words, each of which means a value.
template <typename T>
Form<T> word_form(std::vector<std::pair<std::string, T>> meanings) {
    std::vector<std::string> words;
    std::string list;
    for (const auto& [word, meaning] : meanings) {
        list += fmt::format("{}{}", list.empty() ? "" : ", ", word);
        words.push_back(word);
    }
    const auto read = [meanings =
                           std::move(meanings)](const toml_tree::Value& value) -> std::optional<T> {
        const auto* const text = std::get_if<std::string>(&value.content);
        if (text == nullptr) return std::nullopt;
        for (const auto& [word, meaning] : meanings)
            if (word == *text) return meaning;
        return std::nullopt;
    };
    return {fmt::format("one of {}", list), read, std::move(words)};
}

/// The same for words that mean themselves.
Form<std::string> word_form(const std::vector<std::string>& words);

} // namespace kwit::config
