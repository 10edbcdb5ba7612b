#include "tests/unit/inspect/pdf_maker.hh"

#include "inspector/qpdf.hh"

#include <fmt/format.h>
#include <qpdf/QPDFWriter.hh>

#include <memory>

namespace kwit::test {

namespace {

std::string written(
    const std::string& pdf,
    void (*set)(QPDFWriter&, const std::string&, const std::string&),
    const std::string& user,
    const std::string& owner
) {
    QPDF document;
    document.processMemoryFile("test", pdf.data(), pdf.size());
    QPDFWriter writer(document);
    writer.setOutputMemory();
    writer.setStaticID(true);
    set(writer, user, owner);
    writer.write();
    const std::shared_ptr<Buffer> buffer = writer.getBufferSharedPointer();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as text
    return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

} // namespace

std::string Pdf::bytes() const {
    std::string out = "%PDF-1.4\n";
    std::string table = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        table += fmt::format("{:010} 00000 n \n", out.size());
        out += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
    }
    const std::size_t at = out.size();
    return out + table +
           fmt::format(
               "trailer\n<< /Size {} /Root 1 0 R {} >>\nstartxref\n{}\n%%EOF\n",
               objects.size() + 1,
               trailer,
               at
           );
}

std::string stream_object(std::string_view data, std::string_view entries) {
    return fmt::format("<< /Length {} {} >>\nstream\n{}\nendstream", data.size(), entries, data);
}

Pdf document(unsigned pages) {
    Pdf pdf{.objects = {"<< /Type /Catalog /Pages 2 0 R >>", {}}};
    std::string kids;
    for (unsigned i = 0; i < pages; ++i) {
        kids += fmt::format("{} 0 R ", 3 + 2 * i);
        pdf.objects.push_back(fmt::format(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R >>", 4 + 2 * i
        ));
        pdf.objects.push_back(stream_object("BT 72 720 Td (Faktura) Tj ET"));
    }
    pdf.objects[1] = fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, pages);
    return pdf;
}

std::string pages(unsigned count) {
    return document(count).bytes();
}

std::string one_page() {
    return pages(1);
}

std::string with(const std::string& catalog, const std::vector<std::string>& more) {
    Pdf pdf = document(1);
    pdf.objects.front() = fmt::format("<< /Type /Catalog /Pages 2 0 R {} >>", catalog);
    pdf.objects.insert(pdf.objects.end(), more.begin(), more.end());
    return pdf.bytes();
}

std::string encrypted(const std::string& pdf, const std::string& user, const std::string& owner) {
    return written(
        pdf,
        [](QPDFWriter& writer, const std::string& for_users, const std::string& for_owners) {
            writer.setR6EncryptionParameters(
                for_users.c_str(),
                for_owners.c_str(),
                true,
                false,
                false,
                false,
                false,
                false,
                qpdf_r3p_none,
                true
            );
        },
        user,
        owner
    );
}

std::string packed(const std::string& pdf) {
    return written(
        pdf,
        [](QPDFWriter& writer, const std::string& /*user*/, const std::string& /*owner*/) {
            writer.setObjectStreamMode(qpdf_o_generate);
        },
        "",
        ""
    );
}

} // namespace kwit::test
