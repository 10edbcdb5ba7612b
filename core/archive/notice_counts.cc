#include "core/archive/notice_counts.hh"

#include "core/archive/counters.hh"
#include "core/archive/keys.hh"
#include "core/archive/rows.hh"
#include "core/base/json.hh"

#include <vector>

namespace kwit {

namespace {

/// Old rows that one change takes away, so that it stays a small one.
constexpr std::size_t max_forgotten = 1000;

Result<void> forget_before(const Archive& archive, lmdb::WriteTxn& txn, Time day) {
    const lmdb::Table& table = archive.tables().notices_of_day;
    std::vector<std::string> old;
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        old.emplace_back(entry.key);
        return old.size() < max_forgotten ? lmdb::Walk::on : lmdb::Walk::stop;
    };
    TRY(txn.scan(table, {.to = keys::time(day)}, look));
    for (const std::string& key : old)
        TRY(txn.erase(table, key));
    return {};
}

} // namespace

Result<std::uint64_t>
count_notice(const Archive& archive, lmdb::WriteTxn& txn, std::string_view to, Time time) {
    const lmdb::Table& table = archive.tables().notices_of_day;
    const Time day = day_of(time);
    TRY(forget_before(archive, txn, day));
    const std::string key = keys::time(day) + address_key(to).value_or(std::string(to));
    const auto bytes = TRY(txn.get(table, key));
    std::uint64_t count = 1;
    if (bytes) {
        const Json before = TRY(from_cbor(*bytes));
        if (!before.is_number_unsigned())
            return fail(
                Kind::corrupt, "a row of table notices-of-day is no number", "run kwit verify"
            );
        count += before.get<std::uint64_t>();
    }
    TRY(txn.put(table, key, to_cbor(Json(count))));
    return count;
}

} // namespace kwit
