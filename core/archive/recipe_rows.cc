#include "core/archive/recipe_rows.hh"

#include "core/archive/keys.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

/// Nothing when they are no list of digests.
std::optional<std::vector<Digest>> digests_in(const Json& list) {
    if (!list.is_array()) return std::nullopt;
    std::vector<Digest> digests;
    for (const Json& item : list) {
        const auto digest = item.is_string() ? Digest::parse(item.get<std::string>())
                                             : Result<Digest>(fail(Kind::corrupt, "no text"));
        if (!digest) return std::nullopt;
        digests.push_back(*digest);
    }
    return digests;
}

} // namespace

Result<RecipeRow> decode_recipe_row(std::string_view bytes, const std::string& original) {
    const auto map = from_cbor(bytes);
    if (map && map->is_object() && map->contains("size") && map->contains("objects")) {
        const Json& size = (*map)["size"];
        auto objects = digests_in((*map)["objects"]);
        if (size.is_number_unsigned() && objects && !objects->empty())
            return RecipeRow{size.get<std::uint64_t>(), *std::move(objects)};
    }
    return fail(
        Kind::corrupt,
        fmt::format("the row of the recipe of mail {} is damaged", original),
        "run kwit verify and restore the index from a backup"
    );
}

Result<std::optional<RecipeRow>>
load_recipe(const Archive& archive, const lmdb::Txn& txn, const Digest& original) {
    const auto bytes = TRY(txn.get(archive.tables().recipes, keys::digest(original)));
    if (!bytes) return std::optional<RecipeRow>();
    RecipeRow row = TRY(decode_recipe_row(*bytes, original.hex()));
    return std::optional(std::move(row));
}

Result<void> put_recipe(
    const Archive& archive, lmdb::WriteTxn& txn, const Digest& original, const RecipeRow& row
) {
    Json objects = Json::array();
    for (const Digest& object : row.objects)
        objects.push_back(object.hex());
    TRY(archive.raise_version(txn));
    return txn.put(
        archive.tables().recipes,
        keys::digest(original),
        to_cbor({{"size", row.size}, {"objects", std::move(objects)}})
    );
}

Result<void> erase_recipe(const Archive& archive, lmdb::WriteTxn& txn, const Digest& original) {
    TRY(txn.erase(archive.tables().recipes, keys::digest(original)));
    return {};
}

Result<std::vector<Digest>>
objects_of_original(const Archive& archive, const lmdb::Txn& txn, const Digest& original) {
    auto row = TRY(load_recipe(archive, txn, original));
    return row ? std::move(row->objects) : std::vector{original};
}

} // namespace kwit
