// A document as qpdf reads it: an open descriptor, a piece at a time, by place and never by a file
// offset that another process may share.
#pragma once

#include "inspector/document.hh"
#include "inspector/qpdf.hh"

#include <array>
#include <cstdint>
#include <string>

namespace kwit::inspector {

class Source : public InputSource {
public:
    Source(int descriptor, std::uint64_t size)
        : descriptor_(descriptor), size_(static_cast<qpdf_offset_t>(size)) {}

    qpdf_offset_t findAndSkipNextEOL() override;

    [[nodiscard]] const std::string& getName() const override { return name_; }

    qpdf_offset_t tell() override { return at_; }

    void seek(qpdf_offset_t offset, int whence) override;

    void rewind() override { at_ = 0; }

    size_t read(char* into, size_t length) override;

    void unreadCh(char /*ch*/) override { --at_; }

    /// What kept it from being read; empty: nothing. qpdf takes errors for damage.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

private:
    /// The byte there, or -1 at the end.
    int byte_at(qpdf_offset_t offset);
    void load(qpdf_offset_t offset);

    int descriptor_;
    qpdf_offset_t size_;
    std::string name_ = "document";
    qpdf_offset_t at_ = 0;
    std::array<char, 16384> piece_{};
    qpdf_offset_t begin_ = 0; // of the piece
    qpdf_offset_t end_ = 0;
    std::string trouble_{};
};

} // namespace kwit::inspector
