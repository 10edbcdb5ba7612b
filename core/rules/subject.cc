#include "core/rules/subject.hh"

#include "core/base/text.hh"
#include "core/base/unicode.hh"

#include <algorithm>
#include <array>
#include <vector>

namespace kwit::rules {

namespace {

/// A character as the grammar sees it, and where it stands in the subject.
struct Glyph {
    char32_t c;
    std::size_t begin;
    std::size_t end;
};

using Glyphs = std::vector<Glyph>;

char32_t folded(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0; // full-width forms of ASCII
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212) return U'-';
    if (c == 0x2044 || c == 0x2215) return U'/';
    if (c < 0x20 || c == 0x7F || is_white_space(c)) return U' ';
    return c;
}

Glyphs glyphs_of(std::string_view text) {
    Glyphs glyphs;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char32_t c = next_code_point(text, at);
        if (!is_invisible(c)) glyphs.push_back({folded(c), begin, at});
    }
    return glyphs;
}

bool is_digit_at(const Glyphs& glyphs, std::size_t at) {
    return at < glyphs.size() && glyphs[at].c >= U'0' && glyphs[at].c <= U'9';
}

bool is_period_separator(char32_t c) {
    return c == U'/' || c == U'.' || c == U'-';
}

bool is_code_character(char32_t c) {
    return c < 0x80 &&
           (is_digit(static_cast<char>(c)) || is_alpha(static_cast<char>(c)) || c == U'-');
}

struct PeriodDigits {
    std::string month;
    std::string year;
};

/// Reads the pieces of the grammar one after the other; after a piece that is not there the place
/// is undefined.
class Cursor {
public:
    Cursor(const Glyphs& glyphs, std::size_t at) : glyphs_(glyphs), at_(at) {}

    [[nodiscard]] std::size_t at() const { return at_; }

    void skip_blanks() {
        while (at_ < glyphs_.size() && glyphs_[at_].c == U' ')
            ++at_;
    }

    /// The mark, with blanks before it.
    bool take(char32_t mark) {
        skip_blanks();
        if (at_ == glyphs_.size() || glyphs_[at_].c != mark) return false;
        ++at_;
        return true;
    }

    template <typename Fits>
    std::string run(Fits fits) {
        skip_blanks();
        std::string out;
        for (; at_ < glyphs_.size() && fits(glyphs_[at_].c); ++at_)
            append_utf8(out, glyphs_[at_].c);
        return out;
    }

    std::string digits() {
        return run([](char32_t c) { return c >= U'0' && c <= U'9'; });
    }

    /// "[ FZ ]" as "FZ"
    std::optional<std::string> category() {
        if (!take(U'[')) return std::nullopt;
        const std::string word = run(is_letter);
        if (word.empty() || !take(U']')) return std::nullopt;
        return upper_text(word);
    }

    std::optional<PeriodDigits> period() {
        std::string first = digits();
        skip_blanks();
        if (first.empty() || at_ == glyphs_.size() || !is_period_separator(glyphs_[at_].c))
            return std::nullopt;
        ++at_;
        std::string second = digits();
        if (second.empty()) return std::nullopt;
        const bool year_first = first.size() == 4 && second.size() <= 2;
        if (year_first) return PeriodDigits{std::move(second), std::move(first)};
        return PeriodDigits{std::move(first), std::move(second)};
    }

    /// "( 932498 )" as "932498"
    std::optional<std::string> code() {
        if (!take(U'(')) return std::nullopt;
        std::string code = run(is_code_character);
        if (code.empty() || !take(U')')) return std::nullopt;
        return code;
    }

private:
    const Glyphs& glyphs_;
    std::size_t at_;
};

struct Found {
    SubjectReading::Tag tag;
    std::size_t begin; // glyphs
    std::size_t end;
};

std::optional<Found> tag_at(const Glyphs& glyphs, std::size_t at) {
    Cursor cursor(glyphs, at);
    auto category = cursor.category();
    if (!category) return std::nullopt;
    auto period = cursor.period();
    if (!period) return std::nullopt;
    auto code = cursor.code();
    if (!code) return std::nullopt;
    return Found{
        {.category = std::move(*category),
         .month = std::move(period->month),
         .year = std::move(period->year),
         .code = std::move(*code)},
        at,
        cursor.at()};
}

