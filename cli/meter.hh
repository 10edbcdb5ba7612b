// How far a long command has come, on standard error.
#pragma once

#include <chrono>
#include <cstdint>

namespace kwit::cli {

/// On a terminal a line that is written over again and again and leaves nothing behind. Elsewhere
/// nothing, or (wanted) a line now and then and one at the end.
class Meter {
public:
    enum class Show { on_a_terminal, wanted };

    explicit Meter(Show show);
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    Meter(Meter&&) = delete;
    Meter& operator=(Meter&&) = delete;
    ~Meter();

    /// Bytes so far and bytes in all.
    void show(std::uint64_t done, std::uint64_t total);

private:
    bool terminal_;
    bool shown_;
    bool dirty_ = false;
    std::chrono::steady_clock::time_point next_{};
};

} // namespace kwit::cli
