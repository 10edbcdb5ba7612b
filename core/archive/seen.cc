#include "core/archive/seen.hh"

#include "core/archive/keys.hh"
#include "core/archive/rows.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"

namespace kwit {

namespace {

/// The receipt that a row of mail-seen or notices points to.
Result<std::optional<Receipt>> load_pointed(
    const Archive& archive, const lmdb::Txn& txn, const lmdb::Table& table, const std::string& key
) {
    const auto bytes = TRY(txn.get(table, key));
    if (!bytes) return std::optional<Receipt>();
    const Json value = TRY(from_cbor(*bytes));
    const auto id = Ulid::parse(value.is_string() ? value.get<std::string>() : std::string());
    if (!id)
        return fail(
            Kind::corrupt, "a row of table " + table.name() + " names no receipt", "run kwit verify"
        );
    return load_receipt(archive, txn, *id);
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
    return load_pointed(archive, txn, archive.tables().mail_seen, key);
}

Result<std::optional<Receipt>>
load_receipt_of_notice(const Archive& archive, const lmdb::Txn& txn, const Ulid& outbox_id) {
    return load_pointed(archive, txn, archive.tables().notices, keys::ulid(outbox_id));
}

std::string encode_id(const std::string& id) {
    return to_cbor(id);
}

} // namespace kwit
