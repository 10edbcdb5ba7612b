// Recipes: how to make a mail that was kept from the documents that are objects anyway. Base64 in
// lines of one length, as nearly every mail has it, gives back exactly the bytes that came: such a
// part is kept as the name of its object, everything else as the bytes it is. So the evidence of a
// mail costs a few KiB, and not its documents a second time.
//
// A recipe is a file, an object like any other: lines that people can read, an empty line, and then
// the bytes that are kept as they are (docs/format.md). It names the mail that it makes, so that
// the objects alone are enough to get every mail back, without the index.
//
// It is only kept when it was tried: rebuild() compares the digest of what it makes. Where the
// first guess fails, each document is encoded again by itself and compared with the mail.
#pragma once

#include "core/base/file.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kwit {

/// Bytes that stand in the recipe as they are.
struct Literal {
    std::uint64_t size = 0;
    friend bool operator==(const Literal&, const Literal&) = default;
};

/// The bytes of an object, encoded.
struct Encoded {
    Digest object;
    std::uint64_t size = 0; ///< of the object
    std::uint32_t line = 0; ///< base64 characters of each line but the last, CRLF between lines; 0:
                            ///< not base64 but the bytes themselves
    friend bool operator==(const Encoded&, const Encoded&) = default;
};

using RecipePiece = std::variant<Literal, Encoded>;

struct Recipe {
    Digest mail;
    std::uint64_t size = 0; ///< of the mail
    std::vector<RecipePiece> pieces{};
    friend bool operator==(const Recipe&, const Recipe&) = default;
};

/// Less than this is not worth a recipe: files take whole blocks, and it costs a row of the index.
inline constexpr std::uint64_t least_saving = 16384;

/// A stretch of the mail that an object may have been decoded from.
struct Stretch {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    Digest object;
};

/// Opens an object by its digest.
using OpenObject = std::function<Result<File>(const Digest&)>;

/// Whether each document is compared with the mail, or is taken to be as it looks: nearly always
/// that is right, and the proof of the whole recipe is needed anyway.
enum class Compare { never, each };

/// Takes bytes, in order.
using ByteSink = std::function<Result<void>(Bytes)>;

/// The recipe of a mail in which these stretches (in order, none over another) are documents, as
/// they are in the archive now. Nothing when it would save less than least_saving, as when none of
/// them encodes back. With Compare::never it may be wrong.
Result<std::optional<Recipe>> find_recipe(
    const File& mail,
    const Digest& digest,
    std::span<const Stretch> stretches,
    const OpenObject& open,
    Compare compare
);

/// The file of a recipe; mail: what it was found for.
Result<void> write_recipe(const Recipe& recipe, const File& mail, const ByteSink& sink);

/// What the file says; `corrupt` when it is no recipe.
Result<Recipe> read_recipe(const File& file);

/// Hands every byte of the mail to the sink, if there is one. `corrupt` when the file is no recipe
/// of this mail, an object has another size than it had, or what comes out has another digest: then
/// something was handed out already.
Result<void>
rebuild(const File& file, const Digest& mail, const OpenObject& open, const ByteSink& sink = {});

/// The objects that the recipe names, each once.
std::vector<Digest> objects_of(const Recipe& recipe);

} // namespace kwit
