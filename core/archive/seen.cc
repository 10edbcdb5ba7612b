#include "core/archive/seen.hh"

#include "core/archive/keys.hh"
#include "core/archive/rows.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"

namespace kwit {

namespace {

Error names_none(const lmdb::Table& table) {
    return {
        Kind::corrupt, "a row of table " + table.name() + " names no receipt", "run kwit verify"};
}

Result<Ulid> id_in(const Json& value, const lmdb::Table& table) {
    const auto id = Ulid::parse(value.is_string() ? value.get<std::string>() : std::string());
    if (!id) return fail(names_none(table));
    return *id;
}

} // namespace

std::string seen_key(std::string_view address, const Digest& identity, Verdict verdict) {
    Sha256 hash;
    hash.update(address_key(address).value_or(std::string(address)));
    hash.update(std::string_view("\0", 1));
    hash.update(identity.bytes());
    if (verdict == Verdict::refused) hash.update(name_of(verdict));
    return keys::digest(Digest(std::move(hash).finish()));
}

Result<std::optional<Receipt>>
load_seen(const Archive& archive, const lmdb::Txn& txn, const std::string& key) {
    const lmdb::Table& table = archive.tables().mail_seen;
    const auto bytes = TRY(txn.get(table, key));
    if (!bytes) return std::optional<Receipt>();
    const Json value = TRY(from_cbor(*bytes));
    const Ulid id = TRY(id_in(value, table));
    return load_receipt(archive, txn, id);
}

Result<std::vector<Receipt>>
load_receipts_of_notice(const Archive& archive, const lmdb::Txn& txn, const Ulid& outbox_id) {
    const lmdb::Table& table = archive.tables().notices;
    std::vector<Receipt> receipts;
    const auto bytes = TRY(txn.get(table, keys::ulid(outbox_id)));
    if (!bytes) return receipts;
    const Json value = TRY(from_cbor(*bytes));
    const Json list = value.is_array() ? value : Json::array({value});
    for (const Json& one : list) {
        const Ulid id = TRY(id_in(one, table));
        auto receipt = TRY(load_receipt(archive, txn, id));
        if (receipt) receipts.push_back(*std::move(receipt));
    }
    return receipts;
}

std::string encode_ids(const std::vector<std::string>& ids) {
    return to_cbor(Json(ids));
}

std::string encode_id(const std::string& id) {
    return to_cbor(id);
}

} // namespace kwit
