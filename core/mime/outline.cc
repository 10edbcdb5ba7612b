#include "core/mime/outline.hh"

#include "core/base/text.hh"
#include "core/mime/bare_delimiters.hh"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace kwit::mime {

namespace {

constexpr std::size_t buffer_size = 65536;

/// A line of content longer than this is no delimiter; only its beginning is kept.
constexpr std::size_t max_content_line = 1024;

struct Line {
    std::string_view text; ///< without its line end; perhaps cut to max_content_line
    std::uint64_t begin = 0;
    std::uint64_t next = 0; ///< where the next line begins
    std::uint64_t end_size =
        0; ///< of the line end before it: where content ends if this is a delimiter
};

/// A multipart whose parts are being read.
struct Open {
    std::string boundary;
    std::string subtype;
    unsigned children = 0;
    std::size_t first_leaf = 0; ///< index of the first leaf that may be inside
};

std::string_view without_end_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

bool is_signature_type(const std::string& type) {
    constexpr std::array<std::string_view, 3> types = {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature"};
    return std::find(types.begin(), types.end(), type) != types.end();
}

bool is_text_type(const std::string& type) {
    return type == "text/plain" || type == "text/html";
}

/// A line that says how a part is to be read, where none begins.
bool is_content_header(std::string_view line) {
    return starts_with_word(line, "content-type:") ||
           starts_with_word(line, "content-transfer-encoding:") ||
           starts_with_word(line, "content-disposition:");
}

class Scanner {
public:
    explicit Scanner(const LimitSettings& limits) : limits_(limits) {}

    /// False when there is nothing more to learn: a limit is broken.
    bool line(const Line& line);
    void finish(std::uint64_t size, const BareDelimiters& bare);

    Outline take() && { return std::move(out_); }

    /// Whether the whole of a line matters.
    [[nodiscard]] bool in_headers() const { return state_ == State::headers; }

private:
    enum class State { headers, content, outside };

    struct Delimiter {
        std::size_t level = 0; ///< index into open_
        bool closes = false;
    };

    [[nodiscard]] std::optional<Delimiter> delimiter(std::string_view text);
    void pass_delimiter(const Delimiter& found, const Line& line);
    void close_above(std::size_t count);
    void close_top();
    void header_line(std::string_view text);
    void begin_content(std::uint64_t begin);
    void open_multipart(const ContentFacts& content);
    void add_leaf(ContentFacts content, std::uint64_t begin);
    [[nodiscard]] Place place_of(const ContentFacts& content) const;
    void end_leaf(std::uint64_t end);
    void outside_line(const Line& line);
    void first_line(std::string_view text);
    void begin_entity();

    void ambiguous(std::string_view word) { add_once(out_.ambiguities, word); }

    LimitSettings limits_;
    Outline out_{};
    State state_ = State::headers;
    std::vector<HeaderField> fields_{};
    std::vector<Open> open_{};
    std::vector<std::string> closed_{}; ///< boundaries that had their close delimiter
    std::set<std::string> declared_{};  ///< all of them
    std::uint32_t entities_ = 0;
    std::uint64_t outside_ = 0;
    bool in_leaf_ = false;
    bool first_lines_ = false; ///< of a mail that is no multipart, up to the first empty one
};

std::optional<Scanner::Delimiter> Scanner::delimiter(std::string_view text) {
    if (text.substr(0, 2) != "--") return std::nullopt;
    const std::string_view body = without_end_blanks(text.substr(2));
    const bool close_mark = body.size() >= 2 && body.substr(body.size() - 2) == "--";
    const std::string_view stem = close_mark ? body.substr(0, body.size() - 2) : body;
    for (std::size_t level = open_.size(); level > 0; --level) {
        if (open_[level - 1].boundary == body) return Delimiter{level - 1, false};
        if (close_mark && open_[level - 1].boundary == stem) return Delimiter{level - 1, true};
    }
    const auto begins = [body](const Open& open) { return body.starts_with(open.boundary); };
    if (std::any_of(open_.begin(), open_.end(), begins)) ambiguous("delimiter-with-more");
    const auto is_old = [&](const std::string& old) {
        return old == body || (close_mark && old == stem);
    };
    if (std::any_of(closed_.begin(), closed_.end(), is_old)) ambiguous("part-after-close");
    return std::nullopt;
}

bool Scanner::line(const Line& line) {
    if (const auto found = delimiter(line.text)) {
        pass_delimiter(*found, line);
    } else if (state_ == State::headers) {
        if (line.text.empty())
            begin_content(line.next);
        else
            header_line(line.text);
    } else if (state_ == State::outside) {
        outside_line(line);
    } else if (first_lines_) {
        first_line(line.text);
    }
    return out_.over.empty();
}

void Scanner::pass_delimiter(const Delimiter& found, const Line& line) {
    if (state_ == State::headers) {
        ambiguous("part-without-content");
        begin_content(line.begin);
    }
    end_leaf(line.begin - line.end_size);
    close_above(found.level + 1);
    if (found.closes) {
        close_top();
        state_ = State::outside;
    } else {
        begin_entity();
    }
}

/// Multiparts that the delimiter of an outer one ended before their own did.
void Scanner::close_above(std::size_t count) {
    while (open_.size() > count) {
        if (out_.leaves.size() > open_.back().first_leaf) out_.leaves.back().truncated = true;
        if (open_.back().children == 0) ambiguous("multipart-without-parts");
        open_.pop_back();
    }
}

void Scanner::close_top() {
    if (open_.back().children == 0) ambiguous("multipart-without-parts");
    closed_.push_back(std::move(open_.back().boundary));
    open_.pop_back();
}

void Scanner::begin_entity() {
    ++open_.back().children;
    fields_.clear();
    state_ = State::headers;
    if (++entities_ > limits_.parts) out_.over.push_back(Limit::parts);
}

void Scanner::header_line(std::string_view text) {
    if (is_blank(text.front()) && !fields_.empty()) {
        fields_.back().value.append("\n").append(text);
        return;
    }
    const std::size_t colon = text.find(':');
    std::string_view name = text.substr(0, colon);
    while (!name.empty() && is_blank(name.back()))
        name.remove_suffix(1);
    // The header block of the mail itself comes from the MTA, which ends it at such a line.
    if (colon == std::string_view::npos || !is_field_name(name))
        return ambiguous("malformed-header");
    if (name.size() != colon) ambiguous("malformed-header-name");
    fields_.push_back({std::string(name), std::string(text.substr(colon + 1))});
}

void Scanner::begin_content(std::uint64_t begin) {
    ContentFacts content = read_content(fields_);
    const bool digest = !open_.empty() && open_.back().subtype == "digest";
    if (digest && !content.typed) content.media_type = "message/rfc822";
    for (const std::string& word : content.ambiguities)
        ambiguous(word);
    if (content.is_multipart() && !content.boundary.empty())
        open_multipart(content);
    else
        add_leaf(std::move(content), begin);
}

void Scanner::open_multipart(const ContentFacts& content) {
    for (const Open& open : open_)
        if (open.boundary == content.boundary || open.boundary + "--" == content.boundary ||
            content.boundary + "--" == open.boundary)
            ambiguous("boundary-used-twice");
    closed_.erase(std::remove(closed_.begin(), closed_.end(), content.boundary), closed_.end());
    declared_.insert(content.boundary);
    const std::size_t slash = content.media_type.find('/');
    open_.push_back({content.boundary, content.media_type.substr(slash + 1), 0, out_.leaves.size()}
    );
    state_ = State::outside;
    if (open_.size() > limits_.depth) out_.over.push_back(Limit::depth);
}

Place Scanner::place_of(const ContentFacts& content) const {
    if (is_signature_type(content.media_type)) return Place::signature;
    for (const Open& open : open_) {
        if (open.children < 2) continue;
        if (open.subtype == "related") return Place::related;
    }
    const bool text = is_text_type(content.media_type) && content.filename.empty() &&
                      content.presentation != Presentation::attachment;
    return text ? Place::body : Place::other;
}

void Scanner::add_leaf(ContentFacts content, std::uint64_t begin) {
    Leaf leaf;
    leaf.begin = begin;
    leaf.end = begin;
    leaf.place = place_of(content);
    leaf.nested_mail = content.media_type.starts_with("message/");
    const bool holds_headers = leaf.nested_mail || content.media_type == "text/rfc822-headers";
    first_lines_ = out_.leaves.empty() && open_.empty() && !holds_headers;
    leaf.content = std::move(content);
    out_.leaves.push_back(std::move(leaf));
    state_ = State::content;
    in_leaf_ = true;
}

void Scanner::end_leaf(std::uint64_t end) {
    if (!in_leaf_) return;
    Leaf& leaf = out_.leaves.back();
    leaf.end = std::max(leaf.begin, end);
    in_leaf_ = false;
}

/// The MTA ends the header block of the mail at the first line that is no header, and puts an empty
/// line there: headers behind it would stand in the content, where other programs may find them.
void Scanner::first_line(std::string_view text) {
    if (is_content_header(text)) ambiguous("header-behind-the-headers");
    first_lines_ = !text.empty();
}

/// Text outside of parts is for programs that know no MIME; what looks like a part there is one to
/// some program.
void Scanner::outside_line(const Line& line) {
    const std::string_view text = line.text;
    outside_ += line.next - line.begin;
    if (outside_ > max_text_outside_parts) ambiguous("text-outside-parts");
    if (is_content_header(text)) ambiguous("part-outside-delimiters");
}

void Scanner::finish(std::uint64_t size, const BareDelimiters& bare) {
    if (state_ == State::headers) {
        if (!open_.empty()) ambiguous("part-without-content");
        begin_content(size);
    }
    end_leaf(size);
    if (!open_.empty()) close_above(0);
    if (bare.any_of(declared_)) ambiguous("delimiter-with-bare-cr");
}

/// Cuts bytes into lines, of any length in bounded memory.
class LineCutter {
public:
    LineCutter(Scanner& scanner, std::uint64_t max_header)
        : scanner_(scanner), max_header_(max_header) {}

    /// False when the scanner has seen enough.
    bool feed(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            hold(text.substr(0, end));
            if (end == std::string_view::npos) return true;
            ++at_;
            if (!end_line()) return false;
            text.remove_prefix(end + 1);
        }
        return true;
    }

    /// The last line may have no end.
    void finish(const BareDelimiters& bare) {
        if (line_.begin == at_ || end_line()) scanner_.finish(at_, bare);
    }

private:
    void hold(std::string_view piece) {
        const std::size_t most = scanner_.in_headers() ? max_header_ : max_content_line;
        if (held_.size() < most) held_ += piece.substr(0, most - held_.size());
        if (!piece.empty()) ends_in_cr_ = piece.back() == '\r';
        at_ += piece.size();
    }

    bool end_line() {
        if (ends_in_cr_ && !held_.empty() && held_.back() == '\r') held_.pop_back();
        line_.text = held_;
        line_.next = at_;
        const bool more = scanner_.line(line_);
        line_.begin = at_;
        line_.end_size = ends_in_cr_ ? 2 : 1;
        ends_in_cr_ = false;
        held_.clear();
        return more;
    }

    Scanner& scanner_;
    std::uint64_t max_header_;
    std::string held_{}; // the beginning of the line at hand
    Line line_{};
    std::uint64_t at_ = 0;
    bool ends_in_cr_ = false;
};

} // namespace

Result<Outline> read_outline(const File& mail, const LimitSettings& limits) {
    Scanner scanner(limits);
    LineCutter lines(scanner, limits.header_bytes);
    BareDelimiters bare;
    std::vector<std::byte> buffer(buffer_size);
    for (std::uint64_t at = 0;;) {
        const std::size_t count = TRY(mail.read_at(at, buffer));
        if (count == 0) break;
        at += count;
        const std::string_view text = as_text(Bytes(buffer).first(count));
        bare.feed(text);
        if (!lines.feed(text)) return std::move(scanner).take();
    }
    bare.finish();
    lines.finish(bare);
    return std::move(scanner).take();
}

} // namespace kwit::mime
