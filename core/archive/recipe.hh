// Recipes: how to make a mail that was kept from the documents that are objects anyway. Base64 in
// lines of one length, as nearly every mail has it, gives back exactly the bytes that came: such a
// part is kept as the name of its object, everything else as the bytes it is. So the evidence of a
// mail costs a few KiB, and not its documents a second time.
//
// A recipe is only made of what was tried: find_recipe() encodes each document again and compares
// it with the mail. It is known by the digest of the mail, like an object; rebuild() gives every
// byte back and compares the digest.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/file.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kwit {

/// The bytes of an object, encoded.
struct Encoded {
    Digest object;
    std::uint64_t size = 0; ///< of the object
    std::uint32_t line = 0; ///< base64 characters of each line but the last, CRLF between lines; 0:
                            ///< not base64 but the bytes themselves
    friend bool operator==(const Encoded&, const Encoded&) = default;
};

/// Bytes as they are, or an object's.
using RecipePiece = std::variant<std::string, Encoded>;

struct Recipe {
    std::uint64_t size = 0; ///< of the mail
    std::vector<RecipePiece> pieces{};
    friend bool operator==(const Recipe&, const Recipe&) = default;
};

/// More bytes than these are not kept in the index: such a mail becomes an object, whole.
inline constexpr std::uint64_t max_recipe_bytes = 65536;

/// A stretch of the mail that one of its documents may have been decoded from.
struct Stretch {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    Digest document;
    const File* content = nullptr; ///< the decoded bytes; not owned, never null
};

/// The recipe of a mail of which these stretches (in order, none over another) are documents.
/// Nothing when none of them encodes back, or what is left is more than max_recipe_bytes or more
/// than half of the mail.
Result<std::optional<Recipe>> find_recipe(const File& mail, std::span<const Stretch> stretches);

/// Opens an object by its digest.
using OpenObject = std::function<Result<File>(const Digest&)>;

/// Hands every byte of the mail to the sink, in order. `corrupt` when an object has another size
/// than it had, or what comes out has another digest than `mail`: then something was handed out
/// already.
Result<void> rebuild(
    const Recipe& recipe,
    const Digest& mail,
    const OpenObject& open,
    const std::function<Result<void>(Bytes)>& sink
);

/// The objects of the recipe, each once for every time it is in it.
std::vector<Digest> objects_of(const Recipe& recipe);

/// What stands in table recipes; see docs/format.md.
std::string encode(const Recipe& recipe);
Result<Recipe> decode_recipe(std::string_view bytes, const std::string& name);

} // namespace kwit
