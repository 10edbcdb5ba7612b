// What comes out of a container: the members one after the other in one file, and a word about each
// on the answer socket. Nobody unpacks past it, so the budgets are kept here; the limit of the
// process (RLIMIT_FSIZE) and the reader of the words stand behind it.
#pragma once

#include "core/inspect/wire.hh"
#include "core/model/facts.hh"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace kwit::inspector {

/// A budget is used up: the container is not opened.
class OverBudget : public std::exception {
public:
    explicit OverBudget(Opening::State which) : state(which) {}

    [[nodiscard]] const char* what() const noexcept override { return "over budget"; }

    Opening::State state;
};

class Output {
public:
    Output(int answer, int file, const inspect::Request& budget)
        : answer_(answer), file_(file), members_(budget.members), bytes_(budget.unpacked) {}

    /// For who knows how many entries there are before it reads them; throws OverBudget.
    void expect_members(std::uint64_t count) const;

    /// The same for the bytes of the member at hand, of which some may be written.
    void expect_bytes(std::uint64_t count) const;

    /// The next member. charset: of the name; empty: UTF-8. Throws OverBudget.
    void begin(std::string_view name, std::string charset = {});

    /// Throws OverBudget, or Unreadable where the file takes no more.
    void write(std::string_view bytes);

    /// The member is complete.
    void end();

    /// What was written of it goes to nobody; it counts as unpacked all the same.
    void withhold(Withheld why);

    /// How many were begun so far, and all bytes written.
    [[nodiscard]] std::uint32_t members() const { return begun_; }

    [[nodiscard]] std::uint64_t unpacked() const { return spent_ + member_.size; }

private:
    void say();

    int answer_;
    int file_;
    std::uint32_t members_;   // of the budget
    std::uint32_t begun_ = 0; // of members_
    std::uint64_t bytes_;     // of the budget
    std::uint64_t spent_ = 0; // of bytes_, by the members before
    inspect::Member member_{};
};

} // namespace kwit::inspector
