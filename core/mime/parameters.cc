#include "core/mime/parameters.hh"

#include "core/base/text.hh"
#include "core/mime/charset.hh"
#include "core/mime/encoded_word.hh"
#include "core/mime/lexer.hh"
#include "core/mime/percent.hh"

#include <algorithm>
#include <map>

namespace kwit::mime {

namespace {

/// More parameters than this are nobody's mail; the rest is passed over as malformed.
constexpr std::size_t max_parameters = 100;

/// One name=value as it stands: name*2* is {name, section 2, percent-encoded}.
struct Segment {
    std::string name;
    std::optional<unsigned> section{};
    bool encoded = false;
    std::string bytes{};
};

/// Reads the marks of RFC 2231 off a parameter's name.
std::optional<Segment> named_segment(std::string_view written) {
    Segment out;
    if (!written.empty() && written.back() == '*') {
        out.encoded = true;
        written.remove_suffix(1);
    }
    const std::size_t star = written.find('*');
    if (star != std::string_view::npos) {
        const std::string_view digits = written.substr(star + 1);
        const auto section = parse_number(digits);
        if (!section || *section >= max_parameters || (digits.size() > 1 && digits.front() == '0'))
            return std::nullopt;
        out.section = static_cast<unsigned>(*section);
    }
    out.name = lower(written.substr(0, star));
    if (out.name.empty()) return std::nullopt;
    return out;
}

/// Quoted as people mean it: "C:\x" keeps its backslash, which RFC 2045 would eat.
std::optional<std::string> take_quoted_name(Lexer& in) {
    if (in.peek() != '"') return std::nullopt;
    const std::string_view rest = in.rest();
    std::string out;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            in.skip(i + 1);
            return out;
        }
        const bool escape =
            rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\');
        if (escape) ++i;
        out += rest[i];
    }
    return std::nullopt;
}

/// A value without quotes goes on to the next semicolon; white space inside is malformed but meant.
std::string take_bare(Lexer& in, bool& malformed) {
    const auto fits = [](char c) { return c != ';' && c != '"' && c != '(' && !is_space(c); };
    std::string out(in.take_while(fits));
    const bool whole = in.skip_cfws() && (in.done() || in.peek() == ';');
    if (whole) return out;
    malformed = true;
    const std::string_view rest = in.take_while([](char c) { return c != ';'; });
    if (!out.empty() && !rest.empty()) out += ' ';
    return out.append(trim(rest));
}

class Reader {
public:
    explicit Reader(std::string_view text) : in_(text) {}

    ParametrizedValue read() {
        read_value();
        while (!in_.done() && segments_.size() < max_parameters)
            read_segment();
        out_.malformed = out_.malformed || !in_.done();
        out_.loose = out_.loose || in_.comments() > 0;
        combine();
        return std::move(out_);
    }

private:
    void skip_cfws() { out_.malformed = !in_.skip_cfws() || out_.malformed; }

    void read_value() {
        skip_cfws();
        out_.value = lower(in_.take_while(is_token));
        skip_cfws();
        if (in_.take('/')) {
            skip_cfws();
            out_.value += '/' + lower(in_.take_while(is_token));
            skip_cfws();
        }
        if (!in_.done() && in_.peek() != ';') pass_over();
    }

    void pass_over() {
        out_.malformed = true;
        in_.take_while([](char c) { return c != ';'; });
    }

    void read_segment() {
        in_.take(';');
        skip_cfws();
        if (in_.done() || in_.peek() == ';') return; // "; ;" and a semicolon at the end harm nobody
        const std::string_view written =
            in_.take_while([](char c) { return c != '=' && c != ';' && c != '(' && !is_space(c); });
        auto segment = named_segment(written);
        const std::size_t end = in_.position();
        skip_cfws();
        if (!segment || !in_.take('=')) return pass_over();
        skip_cfws();
        out_.loose = out_.loose || in_.position() != end + 1;
        if (auto quoted = take_quoted_name(in_)) {
            segment->bytes = std::move(*quoted);
            skip_cfws();
            if (!in_.done() && in_.peek() != ';') pass_over();
        } else {
            if (in_.take('"')) out_.malformed = true; // it has no end
            segment->bytes = take_bare(in_, out_.malformed);
        }
        segments_.push_back(std::move(*segment));
    }

