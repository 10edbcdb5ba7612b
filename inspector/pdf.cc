#include "inspector/pdf.hh"

#include "inspector/pdf_content.hh"
#include "inspector/pdf_pages.hh"
#include "inspector/qpdf.hh"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwit::inspector {

namespace {

PdfFacts damaged(std::string said) {
    return {.state = PdfFacts::State::damaged, .said = std::move(said)};
}

/// What an exception while opening means. Everything qpdf does not support there is a way of
/// encrypting: with certificates, or newer than itself.
PdfFacts unopened(const QPDFExc& trouble) {
    const auto code = trouble.getErrorCode();
    if (code == qpdf_e_password || code == qpdf_e_unsupported)
        return {.state = PdfFacts::State::encrypted};
    return damaged(clean_text(trouble.getMessageDetail()));
}

/// What qpdf warned of; it is asked once, as asking takes it away.
struct Warnings {
    std::string first{}; ///< empty: none
    std::set<std::string> empty_streams{};
};

Warnings warnings_of(QPDF& pdf) {
    Warnings warnings;
    for (const QPDFExc& warning : pdf.getWarnings()) {
        if (warnings.first.empty()) warnings.first = clean_text(warning.getMessageDetail());
        if (warning.getMessageDetail().starts_with("unable to recover stream data"))
            warnings.empty_streams.insert(warning.getObject());
    }
    return warnings;
}

std::string title_of(QPDF& pdf) {
    QPDFObjectHandle about = pdf.getTrailer().getKey("/Info");
    if (!about.isDictionary()) return {};
    QPDFObjectHandle title = about.getKey("/Title");
    return title.isString() ? clean_text(title.getUTF8Value()) : std::string();
}

std::string lost_pages(const Pages& pages, const Warnings& warnings) {
    std::string said = fmt::format("{} of {} pages are lost", pages.lost, pages.lost + pages.found);
    if (!warnings.first.empty()) said += ": " + warnings.first;
    return clean_text(said);
}

PdfFacts facts_of(QPDF& pdf) {
    PdfFacts facts;
    look_at_objects(pdf, facts); // resolves every object, so that its warnings are all there are
    facts.title = title_of(pdf);
    facts.owner_password = pdf.isEncrypted();
    Warnings warnings = warnings_of(pdf);
    const Pages pages = count_pages(pdf, warnings.empty_streams);
    facts.pages = pages.found;
    facts.repaired = !warnings.first.empty() || pdf.anyWarnings();
    facts.state = PdfFacts::State::damaged;
    if (!pages.problem.empty())
        facts.said = pages.problem;
    else if (pages.lost > 0)
        facts.said = lost_pages(pages, warnings);
    else if (pages.found == 0)
        facts.said = "it has no pages";
    else
        facts.state = PdfFacts::State::readable;
    return facts;
}

PdfFacts look_into(const std::shared_ptr<InputSource>& source) {
    QPDF pdf;
    pdf.setSuppressWarnings(true);
    try {
        pdf.processInputSource(source);
    } catch (const QPDFExc& trouble) {
        return unopened(trouble);
    }
    try {
        return facts_of(pdf);
    } catch (const QPDFExc& trouble) {
        return damaged(clean_text(trouble.getMessageDetail()));
    }
}

} // namespace

PdfFacts look_into_pdf(int descriptor, std::uint64_t size) {
    const auto source = std::make_shared<Source>(descriptor, size);
    PdfFacts facts = look_into(source);
    if (!source->trouble().empty()) throw Unreadable(source->trouble());
    return facts;
}

Result<void> warm_up_pdf() {
    std::string bytes = "%PDF-1.4\n";
    std::string places = "0000000000 65535 f \n";
    const auto add = [&](std::string_view object) {
        places += fmt::format("{:010} 00000 n \n", bytes.size());
        bytes += object;
    };
    add("1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n");
    add("2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n");
    add("3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R>> endobj\n");
    add("4 0 obj <</Length 0>> stream\n\nendstream endobj\n");
    const std::string end = fmt::format(
        "trailer <</Size 5 /Root 1 0 R /Info <</Title (A)>>>>\nstartxref\n{}\n%%EOF\n", bytes.size()
    );
    bytes += "xref\n0 5\n" + places + end;
    const PdfFacts facts = look_into(std::make_shared<BufferInputSource>("a page", bytes));
    if (facts.state == PdfFacts::State::readable && !facts.repaired && facts.pages == 1) return {};
    return fail(
        Kind::temporary,
        "qpdf cannot read a page of ours: " + facts.said,
        "install libqpdf as the distribution has it"
    );
}

} // namespace kwit::inspector
