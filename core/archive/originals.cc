#include "core/archive/originals.hh"

#include "core/archive/objects.hh"
#include "core/base/sha256.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

OpenObject objects_in(const Archive& archive) {
    return [&archive](const Digest& digest) -> Result<File> {
        if (TRY(object_size(archive, digest))) return open_object(archive, digest);
        return fail(
            Kind::corrupt,
            fmt::format("the object {} is missing", digest.hex()),
            "restore it from a backup; kwit verify names all that is damaged"
        );
    };
}

Result<std::optional<RecipeRow>> row_of(const Archive& archive, const Digest& original) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_recipe(archive, txn, original);
}

Result<void>
make(const Archive& archive, const Digest& original, const RecipeRow& row, const ByteSink& sink) {
    const OpenObject open = objects_in(archive);
    const File recipe = TRY(open(row.objects.front()));
    return rebuild(recipe, original, open, sink);
}

/// Whether the file makes the mail of the objects as they are on disk.
Result<bool> is_proven(const Archive& archive, const TempFile& recipe, const Digest& original) {
    const File file = TRY(recipe.reader());
    const auto made = rebuild(file, original, objects_in(archive));
    if (!made && made.error().kind != Kind::corrupt) return fail(made.error());
    return made.has_value();
}

struct Found {
    Recipe recipe;
    TempFile file;
    Digest digest; ///< of the file
};

/// Nothing when there is none that is worth it.
Result<std::optional<Found>> look_for_recipe(
    const Archive& archive,
    const File& mail,
    const Digest& original,
    std::span<const Stretch> stretches,
    Compare compare
) {
    auto recipe = TRY(find_recipe(mail, original, stretches, objects_in(archive), compare));
    if (!recipe) return std::optional<Found>();
    TempFile file = TRY(temp_file(archive));
    Sha256 hash;
    TRY(write_recipe(*recipe, mail, [&](Bytes bytes) {
        hash.update(bytes);
        return file.write(bytes);
    }));
    return std::optional(Found{
        *std::move(recipe), std::move(file), Digest(std::move(hash).finish())});
}

Result<PublishedRecipe> publish(const Archive& archive, const Digest& original, Found found) {
    TRY(publish_object(archive, std::move(found.file), found.digest));
    PublishedRecipe published{original, {.size = found.recipe.size, .objects = {found.digest}}};
    for (const Digest& object : objects_of(found.recipe))
        published.row.objects.push_back(object);
    return published;
}

} // namespace

Result<std::optional<PublishedRecipe>> publish_recipe(
    const Archive& archive,
    const File& mail,
    const Digest& original,
    std::span<const Stretch> stretches
) {
    for (const Compare compare : {Compare::never, Compare::each}) {
        auto found = TRY(look_for_recipe(archive, mail, original, stretches, compare));
        if (!found) break;
        if (!TRY(is_proven(archive, found->file, original))) continue;
        auto published = TRY(publish(archive, original, *std::move(found)));
        return std::optional(std::move(published));
    }
    return std::optional<PublishedRecipe>();
}

Result<std::optional<std::uint64_t>> original_size(const Archive& archive, const Digest& original) {
    const auto row = TRY(row_of(archive, original));
    if (row) return std::optional(row->size);
    return object_size(archive, original);
}

Result<void> read_original(const Archive& archive, const Digest& original, const ByteSink& sink) {
    const auto row = TRY(row_of(archive, original));
    if (row) return make(archive, original, *row, sink);
    const File file = TRY(objects_in(archive)(original));
    const Digest found = TRY(read_object(file, sink));
    if (found == original) return {};
    return fail(
        Kind::corrupt,
        fmt::format("the object {} is damaged", original.hex()),
        "restore it from a backup; kwit verify names all that is damaged"
    );
}

Result<File> open_original(const Archive& archive, const Digest& original) {
    const auto row = TRY(row_of(archive, original));
    if (!row) return objects_in(archive)(original);
    TempFile file = TRY(temp_file(archive));
    TRY(make(archive, original, *row, [&](Bytes bytes) { return file.write(bytes); }));
    return file.reader();
}

} // namespace kwit
