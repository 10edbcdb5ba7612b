#include "core/intake/range.hh"

#include "core/base/sha256.hh"
#include "core/base/text.hh"
#include "core/mime/magic.hh"

#include <utility>

namespace kwit {

Result<TempFile>
copy_with(const Digest& digest, const Range& range, const mime::MakeTemp& make_temp) {
    Sha256 hash;
    TempFile copy = TRY(copy_of(range, make_temp, [&hash](Bytes piece) { hash.update(piece); }));
    if (Digest(std::move(hash).finish()) != digest)
        return fail(
            Kind::temporary,
            fmt::format("{} changed while it was read", range.file->name()),
            "the mail is looked into anew when it is sent again"
        );
    return copy;
}

Result<std::string> head_of(const Range& range) {
    std::vector<std::byte> head(std::min<std::uint64_t>(range.size, mime::magic_head));
    const std::size_t count = TRY(range.file->read_at(range.begin, head));
    return std::string(as_text(Bytes(head).first(count)));
}

} // namespace kwit
