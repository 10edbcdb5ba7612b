#include "cli/stored.hh"

#include "core/archive/objects.hh"
#include "core/archive/originals.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

Result<void> check_no_terminal(const Context& context) {
    if (!context.out.is_terminal()) return {};
    return fail(
        Kind::misuse,
        "these bytes are not for a terminal",
        "send them to a file: " + context.command_line + " > FILE"
    );
}

Error lost(const Digest& digest, std::string_view how) {
    return {
        .kind = Kind::corrupt,
        .what = fmt::format("the object {} is {}", digest.hex(), how),
        .remedy = "restore it from a backup; kwit verify names all that is damaged"};
}

ByteSink to_output(Context& context) {
    return [&context](Bytes bytes) -> Result<void> {
        context.out.raw(bytes);
        return {};
    };
}

} // namespace

Result<void> print_object(Context& context, const Archive& archive, const Digest& digest) {
    TRY(check_no_terminal(context));
    if (!TRY(object_size(archive, digest))) return fail(lost(digest, "missing"));
    const File file = TRY(open_object(archive, digest));
    if (TRY(read_object(file)) != digest) return fail(lost(digest, "damaged"));
    TRY(read_object(file, to_output(context)));
    return {};
}

Result<void> print_original(Context& context, const Archive& archive, const Digest& original) {
    TRY(check_no_terminal(context));
    TRY(read_original(archive, original)); // whole, before a byte of it goes out
    return read_original(archive, original, to_output(context));
}

} // namespace kwit::cli
