// The one call that intake makes at the end of a message: every leaf of the mail decoded once as a
// stream, hashed, recognised, and written down where somebody may want it. What is wrong with the
// mail is a fact; an Error is ours alone (temporary). Caps must have found nothing over before.
// Beside it the same for one leaf of a mail that was kept, whatever it is.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/base/sha256.hh"
#include "core/mime/picture.hh"
#include "core/mime/uuencode.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace kwit::mime {

using MakeTemp = std::function<Result<TempFile>()>;

struct Examined {
    BodyFacts facts{};
    std::map<Digest, TempFile> files{}; ///< the decoded bytes, by PartFacts::digest
};

/// Which leaves get a file besides those of wanted formats.
enum class Kept : std::uint8_t {
    documents,  ///< none
    holders,    ///< what holds other files (PartFacts::holds)
    everything, ///< all, without regard to limits.documents
};

/// mail: header block, empty line, body, as they came. A leaf gets a file when its format is in
/// wanted and it is not the mail's text (Place::body), one for all leaves with the same content.
/// Of a format that a mail has more of than limits.documents, the rest gets none; the same with
/// holders.
Result<Examined> examine(
    const File& mail,
    const LimitSettings& limits,
    const std::set<Format>& wanted,
    const MakeTemp& make_temp,
    Kept kept = Kept::documents
);

struct Extracted {
    PartFacts facts;
    TempFile file; ///< the decoded bytes
};

/// The leaf of that number, as examine() counts them; `referenced` is not looked into. Nothing when
/// the mail has none, within the limits.
Result<std::optional<Extracted>> extract(
    const File& mail, const LimitSettings& limits, std::uint32_t number, const MakeTemp& make_temp
);

/// What is so about bytes that are no leaf of a mail: name (not cleaned), size, digest, format, the
/// sides of a picture, what they hold; declared as application/octet-stream.
class FileFacts {
public:
    explicit FileFacts(std::string_view name);

    void take(Bytes bytes);
    PartFacts finish() &&;

private:
    void decide();

    PartFacts part_;
    Sha256 hash_{};
    std::string head_{};
    UuScanner files_in_text_{};
    bool decided_ = false;
    PictureReader picture_{Format::unknown};
};

} // namespace kwit::mime
