#include "core/mime/auth_results.hh"

#include "core/base/text.hh"
#include "core/mime/header.hh"
#include "core/mime/lexer.hh"

namespace kwit::mime {

namespace {

/// More results than this are nobody's mail.
constexpr std::size_t max_methods = 100;

bool is_keyword(char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '_';
}

/// Verifiers write addresses and base64 without quotes into property values.
bool is_property_value(char c) {
    constexpr std::string_view more = "/=@:?[]";
    return is_token(c) || more.find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Reads one header; every step says whether the grammar still holds.
class Reader {
public:
    explicit Reader(std::string_view text) : in_(text) {}

    std::optional<AuthenticationResults> read() {
        if (!id() || !version()) return std::nullopt;
        if (none()) return std::move(out_);
        while (!in_.done())
            if (!result() || out_.methods.size() > max_methods) return std::nullopt;
        if (out_.methods.empty()) return std::nullopt;
        return std::move(out_);
    }

    /// What stands before the first ";", when that is an id and nothing else.
    std::string read_id() {
        if (!id()) return {};
        in_.take_while(is_digit); // the version
        if (!in_.skip_cfws() || (!in_.done() && in_.peek() != ';')) return {};
        return std::move(out_.authserv_id);
    }

private:
    /// value = token / quoted-string (RFC 2045 §5.1)
    std::optional<std::string> value() {
        if (in_.peek() == '"') return in_.take_quoted();
        std::string token(in_.take_while(is_token));
        if (token.empty()) return std::nullopt;
        return token;
    }

    std::optional<std::string> keyword() {
        std::string word = lower(in_.take_while(is_keyword));
        if (word.empty()) return std::nullopt;
        return word;
    }

    bool id() {
        if (!in_.skip_cfws()) return false;
        auto text = value();
        if (!text || text->empty()) return false;
        out_.authserv_id = lower(*text);
        return in_.skip_cfws();
    }

    /// Only version 1 is known; a header of another one is not for us (RFC 8601 §2.2).
    bool version() {
        const std::string_view digits = in_.take_while(is_digit);
        return (digits.empty() || digits == "1") && in_.skip_cfws();
    }

    /// ";" "none" and nothing more; takes nothing when it is not that.
    bool none() {
        Lexer ahead = in_;
        if (!ahead.take(';') || !ahead.skip_cfws()) return false;
        if (!same_word(ahead.take_while(is_keyword), "none")) return false;
        return ahead.skip_cfws() && ahead.done();
    }

    /// ";" method [ "/" version ] "=" result [ reason ] *property
    bool result() {
        if (!in_.take(';') || !in_.skip_cfws()) return false;
        MethodResult found;
        auto method = keyword();
        if (!method || !in_.skip_cfws()) return false;
        if (in_.take('/')) {
            if (!in_.skip_cfws() || in_.take_while(is_digit).empty() || !in_.skip_cfws())
                return false;
        }
        if (!equals()) return false;
        auto word = keyword();
        if (!word || !in_.skip_cfws()) return false;
        found.method = std::move(*method);
        found.result = std::move(*word);
        while (!in_.done() && in_.peek() != ';')
            if (!reason_or_property(found)) return false;
        out_.methods.push_back(std::move(found));
        return true;
    }

    bool equals() { return in_.skip_cfws() && in_.take('=') && in_.skip_cfws(); }

    /// "reason" "=" value stands only before the properties; ptype "." property "=" pvalue
    bool reason_or_property(MethodResult& found) {
        auto type = keyword();
        if (!type || !in_.skip_cfws()) return false;
        if (*type == "reason" && in_.peek() == '=' && found.properties.empty())
            return equals() && value() && in_.skip_cfws();
        if (!in_.take('.') || !in_.skip_cfws()) return false;
        auto property = keyword();
        if (!property || !equals()) return false;
        auto text = property_value();
        if (!text) return false;
        found.properties.push_back({*type + "." + *property, std::move(*text)});
        return in_.skip_cfws();
    }

    /// A value may be followed by white space or the end, not by a comment that touches it: bytes
    /// of a stranger's DNS name could have opened it.
    std::optional<std::string> property_value() {
        std::string text;
        if (in_.peek() == '"') {
            auto quoted = in_.take_quoted();
            if (!quoted) return std::nullopt;
            text = std::move(*quoted);
            if (in_.peek() == '@') text += in_.take_while(is_property_value);
        } else {
            text = in_.take_while(is_property_value);
            if (text.empty()) return std::nullopt;
        }
        if (!in_.done() && in_.peek() != ';' && !is_space(in_.peek())) return std::nullopt;
        return text;
    }

    Lexer in_;
    AuthenticationResults out_{};
};

} // namespace

std::optional<AuthenticationResults> parse_authentication_results(std::string_view value) {
    const std::string text = unfold(value);
    if (has_control(text)) return std::nullopt;
    return Reader(text).read();
}

std::string authserv_id_in(std::string_view value) {
    const std::string text = unfold(value);
    return has_control(text) ? std::string() : Reader(text).read_id();
}

} // namespace kwit::mime
