#include "core/intake/inside.hh"

#include "core/archive/documents.hh"
#include "core/rules/documents.hh"

#include <algorithm>
#include <utility>

namespace kwit {

namespace {

bool has_flag(const Document& document, std::string_view flag) {
    return std::find(document.flags.begin(), document.flags.end(), flag) != document.flags.end();
}

/// Only of one that was in order: what a person filed all the same has not kept what was wrong.
bool was_inspected(const Document& document) {
    return document.inspected == way_of_inspecting && document.pages > 0;
}

/// What was read of such a document when it was filed.
PdfFacts facts_of(const Document& document) {
    PdfFacts facts;
    facts.pages = document.pages;
    facts.title = document.title;
    facts.repaired = has_flag(document, "repaired");
    facts.owner_password = has_flag(document, "owner-password");
    facts.active = document.active;
    facts.embedded = document.embedded;
    return facts;
}

} // namespace

void note_inside(const PartFacts& part, const Policy& policy, Document& document) {
    if (part.xml && part.xml->state == XmlFacts::State::invoice) {
        document.inspected = way_of_inspecting;
        document.title = part.xml->id;
        document.kind = part.xml->kind;
    }
    if (!part.pdf) return;
    document.flags = rules::flags_of(part, policy);
    document.active = part.pdf->active;
    document.embedded = part.pdf->embedded;
    document.title = part.pdf->title;
    if (part.pdf->state != PdfFacts::State::readable) return;
    document.inspected = way_of_inspecting;
    document.pages = part.pdf->pages;
}

Result<std::optional<PdfFacts>> known_inside(const Archive& archive, const Digest& digest) {
    const auto same = TRY(find_document_with(archive, digest, was_inspected));
    if (!same) return std::optional<PdfFacts>();
    return std::optional(facts_of(*same));
}

inspect::Inspect known_first(KnownInside known, const inspect::Inspect& inspect) {
    if (!inspect) return {};
    return [known = std::move(known), &inspect](
               const InspectorSettings& settings,
               const File& file,
               const Digest& digest,
               inspect::Look look
           ) -> Result<inspect::Inspected> {
        if (look != inspect::Look::pdf) return inspect(settings, file, digest, look);
        auto inside = TRY(known(digest));
        if (inside) return inspect::Inspected(*std::move(inside));
        return inspect(settings, file, digest, look);
    };
}

} // namespace kwit
