// Table recipes: the originals that are no objects but are made from some (recipe.hh), inside a
// transaction. Each object that an original is made of is counted for it in table objects.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

struct RecipeRow {
    std::uint64_t size = 0;        ///< of the original
    std::vector<Digest> objects{}; ///< the recipe's file, and then those that it names, each once
};

/// Nothing when the original is an object itself.
Result<std::optional<RecipeRow>>
load_recipe(const Archive& archive, const lmdb::Txn& txn, const Digest& original);

/// An archive with a recipe in it is one that kwits of before recipes do not open.
Result<void> put_recipe(
    const Archive& archive, lmdb::WriteTxn& txn, const Digest& original, const RecipeRow& row
);

/// Where there is one: the original is removed.
Result<void> erase_recipe(const Archive& archive, lmdb::WriteTxn& txn, const Digest& original);

/// `corrupt` when it is none. original: for the message.
Result<RecipeRow> decode_recipe_row(std::string_view bytes, const std::string& original);

/// What the original is made of. The first one is its own: the recipe, else itself.
Result<std::vector<Digest>>
objects_of_original(const Archive& archive, const lmdb::Txn& txn, const Digest& original);

} // namespace kwit
