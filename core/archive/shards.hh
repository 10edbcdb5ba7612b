// Which directories of objects are known to be on disk, name and all: what this process has synced
// once it need not sync again for each object. Two hex digits name a directory, four one below it.
//
// No program of kwit takes such a directory away, so what was durable stays so. Where somebody else
// did, publishing fails; forget() is for that. Safe to share between threads.
#pragma once

#include "core/model/digest.hh"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace kwit {

class Shards {
public:
    /// Whether the entry of the object's directory in the one above it is durable, and that one's
    /// own.
    [[nodiscard]] bool is_durable(const Digest& digest) const { return below(digest); }

    /// Whether that of the directory above is.
    [[nodiscard]] bool is_above_durable(const Digest& digest) const { return above(digest); }

    /// To be called when both directories above the object's have been synced since it is there.
    void note_durable(const Digest& digest) {
        below(digest) = true;
        above(digest) = true;
    }

    void forget(const Digest& digest) {
        below(digest) = false;
        above(digest) = false;
    }

private:
    using Flag = std::atomic<bool>;

    static constexpr std::size_t of_byte = 256;

    struct Known {
        std::array<Flag, of_byte> above{};
        std::array<Flag, of_byte * of_byte> below{};
    };

    [[nodiscard]] Flag& above(const Digest& digest) const {
        return known_->above.at(first_byte(digest));
    }

    [[nodiscard]] Flag& below(const Digest& digest) const {
        return known_->below.at(first_byte(digest) * of_byte + second_byte(digest));
    }

    static std::size_t first_byte(const Digest& digest) {
        return std::to_integer<std::size_t>(digest.bytes()[0]);
    }

    static std::size_t second_byte(const Digest& digest) {
        return std::to_integer<std::size_t>(digest.bytes()[1]);
    }

    std::unique_ptr<Known> known_ = std::make_unique<Known>();
};

} // namespace kwit
