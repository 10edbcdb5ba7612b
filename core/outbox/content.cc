#include "core/outbox/content.hh"

#include "core/base/text.hh"

namespace kwit::outbox {

Tone tone_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::imported:
        return Tone::good;
    case Verdict::partial:
        return Tone::doubtful;
    case Verdict::failed:
    case Verdict::refused:
        return Tone::bad;
    }
    return Tone::plain;
}

namespace {

constexpr std::string_view indent = "   ";

std::string line(std::string_view text) {
    return std::string(text) + "\n";
}

/// Without one, no line.
std::string optional_line(const std::string& text) {
    return text.empty() ? std::string() : line(text);
}

struct AsPlain {
    std::string operator()(const Paragraph& paragraph) const {
        return optional_line(paragraph.text);
    }

    std::string operator()(const Lines& lines) const {
        std::string text = optional_line(lines.intro);
        for (const std::string& one : lines.lines)
            text += line(one);
        return text;
    }

    std::string operator()(const Items& items) const {
        if (items.items.empty()) return {};
        std::string text = optional_line(items.intro);
        for (const Item& item : items.items) {
            text += line(item.line);
            for (const std::string& below : item.below)
                text += std::string(indent) + line(below);
        }
        return text + optional_line(items.more);
    }

    std::string operator()(const Choices& choices) const {
        std::string text;
        for (const std::string& intro : choices.intro)
            text += line(intro);
        for (const Choice& choice : choices.choices)
            text += line(choice.line) + line(choice.link_line);
        return text;
    }
};

} // namespace

std::string plain_text(const Content& content) {
    std::string text;
    for (const Block& block : content) {
        const std::string words = std::visit(AsPlain{}, block);
        if (words.empty()) continue;
        text += (text.empty() ? "" : "\n") + words;
    }
    return text;
}

Content content_of(std::string_view text) {
    Content content;
    Lines lines;
    const auto end = [&] {
        if (lines.lines.size() == 1)
            content.emplace_back(Paragraph{.text = lines.lines.front()});
        else if (!lines.lines.empty())
            content.emplace_back(std::move(lines));
        lines = {};
    };
    for (const std::string_view one : split(text, '\n')) {
        if (one.empty())
            end();
        else
            lines.lines.emplace_back(one);
    }
    end();
    return content;
}

} // namespace kwit::outbox
