#include "core/archive/usage.hh"

#include "core/archive/keys.hh"
#include "core/archive/rows.hh"
#include "core/base/json.hh"

#include <limits>
#include <vector>

namespace kwit {

namespace {

/// Old rows that one mail takes away. More than it can add, so that the table does not grow.
constexpr std::size_t max_forgotten = 20;

constexpr std::size_t time_size = 8;

Time hour_of(Time time) {
    return std::chrono::floor<std::chrono::hours>(time);
}

Time first_hour(Time now) {
    return hour_of(now) - (usage_window - std::chrono::hours(1));
}

std::string key_of(Time hour, UsedBy by, std::string_view name) {
    return keys::time(hour) + keys::pair(name_of(by), name);
}

tl::unexpected<Error> damaged() {
    return fail(
        Kind::corrupt, "a row of table usage is damaged", "restore the index from a backup"
    );
}

Result<Usage> decode_value(std::string_view bytes) {
    const auto map = from_cbor(bytes);
    if (!map || !map->is_object()) return damaged();
    const auto mails = map->find("mails");
    const auto size = map->find("bytes");
    if (mails == map->end() || !mails->is_number_unsigned()) return damaged();
    if (size == map->end() || !size->is_number_unsigned()) return damaged();
    return Usage{mails->get<std::uint64_t>(), size->get<std::uint64_t>()};
}

std::uint64_t sum(std::uint64_t one, std::uint64_t other) {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    return other > most - one ? most : one + other;
}

void add(Usage& usage, const Usage& more) {
    usage.mails = sum(usage.mails, more.mails);
    usage.bytes = sum(usage.bytes, more.bytes);
}

Result<Usage> stored(const Archive& archive, const lmdb::Txn& txn, const std::string& key) {
    const auto bytes = TRY(txn.get(archive.tables().usage, key));
    if (!bytes) return Usage{};
    return decode_value(*bytes);
}

} // namespace

std::string_view name_of(UsedBy by) {
    switch (by) {
    case UsedBy::address:
        return "address";
    case UsedBy::sender:
        return "sender";
    case UsedBy::client:
        return "client";
    }
    return "";
}

Result<void> count_usage(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    UsedBy by,
    std::string_view name,
    Time at,
    std::uint64_t bytes
) {
    const std::string key = key_of(hour_of(at), by, name);
    Usage usage = TRY(stored(archive, txn, key));
    add(usage, {.mails = 1, .bytes = bytes});
    const Json map = {{"mails", usage.mails}, {"bytes", usage.bytes}};
    TRY(txn.put(archive.tables().usage, key, to_cbor(map)));
    return erase_before(txn, archive.tables().usage, first_hour(at), max_forgotten);
}

Result<RecentUsage> load_usage(const Archive& archive, UsedBy by, std::string_view name, Time now) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    RecentUsage recent;
    for (Time hour = first_hour(now); hour <= now; hour += std::chrono::hours(1)) {
        const Usage usage = TRY(stored(archive, txn, key_of(hour, by, name)));
        add(recent.day, usage);
        recent.hour = usage; // the last one is the hour that is running
    }
    return recent;
}

Result<Usage> decode_usage(const lmdb::Entry& entry) {
    if (entry.key.size() <= time_size || entry.key.find('\0', time_size) == std::string_view::npos)
        return damaged();
    return decode_value(entry.value);
}

} // namespace kwit
