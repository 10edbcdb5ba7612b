#include "core/archive/near_misses.hh"

#include "core/archive/counters.hh"
#include "core/archive/keys.hh"
#include "core/archive/records.hh"
#include "core/archive/rows.hh"
#include "core/archive/token.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

#include <algorithm>

namespace kwit {

namespace {

constexpr std::size_t day_size = 8;

/// Old rows that one change takes away, so that it stays a small one.
constexpr std::size_t max_forgotten = 1000;

bool is_one_character_apart(std::string_view one, std::string_view other) {
    if (one.size() < other.size()) std::swap(one, other);
    if (one.size() - other.size() > 1) return false;
    const auto* const end = std::mismatch(other.begin(), other.end(), one.begin()).first;
    const auto same = static_cast<std::size_t>(end - other.begin());
    one.remove_prefix(same);
    other.remove_prefix(same);
    if (one.size() != other.size()) return one.substr(1) == other;
    if (one.empty()) return false;
    if (one.substr(1) == other.substr(1)) return true;
    return one.size() > 1 && one[0] == other[1] && one[1] == other[0] &&
           one.substr(2) == other.substr(2);
}

// ── rows ─────────────────────────────────────────────────────────────────────────────────────────

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

std::string encode(const NearMiss& miss) {
    if (miss.address.empty()) {
        const Json rest = {{"count", miss.count}};
        return to_cbor(rest);
    }
    const Json map = {
        {"address", miss.address},
        {"near", text_or_null(miss.near)},
        {"client", text_or_null(miss.client)},
        {"count", miss.count},
        {"first_at", rfc3339(miss.first_at)},
        {"last_at", rfc3339(miss.last_at)},
        {"senders", miss.senders},
        {"networks", miss.networks}};
    return to_cbor(map);
}

Error damaged() {
    return {
        Kind::corrupt, "a row of table near-misses is damaged", "restore the index from a backup"};
}

std::optional<std::string> text_in(const Json& map, const char* name) {
    const auto found = map.find(name);
    if (found == map.end() || found->is_null()) return std::string();
    if (!found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::optional<std::vector<std::string>> texts_in(const Json& map, const char* name) {
    const auto found = map.find(name);
    if (found == map.end() || found->is_null()) return std::vector<std::string>();
    if (!found->is_array()) return std::nullopt;
    std::vector<std::string> texts;
    for (const Json& one : *found) {
        if (!one.is_string()) return std::nullopt;
        texts.push_back(one.get<std::string>());
    }
    return texts;
}

std::optional<Time> time_in(const Json& map, const char* name) {
    const auto text = text_in(map, name);
    if (!text) return std::nullopt;
    return text->empty() ? Time{} : parse_rfc3339(*text);
}

Result<NearMiss> decode_value(std::string_view bytes) {
    const auto map = from_cbor(bytes);
    if (!map || !map->is_object()) return fail(damaged());
    const auto count = map->find("count");
    const auto address = text_in(*map, "address");
    const auto near = text_in(*map, "near");
    const auto client = text_in(*map, "client");
    const auto first_at = time_in(*map, "first_at");
    const auto last_at = time_in(*map, "last_at");
    const auto senders = texts_in(*map, "senders");
    const auto networks = texts_in(*map, "networks");
    const bool is_whole = count != map->end() && count->is_number_unsigned() && address && near &&
                          client && first_at && last_at && senders && networks;
    if (!is_whole) return fail(damaged());
    return NearMiss{
        *address,
        *near,
        *client,
        count->get<std::uint64_t>(),
        *first_at,
        *last_at,
        *senders,
        *networks};
}

// ── what is near ─────────────────────────────────────────────────────────────────────────────────

using Found = std::vector<NearMiss>;

/// Looks for the known addresses of the domain that those of it are near.
Result<void> look_in_domain(
    const Archive& archive, const lmdb::Txn& txn, const std::string& domain, Found& misses
) {
    const std::string prefix = keys::group(domain);
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const std::string_view known = entry.key.substr(prefix.size());
        for (NearMiss& miss : misses) {
            if (!miss.near.empty() || !is_near(known, before_at(miss.address))) continue;
            const auto address =
                TRY(decode<ImportAddress>(entry.value, "a row of table addresses"));
            miss.near = address.address;
            miss.client = address.client;
        }
        return lmdb::Walk::on;
    };
    return txn.scan(archive.tables().addresses, lmdb::Range::prefix(prefix), look);
}

/// Those of them that are worth a row.
Result<Found> find(const Archive& archive, const Misses& misses) {
    std::map<std::string, Found> domains;
    for (const auto& [address, miss] : misses.all())
        domains[std::string(behind_at(address))].push_back(miss);
    const lmdb::ReadTxn txn = TRY(archive.read());
    Found found;
    for (auto& [domain, of_domain] : domains) {
        TRY(look_in_domain(archive, txn, domain, of_domain));
        for (const NearMiss& miss : of_domain)
            if (!miss.near.empty() || has_mistyped_token(before_at(miss.address)))
                found.push_back(miss);
    }
    return found;
}

// ── a day ────────────────────────────────────────────────────────────────────────────────────────

/// The rows of a day, those near known addresses apart from the others: each sort has a number of
/// its own.
class Day {
public:
    void load(const NearMiss& row) { rows_.insert_or_assign(row.address, row); }

    void add(const NearMiss& miss) {
        const auto known = rows_.find(miss.address);
        const bool has_row = known != rows_.end();
        const std::string name = has_row || has_room(miss) ? miss.address : std::string();
        NearMiss& row = rows_[name];
        if (name.empty())
            row.count += miss.count;
        else if (has_row)
            merge(row, miss);
        else
            row = miss;
        changed_.push_back(name);
    }

    Result<void> write(const Archive& archive, lmdb::WriteTxn& txn, const std::string& key) const {
        for (const std::string& name : changed_)
            TRY(txn.put(archive.tables().near_misses, key + name, encode(rows_.at(name))));
        return {};
    }

private:
    [[nodiscard]] bool has_room(const NearMiss& miss) const {
        const bool is_near_known = !miss.near.empty();
        std::size_t of_sort = 0;
        std::size_t near_same = 0;
        for (const auto& [name, row] : rows_) {
            if (name.empty() || row.near.empty() == is_near_known) continue;
            ++of_sort;
            if (row.near == miss.near) ++near_same;
        }
        if (!is_near_known) return of_sort < max_mistyped_tokens;
        return of_sort < max_near_misses && near_same < max_near_one;
    }

    std::map<std::string, NearMiss> rows_{};
    std::vector<std::string> changed_{};
};

Result<void>
add_to_day(const Archive& archive, lmdb::WriteTxn& txn, Time time, const Found& misses) {
    Day day;
    const auto load = [&](const NearMiss& row) -> Result<void> {
        day.load(row);
        return {};
    };
    TRY(each_near_miss(archive, txn, time, time, load));
    for (const NearMiss& miss : misses)
        day.add(miss);
    return day.write(archive, txn, keys::time(time));
}

void add_origin(std::vector<std::string>& origins, const std::string& origin) {
    std::erase(origins, origin);
    origins.push_back(origin);
    if (origins.size() > max_origins) origins.erase(origins.begin());
}

} // namespace

bool has_mistyped_token(const NearMiss& miss) {
    return miss.near.empty() || has_mistyped_token(before_at(miss.address));
}

void merge(NearMiss& miss, const NearMiss& other) {
    const bool other_is_older = other.last_at < miss.last_at;
    const NearMiss& older = other_is_older ? other : miss;
    const NearMiss& newer = other_is_older ? miss : other;
    NearMiss merged = older;
    for (const std::string& sender : newer.senders)
        add_origin(merged.senders, sender);
    for (const std::string& network : newer.networks)
        add_origin(merged.networks, network);
    if (merged.near.empty()) {
        merged.near = newer.near;
        merged.client = newer.client;
    }
    merged.count += newer.count;
    merged.first_at = std::min(older.first_at, newer.first_at);
    merged.last_at = newer.last_at;
    miss = std::move(merged);
}

void Misses::add(const NearMiss& miss) {
    const auto known = misses_.find(miss.address);
    if (known != misses_.end())
        merge(known->second, miss);
    else if (misses_.size() < max_misses)
        misses_.emplace(miss.address, miss);
}

void Misses::add(const Misses& other) {
    for (const auto& [address, miss] : other.misses_)
        add(miss);
}

bool is_near(std::string_view known, std::string_view tried) {
    if (is_one_character_apart(known, tried)) return true;
    const std::string_view token = token_of(known);
    return known != tried && !token.empty() && token == token_of(tried);
}

Result<void> add_near_misses(Archive& archive, const Misses& misses) {
    const Found found = TRY(find(archive, misses));
    if (found.empty()) return {};
    std::map<Time, Found> days;
    for (const NearMiss& miss : found)
        days[day_of(miss.last_at)].push_back(miss);
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        for (const auto& [day, of_day] : days)
            TRY(add_to_day(archive, txn, day, of_day));
        return erase_before(
            txn, archive.tables().near_misses, days.rbegin()->first - keep_counters, max_forgotten
        );
    });
}

Result<NearMiss> decode_near_miss(const lmdb::Entry& entry) {
    if (entry.key.size() < day_size) return fail(damaged());
    NearMiss miss = TRY(decode_value(entry.value));
    if (miss.address != entry.key.substr(day_size)) return fail(damaged());
    return miss;
}

Result<void> each_near_miss(
    const Archive& archive,
    const lmdb::Txn& txn,
    Time first_day,
    Time last_day,
    const std::function<Result<void>(const NearMiss&)>& step
) {
    const lmdb::Range days{
        .from = keys::time(first_day), .to = keys::time(last_day + std::chrono::days(1))};
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const NearMiss miss = TRY(decode_near_miss(entry));
        TRY(step(miss));
        return lmdb::Walk::on;
    };
    return txn.scan(archive.tables().near_misses, days, look);
}

} // namespace kwit
