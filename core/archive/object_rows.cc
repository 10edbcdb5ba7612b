#include "core/archive/object_rows.hh"

#include "core/archive/keys.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit {

Result<ObjectRow> decode_object(std::string_view bytes, const std::string& name) {
    const auto map = from_cbor(bytes);
    const auto number = [&](const char* field) -> std::optional<std::uint64_t> {
        if (!map || !map->is_object() || !map->contains(field)) return std::nullopt;
        const Json& value = (*map)[field];
        if (!value.is_number_unsigned()) return std::nullopt;
        return value.get<std::uint64_t>();
    };
    const auto size = number("size");
    const auto documents = number("documents");
    const auto originals = number("originals");
    if (size && documents && originals) return ObjectRow{*size, *documents, *originals};
    return fail(
        Kind::corrupt,
        fmt::format("the row of object {} is damaged", name),
        "run kwit verify and restore the index from a backup"
    );
}

Result<std::optional<ObjectRow>>
load_object(const Archive& archive, const lmdb::Txn& txn, const Digest& digest) {
    const auto bytes = TRY(txn.get(archive.tables().objects, keys::digest(digest)));
    if (!bytes) return std::optional<ObjectRow>();
    const ObjectRow row = TRY(decode_object(*bytes, digest.hex()));
    return std::optional(row);
}

namespace {

Result<void> put_object(
    const Archive& archive, lmdb::WriteTxn& txn, const Digest& digest, const ObjectRow& row
) {
    const Json map = {
        {"size", row.size}, {"documents", row.documents}, {"originals", row.originals}};
    return txn.put(archive.tables().objects, keys::digest(digest), to_cbor(map));
}

} // namespace

Result<void> let_go_of_object(
    const Archive& archive, lmdb::WriteTxn& txn, const Digest& digest, std::uint64_t originals
) {
    auto row = TRY(load_object(archive, txn, digest));
    if (!row || row->originals < originals)
        return fail(
            Kind::corrupt,
            fmt::format("object {} is counted for fewer originals than it has", digest.hex()),
            "run kwit verify and restore the index from a backup"
        );
    row->originals -= originals;
    if (row->documents > 0 || row->originals > 0) return put_object(archive, txn, digest, *row);
    TRY(txn.erase(archive.tables().objects, keys::digest(digest)));
    return {};
}

Result<void> add_reference(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const Digest& digest,
    std::uint64_t size,
    Reference reference
) {
    const auto present = TRY(load_object(archive, txn, digest));
    ObjectRow row = present.value_or(ObjectRow{.size = size});
    if (row.size != size)
        return fail(
            Kind::corrupt,
            fmt::format("object {} has {} bytes, {} are expected", digest.hex(), size, row.size),
            "run kwit verify and restore the damaged file from a backup"
        );
    ++(reference == Reference::document ? row.documents : row.originals);
    return put_object(archive, txn, digest, row);
}

} // namespace kwit
