#include "core/config/forms.hh"

#include "core/config/syntax.hh"

namespace kwit::config {

namespace {

const std::string* text_of(const toml_tree::Value& value) {
    return std::get_if<std::string>(&value.content);
}

constexpr std::string_view duration_words = R"(a duration like "90d", "12h", "30m" or "45s")";

std::optional<std::chrono::seconds> duration_of(const toml_tree::Value& value) {
    const std::string* const text = text_of(value);
    return text != nullptr ? syntax::duration(*text) : std::nullopt;
}

std::optional<std::uint64_t> size_of(const toml_tree::Value& value) {
    if (const std::string* const text = text_of(value)) return syntax::size(*text);
    const auto* const number = std::get_if<std::int64_t>(&value.content);
    if (number == nullptr || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

} // namespace

Form<std::string> text_form(std::string expected, std::function<bool(std::string_view)> fits) {
    return {
        std::move(expected),
        [fits = std::move(fits)](const toml_tree::Value& value) -> std::optional<std::string> {
            const std::string* const text = text_of(value);
            if (text == nullptr || !fits(*text)) return std::nullopt;
            return *text;
        },
    };
}

Form<std::string>
text_form(std::string expected, std::function<std::optional<std::string>(std::string_view)> read) {
    return {
        std::move(expected),
        [read = std::move(read)](const toml_tree::Value& value) -> std::optional<std::string> {
            const std::string* const text = text_of(value);
            return text != nullptr ? read(*text) : std::nullopt;
        },
    };
}

Form<bool> truth_form() {
    return {
        "true or false",
        [](const toml_tree::Value& value) -> std::optional<bool> {
            const bool* const truth = std::get_if<bool>(&value.content);
            return truth != nullptr ? std::optional(*truth) : std::nullopt;
        },
    };
}

Form<std::uint64_t> size_form(std::uint64_t least, std::uint64_t most) {
    return {
        fmt::format(
            R"(a size of {} to {}, like "20MiB" or a number of bytes)",
            syntax::size_text(least),
            syntax::size_text(most)
        ),
        [least, most](const toml_tree::Value& value) -> std::optional<std::uint64_t> {
            const auto bytes = size_of(value);
            return bytes && *bytes >= least && *bytes <= most ? bytes : std::nullopt;
        },
    };
}

Form<std::uint32_t> count_form(std::uint32_t least, std::uint32_t most) {
    return {
        fmt::format("a number from {} to {}", least, most),
        [least, most](const toml_tree::Value& value) -> std::optional<std::uint32_t> {
            const auto* const number = std::get_if<std::int64_t>(&value.content);
            if (number == nullptr || *number < least || *number > most) return std::nullopt;
            return static_cast<std::uint32_t>(*number);
        },
    };
}

Form<std::chrono::seconds> duration_form() {
    return {fmt::format("{}, at most 36500d", duration_words), duration_of};
}

Form<std::chrono::seconds> duration_form(std::chrono::seconds most) {
    return {
        fmt::format("{}, at most {}s", duration_words, most.count()),
        [most](const toml_tree::Value& value) {
            const auto duration = duration_of(value);
            return duration && *duration <= most ? duration : std::nullopt;
        },
    };
}

Form<std::optional<std::chrono::seconds>> duration_or_forever_form() {
    using Duration = std::optional<std::chrono::seconds>;
    return {
        fmt::format("{}, at most 36500d, or \"forever\"", duration_words),
        [](const toml_tree::Value& value) -> std::optional<Duration> {
            const std::string* const text = text_of(value);
            if (text != nullptr && *text == "forever") return Duration();
            // Written out: an optional of an empty optional would mean forever.
            const auto duration = duration_of(value);
            if (!duration) return std::nullopt;
            return std::optional<Duration>(std::in_place, *duration);
        },
    };
}

Form<unsigned> mode_form() {
    return {
        R"(an octal mode in quotes like "0660")",
        [](const toml_tree::Value& value) -> std::optional<unsigned> {
            const std::string* const text = text_of(value);
            return text != nullptr ? syntax::mode(*text) : std::nullopt;
        },
    };
}

Form<std::chrono::minutes> time_of_day_form() {
    return {
        R"(a time of day like "07:00")",
        [](const toml_tree::Value& value) -> std::optional<std::chrono::minutes> {
            const std::string* const text = text_of(value);
            return text != nullptr ? syntax::time_of_day(*text) : std::nullopt;
        },
    };
}

Form<std::string> word_form(const std::vector<std::string>& words) {
    std::vector<std::pair<std::string, std::string>> meanings;
    meanings.reserve(words.size());
    for (const std::string& word : words)
        meanings.emplace_back(word, word);
    return word_form(std::move(meanings));
}

} // namespace kwit::config
