// The one call that intake makes at the end of a message: every leaf of the mail decoded once as a
// stream, hashed, recognised, and written down where somebody may want it. What is wrong with the
// mail is a fact; an Error is ours alone (temporary). Caps must have found nothing over before.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <functional>
#include <map>
#include <set>

namespace kwit::mime {

using MakeTemp = std::function<Result<TempFile>()>;

struct Examined {
    BodyFacts facts{};
    std::map<std::uint32_t, TempFile> files{}; ///< by PartFacts::number: the decoded bytes
};

/// mail: header block, empty line, body, as they came. A leaf gets a file when its format is in
/// wanted and it is not the mail's text (Place::body).
Result<Examined> examine(
    const File& mail,
    const LimitSettings& limits,
    const std::set<Format>& wanted,
    const MakeTemp& make_temp
);

} // namespace kwit::mime
