// Counters of what is refused without leaving a receipt: recipients at RCPT, and refused mails past
// the number that gets receipts. By UTC day; see docs/format.md.
//
// Everything is bounded, whoever chooses the addresses: known import addresses are all counted, of
// unknown ones, networks and senders' domains the most frequent, and the rest in one number. They
// are evidence of nothing, so no journal entry tells of them.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/top_names.hh"
#include "core/model/reason.hh"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace kwit {

/// What was refused.
enum class Counted : std::uint8_t {
    rcpt, ///< a recipient
    mail, ///< a whole mail, of which there is no receipt
};

/// What a count is by.
enum class CountedBy : std::uint8_t {
    reason,
    address,       ///< known import addresses
    unknown,       ///< addresses that are none, or could not be looked up
    network,       ///< of the client: 192.0.2.0/24, 2001:db8::/48
    sender_domain, ///< of the envelope sender; "<>": the null sender
};

std::string_view name_of(Counted what);
std::string_view name_of(CountedBy by);
std::optional<Counted> counted_named(std::string_view name);
std::optional<CountedBy> counted_by_named(std::string_view name);

struct CountedRefusal {
    Counted what = Counted::rcpt;
    Time at{};
    Reason reason{};
    std::string address{};
    bool is_known = false; ///< the address is one of the directory
    std::string network{};
    std::string sender_domain{};
};

/// One list of names with their counts.
struct CounterGroup {
    Time day{}; ///< its first moment, UTC
    Counted what{};
    CountedBy by{};
    std::string reason{}; ///< of all but sender_domain; empty in networks of older rows

    friend bool operator<(const CounterGroup& a, const CounterGroup& b) {
        return std::tie(a.day, a.what, a.by, a.reason) < std::tie(b.day, b.what, b.by, b.reason);
    }
};

/// Names of a group that are held, in memory and on disk. On disk there is a row for each known
/// address.
constexpr std::size_t max_counted_names = 100;
constexpr std::size_t max_counted_addresses = 10'000;
constexpr std::size_t max_counted_name = 400; ///< bytes of one
constexpr std::chrono::days keep_counters{400};

/// Counters on their way to the archive.
class Counters {
public:
    void count(const CountedRefusal& refusal);
    void add(const Counters& other);

    [[nodiscard]] bool empty() const { return groups_.empty(); }

    [[nodiscard]] const std::map<CounterGroup, TopNames>& groups() const { return groups_; }

private:
    TopNames& group(const CounterGroup& group);

    std::map<CounterGroup, TopNames> groups_{};
};

/// A name as it is stored: UTF-8 without NUL, of bounded length, never empty.
std::string counted_name(std::string_view name);

Time day_of(Time time);

/// Adds them to those of the archive, and lets go of days that are keep_counters before the newest.
Result<void> add_counters(Archive& archive, const Counters& counters);

struct CounterRow {
    CounterGroup group{};
    std::string name{}; ///< empty: all others of the group
    NameCount count{};
};

/// `corrupt` for an entry that is none.
Result<CounterRow> decode_counter(const lmdb::Entry& entry);

/// Calls step for each row of the days from first to last, in order of day, what, by, reason, name.
Result<void> each_counter(
    const Archive& archive,
    const lmdb::Txn& txn,
    Time first_day,
    Time last_day,
    const std::function<Result<void>(const CounterRow&)>& step
);

} // namespace kwit
