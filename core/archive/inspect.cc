#include "core/archive/inspect.hh"

#include "core/archive/keys.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit {

namespace {

/// How one part of a key is laid out. A text reaches to the next NUL or to the end.
enum class Part { text, ulid, digest, number, time };

struct Layout {
    std::string_view table;
    std::vector<Part> parts;
};

const std::vector<Layout>& layouts() {
    static const std::vector<Layout> all = {
        {"meta", {Part::text}},
        {"clients", {Part::text}},
        {"senders", {Part::text, Part::text}},
        {"senders-by-client", {Part::text, Part::text}},
        {"codes", {Part::text}},
        {"addresses", {Part::text, Part::text}},
        {"addresses-by-client", {Part::text, Part::text, Part::text}},
        {"decorations", {Part::text, Part::digest}},
        {"receipts", {Part::ulid}},
        {"receipts-by-client", {Part::text, Part::ulid}},
        {"receipts-unresolved", {Part::ulid}},
        {"mail-seen", {Part::digest}},
        {"documents", {Part::ulid}},
        {"documents-by-client", {Part::text, Part::ulid}},
        {"documents-by-period", {Part::text, Part::text, Part::ulid}},
        {"documents-by-digest", {Part::digest, Part::ulid}},
        {"outbox", {Part::ulid}},
        {"outbox-due", {Part::time, Part::ulid}},
        {"notices", {Part::ulid}},
        {"objects", {Part::digest}},
        {"recipes", {Part::digest}},
        {"near-misses", {Part::time, Part::text}},
        {"journal", {Part::number}},
        {"counters", {Part::time, Part::text, Part::text, Part::text, Part::text}},
        {"usage", {Part::time, Part::text, Part::text}},
        {"notices-of-day", {Part::time, Part::text}},
    };
    return all;
}

struct Found {
    const lmdb::Table& table;
    const std::vector<Part>& parts;
};

Result<Found> find_table(const Archive& archive, std::string_view name) {
    const auto* const table =
        std::find_if(table_names.begin(), table_names.end(), [&](const TableName& candidate) {
            return candidate.name == name;
        });
    const auto layout =
        std::find_if(layouts().begin(), layouts().end(), [&](const Layout& candidate) {
            return candidate.table == name;
        });
    if (table != table_names.end() && layout != layouts().end())
        return Found{archive.tables().*table->table, layout->parts};
    std::vector<std::string> known;
    known.reserve(table_names.size());
    for (const TableName& each : table_names)
        known.emplace_back(each.name);
    return fail(
        Kind::refused, fmt::format("there is no table {}", name), "tables: " + join(known, ", ")
    );
}

/// Takes the bytes of the part off the front of the key; nothing when there are too few.
std::optional<std::string_view> cut(Part part, std::string_view& key, bool is_last) {
    std::size_t size = 0;
    switch (part) {
    case Part::text:
        size = is_last ? key.size() : key.find('\0');
        break;
    case Part::ulid:
        size = 16;
        break;
    case Part::digest:
        size = 32;
        break;
    case Part::number:
    case Part::time:
        size = 8;
        break;
    }
    if (size > key.size()) return std::nullopt;
    const std::string_view bytes = key.substr(0, size);
    key.remove_prefix(size);
    if (part == Part::text && !is_last) key.remove_prefix(1);
    return bytes;
}

std::string readable_part(Part part, std::string_view bytes) {
    switch (part) {
    case Part::text:
        return std::string(bytes);
    case Part::digest:
        return to_hex(bytes);
    case Part::ulid: {
        const auto id = keys::to_ulid(bytes);
        return id ? id->text() : to_hex(bytes);
    }
    case Part::number:
    case Part::time: {
        const auto number = keys::to_number(bytes);
        if (!number) return to_hex(bytes);
        if (part == Part::number) return fmt::format("{}", *number);
        return rfc3339(Time(Milliseconds(static_cast<std::int64_t>(*number))));
    }
    }
    return to_hex(bytes);
}

std::string readable_key(const std::vector<Part>& parts, std::string_view key) {
    std::string out;
    std::string_view rest = key;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto bytes = cut(parts[i], rest, i + 1 == parts.size());
        if (!bytes) return "0x" + to_hex(key);
        if (i > 0) out += ' ';
        out += readable_part(parts[i], *bytes);
    }
    return rest.empty() ? out : "0x" + to_hex(key);
}

