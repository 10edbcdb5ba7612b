// The structure of a mail as the plain words of RFC 2046 have it, read strictly from the raw bytes
// by ourselves: entities, the ranges of their contents, and every place where another program could
// read something else. GMime's reading is compared with it (walk.hh). What it holds is bounded by
// the limits; what Caps refuses never comes here.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/mime/content.hh"
#include "core/mime/header.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace kwit::mime {

/// Text before, between and after parts that GMime would keep in memory.
constexpr std::uint64_t max_text_outside_parts = 65536;

struct Leaf {
    std::uint64_t begin = 0; ///< of the content, in bytes of the file
    std::uint64_t end = 0;   ///< one past it; the line end before a delimiter belongs to that
    ContentFacts content{};
    Place place = Place::other;
    bool nested_mail = false;
    bool truncated = false; ///< its multipart had no close delimiter
};

struct Outline {
    std::vector<Leaf> leaves{};
    std::vector<std::string> ambiguities{};
    std::vector<Limit> over{}; ///< parts or depth; leaves is what was read until then
};

/// An Error is ours: the file could not be read.
Result<Outline> read_outline(const File& mail, const LimitSettings& limits);

} // namespace kwit::mime
