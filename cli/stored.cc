#include "cli/stored.hh"

#include "core/archive/objects.hh"
#include "core/base/sha256.hh"

#include <fmt/format.h>

#include <cstddef>
#include <vector>

namespace kwit::cli {

Result<void> print_object(Context& context, const Archive& archive, const Digest& digest) {
    if (context.out.is_terminal())
        return fail(
            Kind::misuse,
            "these bytes are not for a terminal",
            "send them to a file: " + context.command_line + " > FILE"
        );
    const File file = TRY(open_object(archive, digest));
    constexpr std::size_t piece = 256 * 1024;
    std::vector<std::byte> buffer(piece);
    Sha256 hash;
    for (std::uint64_t at = 0; !context.out.ended();) {
        const std::size_t size = TRY(file.read_at(at, buffer));
        if (size == 0) break;
        const Bytes bytes = Bytes(buffer).first(size);
        hash.update(bytes);
        context.out.raw(bytes);
        at += size;
    }
    if (context.out.ended() || Digest(std::move(hash).finish()) == digest) return {};
    return fail(
        Kind::corrupt,
        fmt::format("the object {} is damaged: what was written is not what came in", digest.hex()),
        "restore it from a backup; kwit verify names all that is damaged"
    );
}

} // namespace kwit::cli
