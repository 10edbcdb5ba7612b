// Originals: mails as they came. One is an object itself, or it is made from a recipe (recipe.hh)
// and the objects that the recipe names. Everybody who wants one asks here, and gets the very bytes
// that came, or an error.
#pragma once

#include "core/archive/recipe.hh"
#include "core/archive/recipe_rows.hh"

#include <cstdint>
#include <optional>
#include <span>

namespace kwit {

/// An original whose recipe is published, on its way into the index (MailCommit).
struct PublishedRecipe {
    Digest original;
    RecipeRow row;
};

/// Makes the mail's recipe an object, proven: what it makes of the objects as they are on disk now
/// has the mail's digest. Nothing when there is none that is worth it, or none that is proven: then
/// the mail has to be published itself. The objects of the stretches must be published.
Result<std::optional<PublishedRecipe>> publish_recipe(
    const Archive& archive,
    const File& mail,
    const Digest& original,
    std::span<const Stretch> stretches
);

/// Of the mail; nothing when it is not there. It may be damaged all the same.
Result<std::optional<std::uint64_t>> original_size(const Archive& archive, const Digest& original);

/// Hands every byte to the sink, if there is one. `corrupt` when it is missing, damaged, or cannot
/// be made: then something may have been handed out already.
Result<void>
read_original(const Archive& archive, const Digest& original, const ByteSink& sink = {});

/// For who reads it in pieces. What is made from a recipe is a file without a name, checked, for
/// which the archive must be open for writing; what is an object is as it is on disk.
Result<File> open_original(const Archive& archive, const Digest& original);

} // namespace kwit
