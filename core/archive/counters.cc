#include "core/archive/counters.hh"

#include "core/archive/keys.hh"
#include "core/archive/rows.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace kwit {

namespace {

constexpr std::size_t day_size = 8;

/// Old rows that one change takes away, so that it stays a small one.
constexpr std::size_t max_forgotten = 1000;

constexpr std::array<std::pair<Counted, std::string_view>, 2> counted_names = {{
    {Counted::rcpt, "rcpt"},
    {Counted::mail, "mail"},
}};

constexpr std::array<std::pair<CountedBy, std::string_view>, 5> counted_by_names = {{
    {CountedBy::reason, "reason"},
    {CountedBy::address, "address"},
    {CountedBy::unknown, "unknown"},
    {CountedBy::network, "network"},
    {CountedBy::sender_domain, "sender-domain"},
}};

template <typename Names>
auto value_in(const Names& names, std::string_view name)
    -> std::optional<decltype(names.front().first)> {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const auto& it) { return it.second == name; });
    if (found == names.end()) return std::nullopt;
    return found->first;
}

template <typename Names, typename Value>
std::string_view name_in(const Names& names, Value value) {
    return std::find_if(
               names.begin(), names.end(), [&](const auto& it) { return it.first == value; }
    )->second;
}

/// Names that a group may hold in memory.
std::size_t limit_of(CountedBy by) {
    switch (by) {
    case CountedBy::reason:
        return 0; // the group is the name
    case CountedBy::address:
        return max_counted_addresses;
    case CountedBy::unknown:
    case CountedBy::network:
    case CountedBy::sender_domain:
        return max_counted_names;
    }
    return 0;
}

std::string prefix_of(const CounterGroup& group) {
    return keys::time(group.day) + keys::group(name_of(group.what)) +
           keys::group(name_of(group.by)) + keys::group(group.reason);
}

std::string encode(const NameCount& count) {
    const Json map = {{"count", count.count}, {"before", count.before}};
    return to_cbor(map);
}

tl::unexpected<Error> damaged() {
    return fail(
        Kind::corrupt, "a row of table counters is damaged", "restore the index from a backup"
    );
}

Result<NameCount> decode_count(std::string_view bytes) {
    const auto map = from_cbor(bytes);
    if (!map || !map->is_object()) return damaged();
    const auto count = map->find("count");
    const auto before = map->find("before");
    if (count == map->end() || !count->is_number_unsigned()) return damaged();
    if (before != map->end() && !before->is_number_unsigned()) return damaged();
    return NameCount{
        count->get<std::uint64_t>(), before == map->end() ? 0 : before->get<std::uint64_t>()};
}

Result<NameCount> stored(const Archive& archive, const lmdb::Txn& txn, const std::string& key) {
    const auto bytes = TRY(txn.get(archive.tables().counters, key));
    if (!bytes) return NameCount{};
    return decode_count(*bytes);
}

Result<void> add_to_row(
    const Archive& archive, lmdb::WriteTxn& txn, const std::string& key, const NameCount& more
) {
    if (more == NameCount{}) return {};
    NameCount count = TRY(stored(archive, txn, key));
    count.count += more.count;
    count.before += more.before;
    return txn.put(archive.tables().counters, key, encode(count));
}

/// The names of the group as they are stored.
Result<std::map<std::string, NameCount>>
names_of(const Archive& archive, const lmdb::Txn& txn, const std::string& prefix) {
    std::map<std::string, NameCount> names;
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const std::string name(entry.key.substr(prefix.size()));
        const NameCount count = TRY(decode_count(entry.value));
        if (!name.empty()) names.emplace(name, count);
        return lmdb::Walk::on;
    };
    TRY(txn.scan(archive.tables().counters, lmdb::Range::prefix(prefix), look));
    return names;
}

/// Writes what has changed among the names of a group.
Result<void> replace_names(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const std::string& prefix,
    const std::map<std::string, NameCount>& before,
    const std::map<std::string, NameCount>& after
) {
    for (const auto& [name, count] : before)
        if (!after.contains(name)) TRY(txn.erase(archive.tables().counters, prefix + name));
    for (const auto& [name, count] : after) {
        const auto known = before.find(name);
        if (known != before.end() && known->second == count) continue;
        TRY(txn.put(archive.tables().counters, prefix + name, encode(count)));
    }
    return {};
}

