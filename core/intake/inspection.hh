// Looking inside documents and opening containers: from the pool's answers to the facts that rules
// know.
#pragma once

#include "core/base/file.hh"
#include "core/inspect/pool.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <utility>

namespace kwit {

/// The documents of one mail or one command, looked into one after the other.
class Inspection {
public:
    /// Either may be empty: nobody looks into PDFs, nobody opens containers.
    Inspection(
        const InspectorSettings& settings,
        const inspect::Inspect& inspect,
        inspect::Unpack unpack = {}
    )
        : settings_(settings), inspect_(inspect), unpack_(std::move(unpack)),
          begun_(inspect::Clock::now()) {}

    /// Fills in what is inside of a PDF or an XML file; one that is an invoice is
    /// Format::xml_invoice from then on. An Error says nothing about the document: try again later.
    /// One of them is that the documents together took several times [inspector] timeout; what was
    /// found out until then is remembered, so that the next try comes further.
    Result<void> look_into(const TempFile& file, PartFacts& part) const;

    [[nodiscard]] bool can_look() const { return static_cast<bool>(inspect_); }

    [[nodiscard]] bool can_unpack() const { return static_cast<bool>(unpack_); }

    /// Opens a container, within the same time.
    [[nodiscard]] Result<inspect::UnpackedOrNot>
    unpack(const inspect::UnpackOrder& order, const File& container, const Digest& digest) const;

private:
    [[nodiscard]] Result<void> check_patience() const;

    const InspectorSettings& settings_;
    const inspect::Inspect& inspect_;
    inspect::Unpack unpack_;
    inspect::Clock::time_point begun_;
};

/// The facts about the inside of one part for another of the same bytes and format.
void copy_inside(const PartFacts& from, PartFacts& to);

} // namespace kwit
