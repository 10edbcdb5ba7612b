#include "cli/stored.hh"

#include "core/archive/objects.hh"
#include "core/base/sha256.hh"

#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <vector>

namespace kwit::cli {

namespace {

/// Calls step for the file's bytes, piece by piece.
Result<void> each_piece(const File& file, const std::function<void(Bytes)>& step) {
    constexpr std::size_t piece = 256 * 1024;
    std::vector<std::byte> buffer(piece);
    for (std::uint64_t at = 0;;) {
        const std::size_t size = TRY(file.read_at(at, buffer));
        if (size == 0) return {};
        step(Bytes(buffer).first(size));
        at += size;
    }
}

Error lost(const Digest& digest, std::string_view how) {
    return {
        .kind = Kind::corrupt,
        .what = fmt::format("the object {} is {}", digest.hex(), how),
        .remedy = "restore it from a backup; kwit verify names all that is damaged"};
}

} // namespace

Result<void> print_object(Context& context, const Archive& archive, const Digest& digest) {
    if (context.out.is_terminal())
        return fail(
            Kind::misuse,
            "these bytes are not for a terminal",
            "send them to a file: " + context.command_line + " > FILE"
        );
    if (!TRY(object_size(archive, digest))) return fail(lost(digest, "missing"));
    const File file = TRY(open_object(archive, digest));
    Sha256 hash;
    TRY(each_piece(file, [&](Bytes bytes) { hash.update(bytes); }));
    if (Digest(std::move(hash).finish()) != digest) return fail(lost(digest, "damaged"));
    return each_piece(file, [&](Bytes bytes) { context.out.raw(bytes); });
}

} // namespace kwit::cli
