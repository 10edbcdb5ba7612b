// Uuencoded files of a text, decoded into one file, one after the other, as far as budgets go.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/model/facts.hh"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwit {

class TextFiles {
public:
    struct One {
        std::string name{};
        std::uint64_t size = 0;
        bool whole = false;
    };

    TextFiles(TempFile output, std::uint32_t members, std::uint64_t bytes)
        : output_(std::move(output)), members_(members), bytes_(bytes) {}

    /// Ends where a budget is used up.
    Result<void> read(const File& text);

    [[nodiscard]] Opening opening() const;

    [[nodiscard]] const std::vector<One>& all() const { return all_; }

    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] Result<File> bytes() const { return output_.reader(); }

private:
    [[nodiscard]] bool is_over() const { return count_ > members_ || size_ > bytes_; }

    Result<bool> take(std::string_view bytes);

    TempFile output_;
    std::uint32_t members_;
    std::uint64_t bytes_;
    std::vector<One> all_{};
    std::uint64_t count_ = 0; // one more than all_ where that is too many
    std::uint64_t size_ = 0;
};

} // namespace kwit
