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

Result<void> add_reference(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const Digest& digest,
    std::uint64_t size,
    Reference reference
) {
    ObjectRow row{.size = size};
    const auto present = TRY(txn.get(archive.tables().objects, keys::digest(digest)));
    if (present) row = TRY(decode_object(*present, digest.hex()));
    if (row.size != size)
        return fail(
            Kind::corrupt,
            fmt::format("object {} has {} bytes, {} are expected", digest.hex(), size, row.size),
            "run kwit verify and restore the damaged file from a backup"
        );
    ++(reference == Reference::document ? row.documents : row.originals);
    const Json map = {
        {"size", row.size}, {"documents", row.documents}, {"originals", row.originals}};
    return txn.put(archive.tables().objects, keys::digest(digest), to_cbor(map));
}

} // namespace kwit
