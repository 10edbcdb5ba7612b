#include "core/intake/reply.hh"

#include "core/base/encode.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

// RFC 5321 §4.5.3.1.5 allows 512 bytes with code and CRLF; old clients show less.
constexpr std::size_t max_line = 400;
constexpr std::size_t max_lines = 8;

/// The text in lines, broken at spaces; what is past the last line is left out.
std::vector<std::string> wrap(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty() && lines.size() < max_lines) {
        std::size_t end = text.size();
        if (end > max_line) {
            const std::size_t space = text.rfind(' ', max_line);
            end = space == std::string_view::npos || space == 0 ? max_line : space;
        }
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
        while (!text.empty() && text.front() == ' ')
            text.remove_prefix(1);
    }
    return lines;
}

/// A code that is for good as one for now: 550 as 450, 5.1.1 as 4.1.1.
std::string softened(std::string_view code) {
    std::string out(code);
    if (!out.empty() && out.front() == '5') out.front() = '4';
    return out;
}

} // namespace

std::string SmtpReply::text() const {
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool last = i + 1 == lines.size();
        out += fmt::format(
            "{}{}{} {}{}", code, last ? ' ' : '-', enhanced, lines.at(i), last ? "" : "\n"
        );
    }
    return out;
}

SmtpReply reply_to(const Refusal& refusal, const Texts& texts) {
    const auto [code, enhanced] = reply_code_of(refusal.finding.reason);
    const std::string sentence = texts.sentence(refusal.locale, refusal.finding);
    return {
        .code = refusal.for_now ? softened(code) : std::string(code),
        .enhanced = refusal.for_now ? softened(enhanced) : std::string(enhanced),
        .lines = wrap(fmt::format("{}: {}", code_of(refusal.finding.reason), smtp_text(sentence)))};
}

} // namespace kwit
