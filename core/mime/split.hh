// A message file apart: header fields and the place where the body starts, as an MTA reads it
// (RFC 5322 §2.1, LF or CRLF): the first line that is no header field ends the block, empty or not.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/mime/header.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <vector>

namespace kwit::mime {

struct SplitMail {
    std::vector<HeaderField> fields{};
    std::uint64_t body = 0; ///< offset of the first byte of the body
};

/// Reads no more than one header over limits.headers and limits.header_bytes allow; body is then
/// where it stopped, and read_headers() says what is over.
Result<SplitMail> split_mail(const File& file, const LimitSettings& limits);

} // namespace kwit::mime
