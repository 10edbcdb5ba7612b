// Looking inside documents: from the pool's answers to the facts that rules know, from those to
// what stands with the document, and back again where the document is in the archive already.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/file.hh"
#include "core/inspect/pool.hh"
#include "core/model/facts.hh"
#include "core/model/policy.hh"
#include "core/model/receipt.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <functional>
#include <optional>

namespace kwit {

/// The way of reading PDFs whose facts stand with documents: raised when it finds more or other
/// things, so that what was read before is read again.
inline constexpr std::uint32_t way_of_inspecting = 1;

/// The documents of one mail or one command, looked into one after the other.
class Inspection {
public:
    /// Either may be empty: nobody looks into PDFs, nobody opens containers.
    Inspection(
        const InspectorSettings& settings,
        const inspect::Inspect& inspect,
        const inspect::Unpack& unpack = {}
    )
        : settings_(settings), inspect_(inspect), unpack_(unpack), begun_(inspect::Clock::now()) {}

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

/// Into the fields of a document that is filed.
void note_inside(const PartFacts& part, const Policy& policy, Document& document);

/// What stands in the archive with a document of the same bytes; nothing when there is none that
/// was looked into and in order.
Result<std::optional<PdfFacts>> known_inside(const Archive& archive, const Digest& digest);

using KnownInside = std::function<Result<std::optional<PdfFacts>>(const Digest&)>;

/// Asks for what is known of a PDF first: that needs no second look. inspect must outlive what is
/// returned, which is empty when inspect is.
inspect::Inspect known_first(KnownInside known, const inspect::Inspect& inspect);

} // namespace kwit