    /// One parameter of each name and form, in order of appearance.
    void combine() {
        std::map<std::string, std::map<unsigned, const Segment*>> sections;
        for (const Segment& segment : segments_) {
            if (!segment.section) {
                add_single(segment);
                continue;
            }
            out_.duplicate = !sections[segment.name].emplace(*segment.section, &segment).second ||
                             out_.duplicate;
        }
        for (const auto& [name, numbered] : sections)
            add_continued(name, numbered);
    }

    void add(Parameter parameter) {
        const bool there = std::any_of(
            out_.parameters.begin(),
            out_.parameters.end(),
            [&](const Parameter& other) {
                return other.name == parameter.name && other.extended == parameter.extended;
            }
        );
        if (there)
            out_.duplicate = true;
        else
            out_.parameters.push_back(std::move(parameter));
    }

    void add_single(const Segment& segment) {
        if (segment.encoded) {
            add_extended(segment.name, segment.bytes, segment.bytes);
            return;
        }
        const DecodedText decoded = decode_words(segment.bytes);
        out_.damaged = out_.damaged || decoded.damaged || decoded.unknown_charset;
        add({.name = segment.name, .value = decoded.text, .raw = segment.bytes});
    }

    /// charset'language'text, percent-encoded (RFC 2231 §4).
    void add_extended(const std::string& name, std::string_view text, const std::string& raw) {
        const std::string charset = take_charset(text);
        add_bytes(name, percent_decoded(text, out_.damaged), charset, raw);
    }

    void add_bytes(
        const std::string& name,
        std::string_view bytes,
        const std::string& charset,
        const std::string& raw
    ) {
        Parameter parameter{.name = name, .value = {}, .raw = raw, .extended = true};
        if (charset.empty()) {
            parameter.value = utf8_or_latin1(bytes);
        } else {
            const Converted converted = to_utf8(bytes, charset);
            out_.damaged = out_.damaged || converted.damaged || converted.unknown_charset;
            parameter.value = converted.text;
        }
        add(std::move(parameter));
    }

    /// Sections from 0 on as far as they go; a gap is damage.
    void
    add_continued(const std::string& name, const std::map<unsigned, const Segment*>& numbered) {
        std::string bytes;
        std::string raw;
        std::string charset;
        unsigned expected = 0;
        bool encoded = false;
        for (const auto& [section, segment] : numbered) {
            if (section != expected++) {
                out_.damaged = true;
                break;
            }
            raw += segment->bytes;
            std::string_view text = segment->bytes;
            if (section == 0 && segment->encoded) charset = take_charset(text);
            encoded = encoded || segment->encoded;
            bytes += segment->encoded ? percent_decoded(text, out_.damaged) : std::string(text);
        }
        if (raw.empty() && expected == 1 && numbered.begin()->first != 0) return;
        if (encoded) return add_bytes(name, bytes, charset, raw);
        const DecodedText decoded = decode_words(bytes);
        add({.name = name, .value = decoded.text, .raw = raw, .extended = true});
    }

    std::string take_charset(std::string_view& text) {
        const std::size_t first = text.find('\'');
        const std::size_t second =
            first == std::string_view::npos ? first : text.find('\'', first + 1);
        if (second == std::string_view::npos) {
            out_.damaged = true;
            return {};
        }
        std::string charset(text.substr(0, first));
        text.remove_prefix(second + 1);
        return charset;
    }

    Lexer in_;
    ParametrizedValue out_{};
    std::vector<Segment> segments_{};
};

} // namespace

const Parameter* ParametrizedValue::find(std::string_view name) const {
    const Parameter* found = nullptr;
    for (const Parameter& parameter : parameters)
        if (parameter.name == name && (found == nullptr || parameter.extended)) found = &parameter;
    return found;
}

ParametrizedValue parse_parametrized(std::string_view value) {
    return Reader(value).read();
}

std::optional<std::string> parse_single_token(std::string_view value) {
    Lexer in(value);
    if (!in.skip_cfws()) return std::nullopt;
    std::string token = lower(in.take_while(is_token));
    if (token.empty() || !in.skip_cfws() || !in.done()) return std::nullopt;
    return token;
}

} // namespace kwit::mime
