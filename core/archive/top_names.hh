// The most frequent names of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El
// Abbadi, 2005). A name that comes more often than one time in `limit` is among those that are
// held; whoever chooses the names can neither fill memory nor hide such a one behind millions of
// others.
//
// No count is invented: what was counted of a name before it left stands in the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace kwit {

struct NameCount {
    std::uint64_t count = 0;  ///< since the name is held
    std::uint64_t before = 0; ///< at most so many before it was; they stand in the rest

    friend bool operator==(const NameCount&, const NameCount&) = default;
};

class TopNames {
public:
    explicit TopNames(std::size_t limit) : limit_(limit) {}

    /// Counts the name; the rarest one leaves when there is no place.
    void add(const std::string& name, const NameCount& count);

    /// Counts without a name.
    void add_rest(std::uint64_t count) { rest_ += count; }

    /// Counts all that the other one holds.
    void add(const TopNames& other);

    [[nodiscard]] const std::map<std::string, NameCount>& names() const { return names_; }

    [[nodiscard]] std::uint64_t rest() const { return rest_; }

private:
    std::size_t limit_;
    std::map<std::string, NameCount> names_{};
    std::uint64_t rest_ = 0;
};

} // namespace kwit
