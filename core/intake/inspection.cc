#include "core/intake/inspection.hh"

#include <utility>
#include <variant>

namespace kwit {

namespace {

constexpr int patience = 4; // times the timeout of one look, for all documents of a mail

void note_xml(XmlFacts facts, PartFacts& part) {
    if (facts.state == XmlFacts::State::invoice) part.format = Format::xml_invoice;
    part.xml = std::move(facts);
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

} // namespace kwit
