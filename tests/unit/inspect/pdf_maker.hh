// Small PDF files, made object by object, so that each may have its own way of being wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kwit::test {

/// Objects are numbered from 1; the first is the catalog.
struct Pdf {
    std::vector<std::string> objects{};
    std::string trailer{}; ///< more of it: "/Info 5 0 R"

    /// With a cross-reference table, and all that belongs to it.
    [[nodiscard]] std::string bytes() const;
};

/// "<< /Length … >> stream …"; entries: more of its dictionary.
std::string stream_object(std::string_view data, std::string_view entries = "");

/// A document of so many pages with a text each; its objects: catalog, page tree, then page and
/// contents by turns.
Pdf document(unsigned pages);

std::string pages(unsigned count);
std::string one_page();

/// The document with more in its catalog, "/OpenAction …", and more objects behind the others, the
/// first of which is number 5.
std::string with(const std::string& catalog, const std::vector<std::string>& more = {});

/// The same encrypted; empty passwords are none.
std::string encrypted(const std::string& pdf, const std::string& user, const std::string& owner);

/// With its objects packed into object streams, as PDF 1.5 has them.
std::string packed(const std::string& pdf);

} // namespace kwit::test
