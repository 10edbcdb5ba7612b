// What was found inside a document, from the facts to what stands with the document in the archive,
// and back again where it is there already.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/sha256.hh"
#include "core/inspect/pool.hh"
#include "core/model/facts.hh"
#include "core/model/policy.hh"
#include "core/model/receipt.hh"

#include <cstdint>
#include <functional>
#include <optional>

namespace kwit {

/// The way of reading PDFs whose facts stand with documents: raised when it finds more or other
/// things, so that what was read before is read again.
inline constexpr std::uint32_t way_of_inspecting = 1;

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
