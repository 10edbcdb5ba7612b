// Import by hand: files that a person hands over, or parts of a mail that was kept, filed by the
// same rules and in the same safe order as those of a mail: looked at, judged, published,
// committed.
//
// What a rule refuses stays out unless the person has named that very reason; the journal then says
// so.
#pragma once

#include "core/archive/by_hand.hh"
#include "core/base/file.hh"
#include "core/inspect/pool.hh"
#include "core/mime/examine.hh"
#include "core/model/period.hh"
#include "core/model/settings.hh"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

struct HandedOver {
    PartFacts facts;
    TempFile file; ///< in the archive's file system
    std::optional<std::uint32_t> part{};
    std::string before{}; ///< declared media type of the part in front of it
};

/// Reads the descriptor to its end; a file that is longer than [limits] message is `refused`. Less
/// free space than [archive] min_free is storage-full, as for a mail. name: what people call it,
/// perhaps with its directory; empty for standard input.
Result<HandedOver>
take_file(const Archive& archive, const Settings& settings, int descriptor, std::string_view name);

/// A part of the mail that is kept with the receipt, decoded, and taken out of what it came in;
/// unpack: opens containers on the way. `refused` when there is no such part, or the mail is not
/// kept.
Result<HandedOver> take_part(
    const Archive& archive,
    const Settings& settings,
    const Receipt& receipt,
    std::uint32_t part,
    const inspect::Unpack& unpack = {}
);

struct ImportOrder {
    std::string client;
    std::string category;
    Period period;
    UserWanted user{};
    std::string filename{}; ///< instead of the file's own
    std::string status = "filed";
    std::optional<Receipt> receipt{}; ///< of the mail that they came with
    bool resolve = false;
    std::set<Reason> forced{}; ///< reasons that are no obstacle
};

/// What a person may override with a name of it.
const std::vector<Reason>& forcible_reasons();

/// Whether so many documents may be imported at once; asked before their files are opened.
Result<void> check_import_count(std::size_t count, const LimitSettings& limits);

struct Imported {
    struct Refusal {
        std::string name; ///< of the file
        Finding finding;
    };

    std::vector<Refusal> refusals{}; ///< any: nothing was filed
    HandKept kept{};
};

/// inspect: looks into PDFs; empty: nobody does. That a PDF cannot be looked into now is an Error,
/// unless `uninspectable` is forced.
Result<Imported> import_by_hand(
    Archive& archive,
    const Settings& settings,
    const inspect::Inspect& inspect,
    const ImportOrder& order,
    std::vector<HandedOver> files,
    const By& by
);

} // namespace kwit