/// The stored form of one readable part; nothing when it is none of its kind.
std::optional<std::string> stored_part(Part part, std::string_view text) {
    switch (part) {
    case Part::text:
        return std::string(text);
    case Part::ulid: {
        const auto id = Ulid::parse(text);
        return id ? std::optional(keys::ulid(*id)) : std::nullopt;
    }
    case Part::digest: {
        const auto digest = Digest::parse(text);
        return digest ? std::optional(keys::digest(*digest)) : std::nullopt;
    }
    case Part::number: {
        const auto number = parse_number(text);
        return number ? std::optional(keys::number(*number)) : std::nullopt;
    }
    case Part::time: {
        const auto time = parse_rfc3339(text);
        return time ? std::optional(keys::time(*time)) : std::nullopt;
    }
    }
    return std::nullopt;
}

std::optional<std::string> unhex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    constexpr std::string_view alphabet = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const std::size_t high = alphabet.find(to_lower(digits[i]));
        const std::size_t low = alphabet.find(to_lower(digits[i + 1]));
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        out += static_cast<char>(high << 4U | low);
    }
    return out;
}

/// The inverse of readable_key(): the last part takes what is left, spaces and all.
std::optional<std::string> stored_key(const std::vector<Part>& parts, std::string_view readable) {
    if (readable.substr(0, 2) == "0x") return unhex(readable.substr(2));
    std::string out;
    std::string_view rest = readable;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool is_last = i + 1 == parts.size();
        const std::size_t end = is_last ? rest.size() : rest.find(' ');
        if (end == std::string_view::npos) return std::nullopt;
        const auto part = stored_part(parts[i], rest.substr(0, end));
        if (!part) return std::nullopt;
        out += *part;
        if (parts[i] == Part::text && !is_last) out += '\0';
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

} // namespace

Result<std::vector<TableInfo>> inspect_tables(const Archive& archive) {
    std::vector<TableInfo> out;
    const lmdb::ReadTxn txn = TRY(archive.read());
    for (const TableName& table : table_names) {
        const lmdb::TableStat stat = TRY(txn.stat(archive.tables().*table.table));
        out.push_back({std::string(table.name), stat.entries, stat.bytes});
    }
    return out;
}

Result<std::vector<KeyInfo>>
inspect_keys(const Archive& archive, std::string_view table, const Page& page) {
    std::vector<KeyInfo> out;
    const Found found = TRY(find_table(archive, table));
    if (page.limit == std::size_t{0}) return out;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        out.push_back({readable_key(found.parts, entry.key), entry.value.size()});
        return page.limit && out.size() == *page.limit ? lmdb::Walk::stop : lmdb::Walk::on;
    };
    TRY(txn.scan(found.table, {.order = page.order}, look));
    return out;
}

Result<RawRecord>
inspect_record(const Archive& archive, std::string_view table, std::string_view key) {
    const Found found = TRY(find_table(archive, table));
    const auto stored = stored_key(found.parts, key);
    if (stored) {
        const lmdb::ReadTxn txn = TRY(archive.read());
        const auto value = TRY(txn.get(found.table, *stored));
        if (value) return RawRecord{*stored, std::string(*value)};
    }
    return fail(
        Kind::refused,
        fmt::format("table {} has no key {}", table, key),
        fmt::format("list its keys: kwit inspect {}", table)
    );
}

Result<Json> readable_value(const RawRecord& record) {
    if (record.value.empty()) return Json();
    return from_cbor(record.value);
}

} // namespace kwit
