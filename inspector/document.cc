#include "inspector/document.hh"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace kwit::inspector {

std::size_t Document::read_at(std::uint64_t offset, std::span<char> buffer) const {
    if (offset >= size_) return 0;
    const std::size_t most = std::min<std::uint64_t>(buffer.size(), size_ - offset);
    ssize_t got = 0;
    do
        got = ::pread(descriptor_, buffer.data(), most, static_cast<off_t>(offset));
    while (got < 0 && errno == EINTR);
    if (got < 0) throw Unreadable(std::generic_category().message(errno));
    return static_cast<std::size_t>(got);
}

std::string Document::whole() const {
    std::string bytes(size_, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const std::size_t got = read_at(have, std::span(bytes).subspan(have));
        if (got == 0) throw Unreadable("it is shorter than it was");
        have += got;
    }
    return bytes;
}

} // namespace kwit::inspector
