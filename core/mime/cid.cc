#include "core/mime/cid.hh"

#include "core/base/text.hh"
#include "core/mime/percent.hh"

namespace kwit::mime {

namespace {

constexpr std::string_view scheme = "cid:";
constexpr std::size_t max_ids = 1000;
constexpr std::size_t max_id = 256;

bool ends_url(char c) {
    constexpr std::string_view ends = "\"'<>()\\`";
    return is_space(c) || c == '\0' || ends.find(c) != std::string_view::npos;
}

} // namespace

void CidScanner::keep() {
    bool damaged = false;
    if (!id_.empty() && id_.size() <= max_id && ids_.size() < max_ids)
        ids_.insert(percent_decoded(id_, damaged));
    id_.clear();
    collecting_ = false;
    matched_ = 0;
}

void CidScanner::step(char c) {
    if (collecting_) {
        if (ends_url(c)) return keep();
        if (id_.size() <= max_id) id_ += c;
        return;
    }
    if (to_lower(c) == scheme[matched_])
        ++matched_;
    else
        matched_ = to_lower(c) == scheme[0] ? 1 : 0;
    collecting_ = matched_ == scheme.size();
}

void CidScanner::feed(std::string_view html) {
    for (const char c : html)
        step(c);
}

void CidScanner::finish() {
    keep();
}

bool CidScanner::refers_to(const std::string& content_id) const {
    return !content_id.empty() && ids_.contains(content_id);
}

} // namespace kwit::mime
