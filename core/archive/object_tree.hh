// The files below objects/, each with the digest that its place and name stand for: for whoever has
// to find those that no row names.
#pragma once

#include "core/base/result.hh"
#include "core/base/time.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace kwit {

struct ObjectFile {
    std::filesystem::path path;
    std::optional<Digest> digest{}; ///< nothing: it is none of ours, whatever it is
    std::uint64_t size = 0;
    Time changed{}; ///< when it was published last
};

/// The file of that name; nothing when there is none.
Result<std::optional<ObjectFile>>
look_at_object(const std::filesystem::path& archive, const Digest& digest);

/// Calls step for everything below the archive's objects that is no directory. The tree may change
/// meanwhile: what comes or goes is told or not.
Result<void> each_object_file(
    const std::filesystem::path& archive, const std::function<Result<void>(const ObjectFile&)>& step
);

} // namespace kwit
