// The sandbox of a child: no descriptor but those of its document, no network, no file system, no
// other process, a budget of processor time and memory. What it may not do kills it (SIGSYS).
#pragma once

#include "core/base/result.hh"

#include <linux/filter.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace kwit::inspector {

/// The descriptors of a child; 0, 1 and 2 are /dev/null.
inline constexpr int answer_descriptor = 3;
inline constexpr int document_descriptor = 4;
inline constexpr int output_descriptor = 5; ///< /dev/null for who unpacks nothing

struct Budget {
    std::uint32_t cpu_seconds = 0;
    std::uint64_t memory = 0; ///< bytes of address space
    std::uint64_t output = 0; ///< bytes of what it writes
};

class Sandbox {
public:
    /// Builds the rules and the filter program that the kernel gets: in the parent, once.
    static Result<Sandbox> prepare();

    /// There is no way back. Everything the calling process has open beyond output_descriptor is
    /// closed.
    [[nodiscard]] Result<void> enter(const Budget& budget) const;

private:
    explicit Sandbox(std::vector<sock_filter> program) : program_(std::move(program)) {}

    std::vector<sock_filter> program_;
};

/// Root looks into nothing: it becomes nobody. Others stay who they are.
Result<void> drop_root();

} // namespace kwit::inspector
