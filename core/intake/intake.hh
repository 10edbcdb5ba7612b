// What all connections share, and the configuration that each begins with.
#pragma once

#include "core/config/texts.hh"
#include "core/inspect/pool.hh"
#include "core/intake/admission.hh"
#include "core/intake/archive_door.hh"
#include "core/intake/refusals.hh"
#include "core/model/settings.hh"

#include <filesystem>
#include <functional>

namespace kwit {

/// The configuration of one moment; connections keep the one they began with.
struct Snapshot {
    Settings settings;
    Texts texts;
};

struct Intake {
    ArchiveDoor& archive;
    Admission& admission;
    Refusals* refusals; ///< null: refused mails leave no receipt (a dry run)
    std::function<Time()> clock;
    inspect::Inspect inspect{};   ///< looks into PDFs; empty: nobody does (tests of other things)
    inspect::Unpack unpack{};     ///< opens containers; empty: nobody does
    std::function<void()> owed{}; ///< called after a commit that owes notices; may be empty
    /// Where the files of a mail in hand stand; empty: in the archive's file system, where a link
    /// makes them objects. A dry run names another place, so that nothing is written there.
    std::filesystem::path temporary{};
};

} // namespace kwit
