#include "core/mime/uuencode.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <span>
#include <vector>

namespace kwit::mime {

namespace {

constexpr std::size_t buffer_size = 65536;
constexpr std::size_t max_line = 1024; ///< more of a line is not looked at: no line of a file is

bool is_sextet(char c) {
    return c >= ' ' && c <= '`';
}

unsigned sextet(char c) {
    return (static_cast<unsigned char>(c) - 32U) & 0x3FU;
}

/// The name in "begin 644 rechnung.pdf"; empty: it is no such line.
std::string_view name_in(std::string_view line) {
    constexpr std::string_view word = "begin ";
    if (!line.starts_with(word)) return {};
    line.remove_prefix(word.size());
    const std::size_t end = line.find_first_not_of("01234567");
    if (end == std::string_view::npos || end < 3 || end > 4 || line[end] != ' ') return {};
    return trim(line.substr(end));
}

std::string_view without_cr(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

} // namespace

/// Blanks at the end of a line get lost on the way; then they are zeros. Backticks do not, and what
/// is missing of the first line was never there: people write "begin 100 words", too.
bool UuLines::may_be_short(std::string_view line, std::size_t missing) const {
    constexpr std::size_t group = 4;
    const bool blanks = blanks_ || line.find(' ') != std::string_view::npos;
    return state_ == State::promised ? missing < group : blanks && !backticks_;
}

/// A line of a file into bytes_; false when it is none.
bool UuLines::decode(std::string_view line) {
    bytes_.clear();
    if (line.empty() || !std::all_of(line.begin(), line.end(), is_sextet)) return false;
    const std::size_t count = sextet(line.front());
    const std::size_t wanted = (count + 2) / 3 * 4;
    std::string text(line.substr(1));
    // Behind the data some programs write a sum.
    if (text.size() > wanted + 1) return false;
    if (text.size() < wanted && !may_be_short(text, wanted - text.size())) return false;
    blanks_ = blanks_ || text.find(' ') != std::string::npos;
    backticks_ = backticks_ || text.find('`') != std::string::npos;
    text.resize(wanted, ' ');
    for (std::size_t at = 0; at < wanted; at += 4) {
        const unsigned group = sextet(text[at]) << 18U | sextet(text[at + 1]) << 12U |
                               sextet(text[at + 2]) << 6U | sextet(text[at + 3]);
        for (const unsigned shift : {16U, 8U, 0U})
            bytes_ += static_cast<char>(group >> shift & 0xFFU);
    }
    bytes_.resize(count);
    return true;
}

UuLines::Event UuLines::text_line(std::string_view line) {
    const std::string_view name = name_in(line);
    state_ = name.empty() ? State::text : State::promised;
    name_ = name;
    blanks_ = backticks_ = false;
    return Event::none;
}

/// The line that a file breaks off at may be the first one of the next.
UuLines::Event UuLines::broken_by(std::string_view line) {
    text_line(line);
    return Event::broken;
}

UuLines::Event UuLines::line(std::string_view line) {
    line = without_cr(line);
    if (state_ == State::text) return text_line(line);
    const bool began = state_ == State::promised;
    if (state_ == State::closing) {
        state_ = State::text;
        return trim(line) == "end" ? Event::ended : broken_by(line);
    }
    if (line.empty() && !began) line = "`"; // a blank that got lost
    if (!decode(line)) {
        if (began) return text_line(line); // people write "begin 100 words"
        return broken_by(line);
    }
    state_ = bytes_.empty() ? State::closing : State::inside;
    return began ? Event::began : Event::data;
}

UuLines::Event UuLines::finish() {
    const bool inside = state_ == State::inside || state_ == State::closing;
    state_ = State::text;
    return inside ? Event::broken : Event::none;
}

void UuScanner::end_line() {
    found_ = lines_.line(held_) == UuLines::Event::began;
    held_.clear();
}

void UuScanner::feed(std::string_view text) {
    while (!text.empty() && !found_) {
        const std::size_t end = text.find('\n');
        const std::string_view piece = text.substr(0, end);
        held_ += piece.substr(0, max_line - std::min(max_line, held_.size()));
        if (end == std::string_view::npos) return;
        end_line();
        text.remove_prefix(end + 1);
    }
}

void UuScanner::finish() {
    if (!found_ && !held_.empty()) end_line();
}

namespace {

Result<bool> hand_on(const UuLines& lines, UuLines::Event event, const UuSink& sink) {
    switch (event) {
    case UuLines::Event::none:
        return true;
    case UuLines::Event::began:
        if (!TRY(sink.begin(lines.name()))) return false;
        return sink.take(lines.bytes());
    case UuLines::Event::data:
        return sink.take(lines.bytes());
    case UuLines::Event::ended:
        return sink.end(true);
    case UuLines::Event::broken:
        return sink.end(false);
    }
    return true;
}

/// Follows a text that comes in pieces; false: no more is wanted.
class Reading {
public:
    explicit Reading(const UuSink& sink) : sink_(sink) {}

    Result<bool> feed(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            held_ += text.substr(0, end).substr(0, max_line - std::min(max_line, held_.size()));
            if (end == std::string_view::npos) return true;
            text.remove_prefix(end + 1);
            if (!TRY(end_line())) return false;
        }
        return true;
    }

    Result<void> finish() {
        if (!held_.empty() && !TRY(end_line())) return {};
        TRY(hand_on(lines_, lines_.finish(), sink_));
        return {};
    }

private:
    Result<bool> end_line() {
        const UuLines::Event event = lines_.line(held_);
        held_.clear();
        return hand_on(lines_, event, sink_);
    }

    const UuSink& sink_;
    UuLines lines_{};
    std::string held_{}; // the beginning of the line at hand
};

} // namespace

Result<void> read_uuencoded(const File& text, const UuSink& sink) {
    Reading reading(sink);
    std::vector<std::byte> buffer(buffer_size);
    for (std::uint64_t at = 0;;) {
        const std::size_t count = TRY(text.read_at(at, buffer));
        if (count == 0) return reading.finish();
        at += count;
        if (!TRY(reading.feed(as_text(Bytes(buffer).first(count))))) return {};
    }
}

} // namespace kwit::mime
