// The lexical tokens that structured header values are made of (RFC 5322 §3.2, RFC 2045 §5.1), read
// from left to right. Comments nest to any depth without recursion.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace kwit::mime {

class Lexer {
public:
    /// The text must outlive the lexer; unfold() it first.
    explicit Lexer(std::string_view text) : text_(text) {}

    [[nodiscard]] bool done() const { return at_ >= text_.size(); }

    /// The next character; NUL at the end (check done() where that matters).
    [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }

    [[nodiscard]] std::size_t position() const { return at_; }

    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

    void skip(std::size_t count) { at_ = std::min(text_.size(), at_ + count); }

    /// Takes the character when it is next.
    bool take(char c);

    /// White space and comments (CFWS); false for a comment without end.
    bool skip_cfws();

    /// Takes characters while they fit.
    template <typename Fits>
    std::string_view take_while(Fits fits);

    /// The content of a quoted-string that begins here, escapes undone; nothing, and nothing taken,
    /// when none begins here or it has no end.
    std::optional<std::string> take_quoted();

    /// Comments that skip_cfws() passed so far.
    [[nodiscard]] unsigned comments() const { return comments_; }

private:
    bool skip_comment();

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned comments_ = 0;
};

template <typename Fits>
std::string_view Lexer::take_while(Fits fits) {
    const std::size_t begin = at_;
    while (!done() && fits(text_[at_]))
        ++at_;
    return text_.substr(begin, at_ - begin);
}

/// A character of a token (RFC 2045 §5.1).
bool is_token(char c);

/// A character of an atom (RFC 5322 §3.2.3), or of UTF-8 (RFC 6532).
bool is_atext(char c);

/// A control character other than tab.
bool is_control(char c);

bool has_control(std::string_view text);

} // namespace kwit::mime