std::vector<Found> tags_in(const Glyphs& glyphs) {
    std::vector<Found> found;
    for (std::size_t at = 0; at < glyphs.size();) {
        auto tag = glyphs[at].c == U'[' ? tag_at(glyphs, at) : std::nullopt;
        at = tag ? tag->end : at + 1;
        if (tag) found.push_back(std::move(*tag));
    }
    return found;
}

// ── what mail programs and gateways put in front ─────────────────────────────────────────────────

constexpr std::array<std::string_view, 19> prefixes = {
    "RE",
    "FWD",
    "FW",
    "WG",
    "AW",
    "PD",
    "ODP",
    "PODAJ DALEJ",
    "PRZEK",
    "ANTW",
    "ANTWORT",
    "SV",
    "VS",
    "TR",
    "RV",
    "RES",
    "ENC",
    "REF",
    "WEITERGELEITET"};
constexpr std::array<std::string_view, 11> gateway_marks = {
    "EXT",
    "EXTERN",
    "EXTERNAL",
    "EXTERNAL EMAIL",
    "EXTERNAL MAIL",
    "EXTERNAL SENDER",
    "EXTERNAL MESSAGE",
    "SPAM",
    "SPAM?",
    "SUSPECTED SPAM",
    "POSSIBLE SPAM"};
constexpr std::size_t longest_mark = 40; // between stars stands what the gateway likes: "SPAM 5.3"

/// Characters up to the next one of the stops, in capitals and without blanks around; nothing when
/// none of them comes soon.
std::optional<std::string>
text_until(const Glyphs& glyphs, std::size_t& at, std::u32string_view stops) {
    std::string out;
    for (; at < glyphs.size() && out.size() <= longest_mark; ++at) {
        if (stops.find(glyphs[at].c) != std::u32string_view::npos) return upper(trim(out));
        append_utf8(out, glyphs[at].c);
    }
    return std::nullopt;
}

template <typename List>
bool names(const List& list, const std::optional<std::string>& word) {
    return word && std::find(list.begin(), list.end(), *word) != list.end();
}

/// Behind "Re:" or "Re[2]:"; nothing when there is no such prefix.
std::optional<std::size_t> behind_prefix(const Glyphs& glyphs, std::size_t at) {
    if (!names(prefixes, text_until(glyphs, at, U":[("))) return std::nullopt;
    Cursor cursor(glyphs, at);
    if (cursor.take(U':')) return cursor.at();
    Cursor counted(glyphs, at + 1);
    if (counted.digits().empty() || !(counted.take(U']') || counted.take(U')')))
        return std::nullopt;
    if (!counted.take(U':')) return std::nullopt;
    return counted.at();
}

/// Behind "[EXT]", with a colon that may follow.
std::optional<std::size_t> behind_mark(const Glyphs& glyphs, std::size_t at) {
    if (glyphs[at].c != U'[' && glyphs[at].c != U'{') return std::nullopt;
    ++at;
    if (!names(gateway_marks, text_until(glyphs, at, U"]}"))) return std::nullopt;
    Cursor cursor(glyphs, at + 1);
    return cursor.take(U':') ? cursor.at() : at + 1;
}

/// Behind "***SPAM***": two stars or more on both sides.
std::optional<std::size_t> behind_stars(const Glyphs& glyphs, std::size_t at) {
    const auto stars = [&glyphs](std::size_t& place) {
        const std::size_t begin = place;
        while (place < glyphs.size() && glyphs[place].c == U'*')
            ++place;
        return place - begin;
    };
    if (stars(at) < 2 || !text_until(glyphs, at, U"*") || stars(at) < 2) return std::nullopt;
    return at;
}

/// Where the person's own text begins.
std::size_t behind_prefixes(const Glyphs& glyphs) {
    for (std::size_t at = 0;;) {
        Cursor cursor(glyphs, at);
        cursor.skip_blanks();
        at = cursor.at();
        if (at == glyphs.size()) return at;
        auto next = behind_prefix(glyphs, at);
        if (!next) next = behind_mark(glyphs, at);
        if (!next) next = behind_stars(glyphs, at);
        if (!next) return at;
        at = *next;
    }
}

// ── pieces of a tag that is not whole ────────────────────────────────────────────────────────────

struct PeriodPiece {
    PeriodDigits digits;
    std::size_t begin;
    std::size_t end;
};

/// A period stands alone: not inside "01.11.2024" or "12/345/2024".
bool stands_alone(const Glyphs& glyphs, std::size_t begin, std::size_t end) {
    const auto part_of_number = [&](std::size_t at, std::size_t beyond) {
        return is_digit_at(glyphs, at) ||
               (at < glyphs.size() && is_period_separator(glyphs[at].c) &&
                is_digit_at(glyphs, beyond));
    };
    const bool before = begin > 0 && part_of_number(begin - 1, begin - 2);
    return !before && !part_of_number(end, end + 1);
}

