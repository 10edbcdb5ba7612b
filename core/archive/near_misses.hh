// Recipients refused as unknown that somebody may have meant for an address there is: one character
// away from it, its token with another extension, or a token whose check character is wrong. By UTC
// day; see docs/format.md.
//
// Who tries addresses at random can neither fill memory nor disk, nor push out what was found near
// a known address: that he would have to know. They are evidence of nothing, so no journal entry
// tells of them.
#pragma once

#include "core/archive/archive.hh"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

/// One address that was tried, of a day or of a period.
struct NearMiss {
    std::string address;  ///< in lower case; empty: all that have no row of their own
    std::string near{};   ///< the known address; empty: its token is mistyped, and none is near
    std::string client{}; ///< whose that is
    std::uint64_t count = 0;
    Time first_at{};
    Time last_at{};
    std::vector<std::string> senders{}; ///< of the envelope, the newest last; "<>": the null sender
    std::vector<std::string> networks{}; ///< of the clients, the newest last
};

/// Whether the check character of its token is wrong.
bool has_mistyped_token(const NearMiss& miss);

constexpr std::size_t max_misses = 1000;        ///< addresses that wait to be looked at
constexpr std::size_t max_near_misses = 200;    ///< of a day, near a known address
constexpr std::size_t max_near_one = 20;        ///< of those near the same one
constexpr std::size_t max_mistyped_tokens = 50; ///< of a day, near none
constexpr std::size_t max_origins = 5;          ///< senders and networks of one address

/// Counts the other one of the same address.
void merge(NearMiss& miss, const NearMiss& other);

/// Unknown recipients on their way to the archive.
class Misses {
public:
    void add(const NearMiss& miss);
    void add(const Misses& other);

    [[nodiscard]] bool empty() const { return misses_.empty(); }

    [[nodiscard]] const std::map<std::string, NearMiss>& all() const { return misses_; }

private:
    std::map<std::string, NearMiss> misses_{};
};

/// Whether two local parts are one character apart, or have the same token.
bool is_near(std::string_view known, std::string_view tried);

/// Keeps those that are near a known address or have a mistyped token, and lets go of days that are
/// keep_counters before the newest.
Result<void> add_near_misses(Archive& archive, const Misses& misses);

/// `corrupt` for an entry that is none.
Result<NearMiss> decode_near_miss(const lmdb::Entry& entry);

/// Calls step for each row of the days from first to last, in order of day and address.
Result<void> each_near_miss(
    const Archive& archive,
    const lmdb::Txn& txn,
    Time first_day,
    Time last_day,
    const std::function<Result<void>(const NearMiss&)>& step
);

} // namespace kwit
