// The bytes of a member within the file that holds it.
//
// That file may be the output of a child that hostile bytes have taken over, which still has it
// open: what was read of it before may be other bytes by now.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/mime/examine.hh"
#include "core/model/digest.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kwit {

struct Range {
    const File* file;
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
};

/// Calls take(Bytes) with all of it, piece by piece.
template <typename Take>
Result<void> each_piece(const Range& range, Take take) {
    constexpr std::size_t buffer_size = 65536;
    std::vector<std::byte> buffer(buffer_size);
    for (std::uint64_t at = 0; at < range.size;) {
        const std::uint64_t most = std::min<std::uint64_t>(buffer.size(), range.size - at);
        const std::size_t count =
            TRY(range.file->read_at(range.begin + at, std::span(buffer).first(most)));
        if (count == 0)
            return fail(
                Kind::temporary, fmt::format("cannot read {}: it is cut off", range.file->name())
            );
        at += count;
        TRY(take(Bytes(buffer).first(count)));
    }
    return {};
}

/// A file of its own. see: gets every piece of the copy.
template <typename See>
Result<TempFile> copy_of(const Range& range, const mime::MakeTemp& make_temp, See see) {
    TempFile file = TRY(make_temp());
    TRY(each_piece(range, [&file, &see](Bytes piece) {
        see(piece);
        return file.write(piece);
    }));
    return file;
}

/// A copy that has this digest; `temporary` when it has not.
Result<TempFile>
copy_with(const Digest& digest, const Range& range, const mime::MakeTemp& make_temp);

/// As much of its beginning as formats are told by.
Result<std::string> head_of(const Range& range);

} // namespace kwit
