#include "core/mime/encoded_word.hh"

#include "core/base/text.hh"
#include "core/mime/charset.hh"
#include "core/mime/decode.hh"

#include <algorithm>
#include <optional>

namespace kwit::mime {

namespace {

/// RFC 2047 §2 allows 75 characters; some libraries write whole subjects into one word.
constexpr std::size_t max_word = 8192;

struct Word {
    std::string_view charset;
    char encoding = 0; // 'b' or 'q'
    std::string_view text;
    std::size_t length = 0; // of all of it
};

/// The encoded word that begins with the text.
std::optional<Word> word_at(std::string_view text) {
    text = text.substr(0, max_word);
    if (text.substr(0, 2) != "=?") return std::nullopt;
    const std::size_t charset_end = text.find('?', 2);
    if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() ||
        text[charset_end + 2] != '?')
        return std::nullopt;
    const char encoding = to_lower(text[charset_end + 1]);
    const std::size_t begin = charset_end + 3;
    const std::size_t end = text.find("?=", begin);
    if ((encoding != 'b' && encoding != 'q') || end == std::string_view::npos) return std::nullopt;
    std::string_view charset = text.substr(2, charset_end - 2);
    charset = charset.substr(0, charset.find('*')); // a language, RFC 2231 §5
    if (charset.empty() || std::any_of(charset.begin(), charset.end(), is_space))
        return std::nullopt;
    return Word{charset, encoding, text.substr(begin, end - begin), end + 2};
}

/// Missing padding harms nobody; anything else that base64 does not have is damage.
std::string decode_b(std::string_view text, bool& damaged) {
    Decoder decoder(Encoding::base64);
    std::string out;
    decoder.feed(as_bytes(text), out);
    decoder.finish(out);
    for (const Damage damage : decoder.damage())
        damaged = damaged || damage != Damage::base64_incomplete;
    return out;
}

std::string decode_q(std::string_view text, bool& damaged) {
    Decoder decoder(Encoding::quoted_printable);
    std::string out;
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '_', ' ');
    // White space at the end means itself here: an escape behind it keeps it from being dropped.
    spaced += "=20";
    decoder.feed(as_bytes(spaced), out);
    decoder.finish(out);
    if (!out.empty()) out.pop_back();
    damaged = damaged || !decoder.damage().empty();
    return out;
}

/// Collects the bytes of neighbours of one charset, so that a character split over two is whole.
class Collector {
public:
    void raw(std::string_view text) {
        flush();
        out_.damaged = out_.damaged || !is_utf8(text);
        out_.text += utf8_or_latin1(text);
    }

    void word(const Word& word) {
        if (!same_word(charset_, word.charset)) flush();
        charset_ = word.charset;
        out_.had_words = true;
        bytes_ += word.encoding == 'b' ? decode_b(word.text, out_.damaged)
                                       : decode_q(word.text, out_.damaged);
    }

    DecodedText finish() && {
        flush();
        return std::move(out_);
    }

private:
    void flush() {
        if (!bytes_.empty()) {
            const Converted converted = to_utf8(bytes_, charset_);
            out_.text += converted.text;
            out_.unknown_charset = out_.unknown_charset || converted.unknown_charset;
            out_.damaged = out_.damaged || converted.damaged;
        }
        bytes_.clear();
        charset_.clear();
    }

    DecodedText out_{};
    std::string bytes_{};
    std::string charset_{};
};

} // namespace

DecodedText decode_words(std::string_view value) {
    Collector out;
    bool after_word = false;
    while (!value.empty()) {
        const std::size_t mark = value.find("=?");
        const auto word =
            mark == std::string_view::npos ? std::nullopt : word_at(value.substr(mark));
        const std::size_t begin = std::min(mark, value.size());
        const std::string_view before =
            value.substr(0, word ? begin : std::min(begin + 2, value.size()));
        // White space between two words is part of neither (RFC 2047 §6.2).
        if (!word || !after_word || !trim(before).empty()) {
            if (!before.empty()) out.raw(before);
        }
        value.remove_prefix(before.size());
        after_word = word.has_value();
        if (word) {
            out.word(*word);
            value.remove_prefix(word->length);
        }
    }
    return std::move(out).finish();
}

} // namespace kwit::mime
