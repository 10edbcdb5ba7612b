#include "core/intake/text_files.hh"

#include "core/base/text.hh"
#include "core/mime/uuencode.hh"

namespace kwit {

Result<void> TextFiles::read(const File& text) {
    return mime::read_uuencoded(
        text,
        {.begin = [this](std::string_view name) -> Result<bool> {
             ++count_;
             if (is_over()) return false;
             all_.push_back({.name = std::string(name)});
             return true;
         },
         .take = [this](std::string_view bytes) { return take(bytes); },
         .end = [this](bool whole) -> Result<bool> {
             all_.back().whole = whole;
             return true;
         }}
    );
}

Opening TextFiles::opening() const {
    if (count_ > members_) return {.state = Opening::State::over_members};
    if (size_ > bytes_) return {.state = Opening::State::over_unpacked};
    return {.state = Opening::State::opened};
}

Result<bool> TextFiles::take(std::string_view bytes) {
    size_ += bytes.size();
    all_.back().size += bytes.size();
    if (is_over()) return false;
    TRY(output_.write(as_bytes(bytes)));
    return true;
}

} // namespace kwit
