#include "core/outbox/guide.hh"

#include "core/base/text.hh"
#include "core/outbox/plain.hh"

#include <fmt/format.h>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_name = 120;    // characters of a name
constexpr std::size_t max_subject = 200; // of a subject

} // namespace

std::string Guide::tell(std::string_view key, const Texts::Values& values) const {
    return texts_.text(locale_, fmt::format("guideline.{}", key), values);
}

std::string Guide::label_of(const std::string& category) const {
    const auto labels = policy_.labels.find(locale_);
    if (labels == policy_.labels.end()) return {};
    const auto label = labels->second.find(category);
    // A category that nobody gave a label is its own.
    const bool none = label == labels->second.end() || label->second == category;
    return none ? std::string() : label->second;
}

std::string Guide::labelled(const std::string& category) const {
    const std::string label = label_of(category);
    std::string shown = one_line(category, max_name);
    if (label.empty()) return shown;
    return texts_.text(
        locale_, "notice.labelled", {{"category", shown}, {"label", one_line(label, max_name)}}
    );
}

std::string Guide::formats() const {
    std::vector<std::string> words;
    for (const Format format : policy_.formats)
        words.push_back(upper(name_of(format)));
    return join(words, ", ");
}

void Guide::add_subject_form(std::vector<std::string>& lines, const About& about) const {
    lines.push_back(tell("subject", {{"example", one_line(about.example, max_subject)}}));
    lines.push_back(tell("category"));
    for (const std::string& category : policy_.categories) {
        const std::string label = label_of(category);
        lines.push_back(
            label.empty() ? category
                          : tell("category-item", {{"category", category}, {"label", label}})
        );
    }
    lines.push_back(tell("period"));
    if (!about.code.empty()) lines.push_back(tell("code", {{"code", about.code}}));
}

Lines Guide::lines(const About& about) const {
    Lines guide{.intro = tell("intro"), .lines = {}};
    if (policy_.route == Route::subject) add_subject_form(guide.lines, about);
    if (!about.sender.empty()) guide.lines.push_back(tell("sender", {{"sender", about.sender}}));
    guide.lines.push_back(tell("formats", {{"accepted", formats()}}));
    return guide;
}

std::string Guide::text(const About& about) const {
    return plain_text({lines(about)});
}

std::string farewell(const DomainSettings& domain, const Texts& texts, std::string_view locale) {
    if (domain.reply_to.empty()) return texts.text(locale, "notice.no-answers");
    const Texts::Values values = {{"address", one_line(domain.reply_to, max_name)}};
    return texts.text(locale, "notice.answers", values);
}

} // namespace kwit::outbox