std::optional<PeriodPiece> period_piece(const Glyphs& glyphs, std::size_t from) {
    for (std::size_t at = from; at < glyphs.size(); ++at) {
        if (!is_digit_at(glyphs, at) || (at > from && is_digit_at(glyphs, at - 1))) continue;
        Cursor cursor(glyphs, at);
        auto digits = cursor.period();
        if (!digits || !stands_alone(glyphs, at, cursor.at())) continue;
        if (digits->month.size() > 2 || (digits->year.size() != 2 && digits->year.size() != 4))
            continue;
        return PeriodPiece{std::move(*digits), at, cursor.at()};
    }
    return std::nullopt;
}

/// The last category before the period, else the first one.
std::optional<std::string>
category_piece(const Glyphs& glyphs, std::size_t from, std::size_t period_at) {
    std::optional<std::string> found;
    for (std::size_t at = from; at < glyphs.size(); ++at) {
        if (glyphs[at].c != U'[' || (found && at > period_at)) continue;
        Cursor cursor(glyphs, at);
        if (auto category = cursor.category()) found = std::move(category);
    }
    return found;
}

/// The bare word before the period: of "FZ 11/2024", "(FZ) 11/2024".
std::optional<std::string>
word_piece(const Glyphs& glyphs, std::size_t from, std::size_t period_at) {
    std::size_t end = period_at;
    const auto drop = [&](std::u32string_view marks) {
        while (end > from && marks.find(glyphs[end - 1].c) != std::u32string_view::npos)
            --end;
    };
    drop(U" ])},:");
    std::size_t begin = end;
    while (begin > from && is_letter(glyphs[begin - 1].c))
        --begin;
    if (begin == end) return std::nullopt;
    return upper_text(Cursor(glyphs, begin).run(is_letter));
}

/// The code behind the period; elsewhere words in brackets are many, and a code has a digit.
std::optional<std::string>
code_piece(const Glyphs& glyphs, std::size_t from, const std::optional<PeriodPiece>& period) {
    if (period) {
        Cursor cursor(glyphs, period->end);
        if (auto code = cursor.code()) return code;
    }
    for (std::size_t at = from; at < glyphs.size(); ++at) {
        if (glyphs[at].c != U'(') continue;
        Cursor cursor(glyphs, at);
        auto code = cursor.code();
        if (code && std::any_of(code->begin(), code->end(), is_digit)) return code;
    }
    return std::nullopt;
}

void read_pieces(const Glyphs& glyphs, SubjectReading& reading) {
    const std::size_t from = behind_prefixes(glyphs);
    const auto period = period_piece(glyphs, from);
    const std::size_t period_at = period ? period->begin : glyphs.size();
    reading.category = category_piece(glyphs, from, period_at);
    if (period && !reading.category) reading.word = word_piece(glyphs, from, period_at);
    if (period) {
        reading.month = period->digits.month;
        reading.year = period->digits.year;
    }
    reading.code = code_piece(glyphs, from, period);
}

/// The subject as it was written but for the tag and what was put in front.
std::string note_beside(std::string_view text, const Glyphs& glyphs, const Found& tag) {
    const std::size_t from = std::min(behind_prefixes(glyphs), tag.begin);
    const auto piece = [&](std::size_t begin, std::size_t end) {
        if (begin == end) return std::string_view{};
        const std::size_t start = glyphs[begin].begin;
        return trim(text.substr(start, glyphs[end - 1].end - start));
    };
    std::vector<std::string> sides;
    for (const std::string_view side : {piece(from, tag.begin), piece(tag.end, glyphs.size())})
        if (!side.empty()) sides.emplace_back(side);
    return join(sides, " ");
}

} // namespace

SubjectReading read_subject(std::string_view decoded_subject) {
    const std::string_view text = cut_utf8(decoded_subject, max_subject);
    const Glyphs glyphs = glyphs_of(text);
    const std::vector<Found> found = tags_in(glyphs);
    SubjectReading reading;
    for (const Found& one : found)
        reading.tags.push_back(one.tag);
    if (found.empty()) read_pieces(glyphs, reading);
    if (found.size() == 1) reading.note = note_beside(text, glyphs, found.front());
    return reading;
}

} // namespace kwit::rules
