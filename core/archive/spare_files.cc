#include "core/archive/spare_files.hh"

#include <utility>

namespace kwit {

std::optional<TempFile> SpareFiles::take() {
    const std::scoped_lock lock(mutex_);
    if (files_.empty()) return std::nullopt;
    TempFile file = std::move(files_.back());
    files_.pop_back();
    return file;
}

void SpareFiles::give(TempFile file) {
    if (!file.clear()) return;
    const std::scoped_lock lock(mutex_);
    if (files_.size() < most) files_.push_back(std::move(file));
}

} // namespace kwit
