#include "core/archive/rows.hh"

#include "core/archive/keys.hh"
#include "core/base/json.hh"
#include "core/model/email_address.hh"

namespace kwit {

namespace {

constexpr std::string_view last_id_key = "last-id";

} // namespace

Result<Ulid> mint_id(const Archive& archive, lmdb::WriteTxn& txn, Time at) {
    Ulid last = Ulid::from_bytes({});
    const auto stored = TRY(txn.get(archive.tables().meta, last_id_key));
    if (stored) {
        const Json text = TRY(from_cbor(*stored));
        auto id = text.is_string() ? Ulid::parse(text.get<std::string>())
                                   : Result<Ulid>(fail(Kind::corrupt, ""));
        if (!id)
            return fail(
                Kind::corrupt,
                "the last id in table meta is damaged",
                "restore the index from a backup"
            );
        last = *id;
    }
    const Ulid id = Ulid::mint(at, last);
    TRY(txn.put(archive.tables().meta, last_id_key, to_cbor(id.text())));
    return id;
}

Result<void> put_receipt(const Archive& archive, lmdb::WriteTxn& txn, const Receipt& receipt) {
    const Tables& tables = archive.tables();
    const Ulid id = TRY(Ulid::parse(receipt.id));
    const std::string key = keys::ulid(id);
    TRY(txn.put(tables.receipts, key, encode(receipt)));
    if (is_unresolved(receipt))
        TRY(txn.put(tables.receipts_unresolved, key, {}));
    else
        TRY(txn.erase(tables.receipts_unresolved, key));
    return {};
}

Result<void>
erase_before(lmdb::WriteTxn& txn, const lmdb::Table& table, Time time, std::size_t max) {
    std::vector<std::string> old;
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        old.emplace_back(entry.key);
        return old.size() < max ? lmdb::Walk::on : lmdb::Walk::stop;
    };
    TRY(txn.scan(table, {.to = keys::time(time)}, look));
    for (const std::string& key : old)
        TRY(txn.erase(table, key));
    return {};
}

std::optional<std::string> address_key(std::string_view text) {
    const auto address = EmailAddress::parse(text);
    if (!address) return std::nullopt;
    return address->key();
}

} // namespace kwit
