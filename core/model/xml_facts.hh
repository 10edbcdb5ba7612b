// What is inside an XML file, as an inspector reads it (core/inspect). Texts are one line of clean
// UTF-8.
#pragma once

#include <cstdint>
#include <string>

namespace kwit {

struct XmlFacts {
    enum class State : std::uint8_t {
        invoice, ///< its root element is that of an electronic invoice, and all of it is well
                 ///< formed
        other,   ///< another root element; what is behind it was not read
        dtd,     ///< it has a document type declaration; what is behind it was not read
        damaged, ///< begins as an invoice, or not even that, and is not well formed
    };

    State state = State::other;
    std::string kind{}; ///< of an invoice: "ubl", "cii", "ksef"
    std::string id{};   ///< the number of the invoice, as it says itself; empty: none
    std::string said{}; ///< damaged: what the reader said of it, in English
    friend bool operator==(const XmlFacts&, const XmlFacts&) = default;
};

} // namespace kwit
