#include "core/mime/lexer.hh"

#include "core/base/text.hh"

namespace kwit::mime {

bool Lexer::take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
}

bool Lexer::skip_comment() {
    unsigned depth = 0;
    while (!done()) {
        const char c = text_[at_++];
        if (c == '\\') {
            skip(1);
        } else if (c == '(') {
            ++depth;
        } else if (c == ')' && --depth == 0) {
            ++comments_;
            return true;
        }
    }
    return false;
}

bool Lexer::skip_cfws() {
    for (;;) {
        take_while(is_space);
        if (peek() != '(') return true;
        if (!skip_comment()) return false;
    }
}

std::optional<std::string> Lexer::take_quoted() {
    if (peek() != '"') return std::nullopt;
    std::string out;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
        if (text_[i] == '"') {
            at_ = i + 1;
            return out;
        }
        if (text_[i] == '\\' && ++i >= text_.size()) return std::nullopt;
        out += text_[i];
    }
    return std::nullopt;
}

bool is_token(char c) {
    constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
    return c > 0x20 && c < 0x7F && specials.find(c) == std::string_view::npos;
}

bool is_atext(char c) {
    constexpr std::string_view signs = "!#$%&'*+-/=?^_`{|}~";
    return is_alpha(c) || is_digit(c) || signs.find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_control);
}

} // namespace kwit::mime
