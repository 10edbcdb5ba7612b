#include "core/mime/bare_delimiters.hh"

#include <algorithm>

namespace kwit::mime {

namespace {

constexpr std::string_view mark = "\r--";

} // namespace

void BareDelimiters::feed(std::string_view text) {
    window_ += text;
    take(max_boundary);
}

void BareDelimiters::finish() {
    take(0);
}

/// Keeps what stands behind each mark that has at least so many bytes behind it.
void BareDelimiters::take(std::size_t least) {
    std::size_t done = 0;
    for (std::size_t at = window_.find(mark); at != std::string::npos;
         at = window_.find(mark, done)) {
        done = at;
        const std::size_t begin = at + mark.size();
        if (window_.size() - begin < least) break;
        if (kept_.size() <= max_kept) kept_.insert(window_.substr(begin, max_boundary));
        done = begin;
    }
    // The beginning of a mark may be there already.
    const std::size_t rest = window_.find(mark, done) != std::string::npos
                                 ? done
                                 : window_.size() - std::min(window_.size(), mark.size() - 1);
    window_.erase(0, std::max(done, rest));
}

bool BareDelimiters::any_of(const std::set<std::string>& boundaries) const {
    if (boundaries.empty()) return false;
    if (kept_.size() > max_kept) return true;
    return std::any_of(kept_.begin(), kept_.end(), [&](std::string_view text) {
        return std::any_of(boundaries.begin(), boundaries.end(), [&](const std::string& boundary) {
            return !boundary.empty() && text.starts_with(boundary);
        });
    });
}

} // namespace kwit::mime
