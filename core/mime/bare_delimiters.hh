// Lines that look like delimiters to programs for which a CR alone ends a line. For the grammar
// (RFC 2046 §5.1.1), and for us, there is none.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace kwit::mime {

class BareDelimiters {
public:
    /// The bytes of a mail, cut anywhere. Memory is bounded: no mail that somebody means has "--"
    /// behind a bare CR in more than max_kept ways.
    void feed(std::string_view text);

    void finish();

    /// Whether one of the boundaries begins what stood behind a CR and two hyphens; also when
    /// there were more of them than are kept.
    [[nodiscard]] bool any_of(const std::set<std::string>& boundaries) const;

    static constexpr std::size_t max_kept = 1000;

    /// As much of each is looked at: a longer boundary is odd by itself.
    static constexpr std::size_t max_boundary = 70;

private:
    void take(std::size_t least);

    std::string window_{};         // what is not looked at yet
    std::set<std::string> kept_{}; // what stood behind the hyphens
};

} // namespace kwit::mime
