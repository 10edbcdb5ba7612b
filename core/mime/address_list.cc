#include "core/mime/address_list.hh"

#include "core/base/text.hh"
#include "core/mime/encoded_word.hh"
#include "core/mime/header.hh"
#include "core/mime/lexer.hh"

#include <optional>

namespace kwit::mime {

namespace {

/// More mailboxes than one From header has; the rest would only cost time.
constexpr std::size_t max_mailboxes = 100;

struct Token {
    enum class Type { word, quoted, special, end };

    Type type = Type::end;
    std::string text{};     ///< of a quoted-string: its content
    bool spaced = false;    ///< white space or a comment stands before it
    bool commented = false; ///< a comment stands before it

    [[nodiscard]] bool is(char c) const { return type == Type::special && text.front() == c; }

    [[nodiscard]] bool is_word() const { return type == Type::word || type == Type::quoted; }
};

/// A word or a special character; nothing for a quoted string without end.
std::optional<Token> next_token(Lexer& in) {
    Token token;
    if (auto quoted = in.take_quoted()) {
        token.type = Token::Type::quoted;
        token.text = std::move(*quoted);
        return token;
    }
    if (in.peek() == '"') return std::nullopt;
    token.text = in.take_while([](char c) { return is_atext(c) || c == '.'; });
    token.type = Token::Type::word;
    if (token.text.empty()) {
        token.type = Token::Type::special;
        token.text = in.peek();
        in.skip(1);
    }
    return token;
}

/// With an end behind the last one; nothing when a comment or a quoted string has no end.
std::optional<std::vector<Token>> tokens_of(std::string_view text) {
    std::vector<Token> out;
    Lexer in(text);
    for (;;) {
        const std::size_t begin = in.position();
        const unsigned comments = in.comments();
        if (!in.skip_cfws()) return std::nullopt;
        const bool spaced = in.position() != begin;
        auto token = in.done() ? Token{} : next_token(in);
        if (!token) return std::nullopt;
        token->spaced = spaced;
        token->commented = in.comments() != comments;
        out.push_back(std::move(*token));
        if (out.back().type == Token::Type::end) return out;
    }
}

std::string quoted_string(std::string_view content) {
    std::string out = "\"";
    for (const char c : content) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

class Reader {
public:
    explicit Reader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    AddressList read() {
        for (;;) {
            if (!mailbox()) return std::move(out_);
            if (now().type == Token::Type::end) return std::move(out_);
            if (!now().is(',') || out_.mailboxes.size() >= max_mailboxes) {
                refuse("syntax");
                return std::move(out_);
            }
            ++at_;
        }
    }

private:
    [[nodiscard]] const Token& now() const { return tokens_[at_]; }

    bool refuse(std::string_view problem) {
        out_.mailboxes.clear();
        out_.problem = problem;
        return false;
    }

    /// [name] <address>, or a bare address; stops behind it.
    bool mailbox() {
        const std::size_t begin = at_;
        std::string phrase;
        for (; now().is_word(); ++at_)
            phrase += (phrase.empty() ? "" : " ") + now().text;
        if (now().is(':')) return refuse("group");
        if (now().is('@')) {
            if (at_ == begin) return refuse("source-route");
            if (at_ != begin + 1) return refuse("syntax");
            at_ = begin;
            return address({});
        }
        if (!now().is('<')) return refuse("syntax");
        ++at_;
        if (now().is('@')) return refuse("source-route");
        if (!address(decode_words(phrase).text)) return false;
        if (!now().is('>')) return refuse("syntax");
        if (now().commented) return refuse("comment-in-address");
        ++at_;
        return true;
    }

    /// local "@" domain with nothing in between.
    bool address(std::string name) {
        std::string text;
        for (int place = 0; place < 3; ++place, ++at_) {
            if (!fits(place)) return refuse("syntax");
            if (place > 0 && now().commented) return refuse("comment-in-address");
            if (place > 0 && now().spaced) return refuse("syntax");
            if (now().text.find("=?") != std::string::npos) return refuse("encoded-address");
            text += now().type == Token::Type::quoted ? quoted_string(now().text) : now().text;
        }
        auto parsed = EmailAddress::parse(text);
        if (!parsed) return refuse("address");
        out_.mailboxes.push_back({std::move(name), std::move(*parsed)});
        return true;
    }

    /// Whether the token may stand there: a word, "@", a word without quotes.
    [[nodiscard]] bool fits(int place) const {
        if (place == 0) return now().is_word();
        return place == 1 ? now().is('@') : now().type == Token::Type::word;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    AddressList out_{};
};

} // namespace

AddressList parse_address_list(std::string_view value) {
    const std::string text = unfold(value);
    if (text.empty()) return {.mailboxes = {}, .problem = "empty"};
    if (has_control(text)) return {.mailboxes = {}, .problem = "control"};
    auto tokens = tokens_of(text);
    if (!tokens) return {.mailboxes = {}, .problem = "syntax"};
    return Reader(std::move(*tokens)).read();
}

} // namespace kwit::mime
