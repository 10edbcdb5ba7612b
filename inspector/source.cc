#include "inspector/source.hh"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace kwit::inspector {

void Source::load(qpdf_offset_t offset) {
    begin_ = end_ = offset;
    ssize_t got = 0;
    do
        got = ::pread(descriptor_, piece_.data(), piece_.size(), offset);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        trouble_ = std::generic_category().message(errno);
        throw Unreadable(trouble_);
    }
    end_ = begin_ + got;
}

int Source::byte_at(qpdf_offset_t offset) {
    if (offset >= size_) return -1;
    if (offset < begin_ || offset >= end_) load(offset);
    if (offset >= end_) return -1;
    return static_cast<unsigned char>(piece_.at(static_cast<std::size_t>(offset - begin_)));
}

qpdf_offset_t Source::findAndSkipNextEOL() {
    const auto is_end = [](int c) { return c == '\r' || c == '\n'; };
    int byte = byte_at(at_);
    while (byte != -1 && !is_end(byte))
        byte = byte_at(++at_);
    const qpdf_offset_t found = at_;
    while (is_end(byte))
        byte = byte_at(++at_);
    return found;
}

void Source::seek(qpdf_offset_t offset, int whence) {
    switch (whence) {
    case SEEK_CUR:
        offset += at_;
        break;
    case SEEK_END:
        offset += size_;
        break;
    default:
        break;
    }
    if (offset < 0) throw std::runtime_error("seek before the beginning of the document");
    at_ = offset;
}

size_t Source::read(char* into, size_t length) {
    setLastOffset(at_);
    size_t have = 0;
    while (have < length && byte_at(at_) != -1) {
        const auto from = static_cast<std::size_t>(at_ - begin_);
        const auto count = std::min(length - have, static_cast<std::size_t>(end_ - at_));
        std::memcpy(into + have, piece_.data() + from, count);
        have += count;
        at_ += static_cast<qpdf_offset_t>(count);
    }
    if (have == 0 && length > 0) { // as qpdf's own source does: the end is where reading ended
        at_ = std::max(at_, size_);
        setLastOffset(size_);
    }
    return have;
}

} // namespace kwit::inspector