/// Merges into a group that holds its most frequent names alone.
Result<void> merge_top(
    const Archive& archive, lmdb::WriteTxn& txn, const std::string& prefix, const TopNames& more
) {
    const auto before = TRY(names_of(archive, txn, prefix));
    TopNames merged(max_counted_names);
    for (const auto& [name, count] : before)
        merged.add(name, count);
    merged.add(more);
    TRY(replace_names(archive, txn, prefix, before, merged.names()));
    return add_to_row(archive, txn, prefix, {.count = merged.rest()});
}

Result<void> merge_all(
    const Archive& archive, lmdb::WriteTxn& txn, const std::string& prefix, const TopNames& more
) {
    for (const auto& [name, count] : more.names())
        TRY(add_to_row(archive, txn, prefix + name, count));
    return add_to_row(archive, txn, prefix, {.count = more.rest()});
}

/// The text up to the next NUL, taken off the front; nothing when there is none.
std::optional<std::string_view> cut(std::string_view& key) {
    const std::size_t end = key.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = key.substr(0, end);
    key.remove_prefix(end + 1);
    return text;
}

} // namespace

std::string_view name_of(Counted what) {
    return name_in(counted_names, what);
}

std::string_view name_of(CountedBy by) {
    return name_in(counted_by_names, by);
}

std::optional<Counted> counted_named(std::string_view name) {
    return value_in(counted_names, name);
}

std::optional<CountedBy> counted_by_named(std::string_view name) {
    return value_in(counted_by_names, name);
}

std::string counted_name(std::string_view name) {
    std::string out;
    each_code_point(name, [&](char32_t c) {
        if (c != 0) append_utf8(out, c);
    });
    out = cut_utf8(out, max_counted_name);
    return out.empty() ? "?" : out;
}

Time day_of(Time time) {
    return std::chrono::floor<std::chrono::days>(time);
}

TopNames& Counters::group(const CounterGroup& group) {
    return groups_.try_emplace(group, limit_of(group.by)).first->second;
}

void Counters::count(const CountedRefusal& refusal) {
    CounterGroup key{.day = day_of(refusal.at), .what = refusal.what};
    key.reason = code_of(refusal.reason);
    group(key).add_rest(1);
    key.by = refusal.is_known ? CountedBy::address : CountedBy::unknown;
    group(key).add(counted_name(refusal.address), {.count = 1});
    key.by = CountedBy::network;
    group(key).add(counted_name(refusal.network), {.count = 1});
    key.reason.clear();
    key.by = CountedBy::sender_domain;
    group(key).add(counted_name(refusal.sender_domain), {.count = 1});
}

void Counters::add(const Counters& other) {
    for (const auto& [key, names] : other.groups_)
        group(key).add(names);
}

Result<void> add_counters(Archive& archive, const Counters& counters) {
    if (counters.empty()) return {};
    const Time newest = counters.groups().rbegin()->first.day;
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        for (const auto& [group, names] : counters.groups()) {
            const bool is_top = limit_of(group.by) == max_counted_names;
            TRY((is_top ? merge_top : merge_all)(archive, txn, prefix_of(group), names));
        }
        return erase_before(txn, archive.tables().counters, newest - keep_counters, max_forgotten);
    });
}

Result<CounterRow> decode_counter(const lmdb::Entry& entry) {
    if (entry.key.size() < day_size) return damaged();
    const std::uint64_t day = TRY(keys::to_number(entry.key.substr(0, day_size)));
    std::string_view rest = entry.key.substr(day_size);
    const auto what = cut(rest);
    const auto by = cut(rest);
    const auto reason = cut(rest);
    const auto counted = what ? counted_named(*what) : std::nullopt;
    const auto counted_by = by ? counted_by_named(*by) : std::nullopt;
    if (!counted || !counted_by || !reason) return damaged();
    const NameCount count = TRY(decode_count(entry.value));
    return CounterRow{
        .group =
            {.day = Time(Milliseconds(static_cast<std::int64_t>(day))),
             .what = *counted,
             .by = *counted_by,
             .reason = std::string(*reason)},
        .name = std::string(rest),
        .count = count};
}

Result<void> each_counter(
    const Archive& archive,
    const lmdb::Txn& txn,
    Time first_day,
    Time last_day,
    const std::function<Result<void>(const CounterRow&)>& step
) {
    const lmdb::Range days{
        .from = keys::time(first_day), .to = keys::time(last_day + std::chrono::days(1))};
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const CounterRow row = TRY(decode_counter(entry));
        TRY(step(row));
        return lmdb::Walk::on;
    };
    return txn.scan(archive.tables().counters, days, look);
}

} // namespace kwit
