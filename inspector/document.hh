// A document that is open for reading: by place, and never by a file offset that another process
// may share.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace kwit::inspector {

/// The document could not be read, or what comes out of it not be written: no fact about it.
class Unreadable : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

class Document {
public:
    Document(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

    /// As many bytes as there are from there, at most as many as the buffer holds; 0 at the end.
    /// Throws Unreadable.
    std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const;

    /// All of it, for readers of what is small enough to have been mailed. Throws Unreadable.
    [[nodiscard]] std::string whole() const;

    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    int descriptor_;
    std::uint64_t size_;
};

} // namespace kwit::inspector
