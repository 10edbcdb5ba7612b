#include "core/intake/inspection.hh"

#include "core/archive/documents.hh"
#include "core/rules/documents.hh"

#include <algorithm>
#include <utility>
#include <variant>

namespace kwit {

namespace {

constexpr int patience = 4; // times the timeout of one look, for all documents of a mail

void note_xml(XmlFacts facts, PartFacts& part) {
    if (facts.state == XmlFacts::State::invoice) part.format = Format::xml_invoice;
    part.xml = std::move(facts);
}

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

Result<void> Inspection::check_patience() const {
    if (inspect::Clock::now() - begun_ > patience * settings_.timeout)
        return fail(Error{
            Kind::temporary,
            "looking into the documents of a mail took too long",
            "it goes on where it stopped when the mail is sent again",
            Cause::overloaded});
    return {};
}

Result<inspect::UnpackedOrNot> Inspection::unpack(
    const inspect::UnpackOrder& order, const File& container, const Digest& digest
) const {
    TRY(check_patience());
    return unpack_(settings_, order, container, digest);
}

Result<void> Inspection::look_into(const TempFile& file, PartFacts& part) const {
    TRY(check_patience());
    const File document = TRY(file.reader());
    const inspect::Look look = part.format == Format::pdf ? inspect::Look::pdf : inspect::Look::xml;
    inspect::Inspected inspected = TRY(inspect_(settings_, document, *part.digest, look));
    if (auto* const pdf = std::get_if<PdfFacts>(&inspected))
        part.pdf = std::move(*pdf);
    else if (auto* const xml = std::get_if<XmlFacts>(&inspected))
        note_xml(std::move(*xml), part);
    else
        part.uninspectable = true;
    return {};
}

void copy_inside(const PartFacts& from, PartFacts& to) {
    to.pdf = from.pdf;
    if (from.xml && from.xml != to.xml) note_xml(*from.xml, to);
    to.uninspectable = from.uninspectable;
}

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
