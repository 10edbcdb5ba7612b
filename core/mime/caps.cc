#include "core/mime/caps.hh"

#include "core/base/text.hh"
#include "core/mime/address_header.hh"
#include "core/mime/decode.hh"
#include "core/mime/parameters.hh"

#include <algorithm>
#include <functional>
#include <optional>

namespace kwit::mime {

namespace {

/// So much of a line is kept: the longest boundary anybody declares, or a whole header that
/// matters.
constexpr std::size_t max_body_line = 256;
constexpr std::size_t max_header_line = 16384;
constexpr std::size_t max_boundary =
    max_body_line - 4; ///< with its hyphens a line that is kept whole

/// Stands for an attached mail among the hashes of boundaries.
constexpr std::size_t no_boundary = 0;

std::size_t hash_of(std::string_view boundary) {
    const std::size_t hash = std::hash<std::string_view>{}(boundary);
    return hash == no_boundary ? 1 : hash;
}

std::string_view without_end_blanks(std::string_view text) {
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

bool is_encoding_of_bytes(std::string_view word) {
    const auto encoding = encoding_named(word);
    return encoding && *encoding != Encoding::identity;
}

/// The boundary of a Content-Type that every program reads alike; nothing when there is none or
/// when each line with "--" must count.
std::optional<std::size_t> plain_boundary(std::string_view value, const ParametrizedValue& type) {
    const auto is_boundary = [](const Parameter& p) { return p.name == "boundary"; };
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '\\'; };
    const auto& all = type.parameters;
    const auto found = std::find_if(all.begin(), all.end(), is_boundary);
    if (found == all.end() || std::count_if(all.begin(), all.end(), is_boundary) != 1)
        return std::nullopt;
    const bool clear = !type.malformed && !type.duplicate && !type.loose && !found->extended &&
                       value.size() < max_header_line &&
                       std::all_of(value.begin(), value.end(), plain);
    const std::string& raw = found->raw;
    if (!clear || raw.empty() || raw != found->value || raw.size() > max_boundary)
        return std::nullopt;
    return hash_of(raw);
}

} // namespace

Caps::Caps(const LimitSettings& limits) : limits_(limits) {}

void Caps::feed(Bytes bytes) {
    std::string_view text = as_text(bytes);
    while (!text.empty() && over_.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view piece = text.substr(0, end);
        const std::size_t most = in_headers_ ? max_header_line : max_body_line;
        if (line_.size() < most) line_ += piece.substr(0, most - line_.size());
        if (in_headers_) count_words(piece);
        line_size_ += piece.size();
        if (!piece.empty()) last_ = piece.back();
        if (end == std::string_view::npos) return check_growth();
        end_line();
        line_.clear();
        line_size_ = 0;
        text.remove_prefix(end + 1);
    }
}

/// Follows the header at hand, folds and all; piece is the next part of a line.
void Caps::count_words(std::string_view piece) {
    if (piece.empty()) return;
    if (line_size_ == 0 && !is_blank(piece.front())) {
        all_word_work_ += words_ * header_size_;
        words_ = header_size_ = 0;
    }
    header_size_ += piece.size();
    if (line_size_ > 0 && last_ == '=' && piece.front() == '?') ++words_;
    for (std::size_t at = piece.find("=?"); at != std::string_view::npos;
         at = piece.find("=?", at + 2))
        ++words_;
    if (all_word_work_ + words_ * header_size_ > max_word_work) break_limit(Limit::headers);
}

void Caps::break_limit(Limit limit) {
    if (over_.empty()) over_.push_back(limit);
}

std::uint64_t Caps::without_cr(std::uint64_t size) const {
    return size > 0 && last_ == '\r' ? size - 1 : size;
}

/// A line without end must not wait for it.
void Caps::check_growth() {
    const std::string_view line = line_;
    const bool folded = address_ > 0 && !line.empty() && is_blank(line.front());
    const bool address = folded || is_address_header(line.substr(0, line.find(':')));
    const std::uint64_t before = folded ? address_ : 0;
    if (address && before + without_cr(line_size_) > max_address_header)
        break_limit(Limit::address_header);
    if (in_headers_ && block_.bytes + without_cr(line_size_) > limits_.header_bytes)
        break_limit(Limit::header_bytes);
}

void Caps::end_line() {
    std::string_view line = line_;
    if (line.size() == line_size_ && !line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (address_line(line)) return break_limit(Limit::address_header);
    if (delimiter_line(line)) return;
    if (!in_headers_) return;
    if (line.empty()) return close_block();
    block_.bytes += line_size_ + 1;
    all_bytes_ += line_size_ + 1;
    header_line(line);
    if (block_.headers > limits_.headers || all_headers_ > all_headers_factor * limits_.headers)
        break_limit(Limit::headers);
    if (block_.bytes > limits_.header_bytes ||
        all_bytes_ > all_headers_factor * limits_.header_bytes)
        break_limit(Limit::header_bytes);
}

/// Follows an address header over its folds, in a header block or not; true when it is too long.
bool Caps::address_line(std::string_view line) {
    const bool folded = address_ > 0 && !line.empty() && is_blank(line.front());
    if (!folded) {
        const std::size_t colon = line.find(':');
        address_ = 0;
        if (colon == std::string_view::npos || !is_address_header(line.substr(0, colon)))
            return false;
    }
    const std::uint64_t size = address_ + without_cr(line_size_);
    address_ += line_size_ + 1;
    return size > max_address_header;
}

bool Caps::delimiter_line(std::string_view line) {
    if (line.substr(0, 2) != "--" || (declared_.empty() && !any_delimiter_)) return false;
    const std::string_view text = without_end_blanks(line.substr(2));
    const auto level_of = [this](std::string_view boundary) {
        const auto found = std::find(around_.rbegin(), around_.rend(), hash_of(boundary));
        return static_cast<std::size_t>(around_.rend() - found); // 0: not open
    };
    const auto is_declared = [this](std::string_view boundary) {
        return std::find(declared_.begin(), declared_.end(), hash_of(boundary)) != declared_.end();
    };
    const bool closes = text.size() > 2 && text.substr(text.size() - 2) == "--";
    if (is_declared(text)) {
        delimiter(level_of(text), true);
        return true;
    }
    if (closes && is_declared(text.substr(0, text.size() - 2))) {
        delimiter(level_of(text.substr(0, text.size() - 2)), false);
        return true;
    }
    if (!any_delimiter_) return false;
    delimiter(around_.size(), true);
    return true;
}

/// level: how many are open around and with the multipart of the delimiter; 0: it is not open.
void Caps::delimiter(std::size_t level, bool opens) {
    if (in_headers_) end_header();
    if (level > 0) around_.resize(opens ? level : level - 1);
    in_headers_ = false;
    if (!opens) return;
    if (++entities_ > limits_.parts) break_limit(Limit::parts);
    open_block();
}

void Caps::open_block() {
    in_headers_ = true;
    block_ = Block{};
}

void Caps::header_line(std::string_view line) {
    const bool is_cut = line_.size() < line_size_;
    if (is_blank(line.front()) && block_.headers > 0) {
        if (block_.name.empty()) return;
        block_.cut = block_.cut || is_cut || block_.value.size() > max_header_line;
        if (!block_.cut) block_.value += line;
        return;
    }
    end_header();
    ++block_.headers;
    ++all_headers_;
    const std::size_t colon = line.find(':');
    const std::string name = lower(trim(line.substr(0, colon)));
    if (colon == std::string_view::npos ||
        (name != "content-type" && name != "content-transfer-encoding"))
        return;
    block_.name = name;
    block_.cut = is_cut;
    block_.value = line.substr(colon + 1);
}

void Caps::end_header() {
    if (block_.name == "content-type") content_type();
    if (block_.name == "content-transfer-encoding") {
        const auto word = parse_single_token(trim(block_.value));
        const bool encoded = word && is_encoding_of_bytes(*word);
        block_.encoded = block_.encoded || encoded;
        block_.plain = block_.plain || !encoded;
    }
    block_.name.clear();
    block_.value.clear();
}

void Caps::content_type() {
    const std::string_view value = trim(block_.value);
    const ParametrizedValue type = parse_parametrized(value);
    block_.typed = true;
    block_.mail = block_.mail || type.value.starts_with("message");
    block_.digest = block_.digest || type.value == "multipart/digest";
    if (const auto boundary = plain_boundary(value, type); boundary && !block_.cut)
        block_.boundaries.push_back(*boundary);
    else if (block_.cut || lower(value).find("boundary") != std::string::npos)
        any_delimiter_ = true;
}

/// The empty line: what follows is the content of an entity, or the headers of a mail in it.
void Caps::close_block() {
    end_header();
    const Block block = std::move(block_);
    in_headers_ = false;
    digest_ = digest_ || block.digest;
    for (const std::size_t boundary : block.boundaries) {
        if (std::find(declared_.begin(), declared_.end(), boundary) == declared_.end())
            declared_.push_back(boundary);
        around_.push_back(boundary);
    }
    const bool mail = block.mail || (digest_ && !block.typed);
    const bool readable = !block.encoded || block.plain;
    if (mail && readable) {
        around_.push_back(no_boundary);
        open_block();
    }
    if (declared_.size() > limits_.parts + 1ULL) break_limit(Limit::parts);
    if (around_.size() > limits_.depth) break_limit(Limit::depth);
}

} // namespace kwit::mime
