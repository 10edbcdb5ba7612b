#include "core/archive/notice_counts.hh"

#include "core/archive/counters.hh"
#include "core/archive/keys.hh"
#include "core/archive/rows.hh"
#include "core/base/json.hh"

#include <string>
#include <utility>
#include <vector>

namespace kwit {

namespace {

/// Old rows that one change takes away, so that it stays a small one.
constexpr std::size_t max_forgotten = 1000;

std::string encode(const NoticeCounts& counts) {
    const Json map = {
        {"notices", counts.notices},
        {"forwards", counts.forwards},
        {"forward_bytes", counts.forward_bytes}};
    return to_cbor(map);
}

/// Counts are of a day: their sums stay far from what a number can hold.
bool fits(std::uint64_t counted, std::uint64_t more, std::uint64_t cap) {
    return counted <= cap && more <= cap - counted;
}

bool fits(const NoticeCounts& counted, const NoticeCounts& more, const NoticeCaps& caps) {
    return fits(counted.notices, more.notices, caps.notices) &&
           fits(counted.forwards, more.forwards, caps.forwards) &&
           fits(counted.forward_bytes, more.forward_bytes, caps.forward_bytes);
}

} // namespace

Result<NoticeCounts> decode_notice_counts(std::string_view bytes) {
    const auto map = from_cbor(bytes);
    NoticeCounts counts;
    for (const auto& [name, count] :
         {std::pair{"notices", &counts.notices},
          std::pair{"forwards", &counts.forwards},
          std::pair{"forward_bytes", &counts.forward_bytes}}) {
        if (!map || !map->is_object() || !map->contains(name) || !(*map)[name].is_number_unsigned())
            return fail(
                Kind::corrupt,
                "a row of table notices-of-day is damaged",
                "restore the index from a backup"
            );
        *count = (*map)[name].get<std::uint64_t>();
    }
    return counts;
}

Result<bool> count_notice(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    std::string_view to,
    Time time,
    const NoticeCounts& more,
    const NoticeCaps& caps
) {
    const lmdb::Table& table = archive.tables().notices_of_day;
    const Time day = day_of(time);
    TRY(erase_before(txn, table, day, max_forgotten));
    const std::string key = keys::time(day) + address_key(to).value_or(std::string(to));
    const auto bytes = TRY(txn.get(table, key));
    NoticeCounts counts;
    if (bytes) counts = TRY(decode_notice_counts(*bytes));
    if (!fits(counts, more, caps)) return false;
    counts.notices += more.notices;
    counts.forwards += more.forwards;
    counts.forward_bytes += more.forward_bytes;
    TRY(txn.put(table, key, encode(counts)));
    return true;
}

} // namespace kwit
