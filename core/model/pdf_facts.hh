// What is so about a PDF file, as kwit-inspector read it. Facts alone: whether active content or a
// repaired file is taken is for the rules.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kwit {

/// A file inside a PDF.
struct EmbeddedFile {
    std::string name{};
    std::string media_type{}; ///< as the PDF declares it; empty: not declared
    std::uint64_t size = 0;   ///< unpacked bytes as the PDF declares them; 0: not declared
    std::string kind{};       ///< by name and content: "factur-x", "zugferd", "xrechnung" (an
                              ///< electronic invoice), "program"; empty: something else
    friend bool operator==(const EmbeddedFile&, const EmbeddedFile&) = default;
};

struct PdfFacts {
    enum class State : std::uint8_t {
        readable,
        encrypted, ///< opened with a password or a certificate alone
        damaged,   ///< not to be opened, without pages, or with pages lost
    };

    State state = State::readable;
    std::string said{};          ///< damaged: what the reader said of it, in English
    std::uint32_t pages = 0;     ///< readable: at least one
    std::string title{};         ///< one line; empty: none
    bool repaired = false;       ///< not quite in order, but all its pages are there
    bool owner_password = false; ///< encrypted, but opened by everybody
    /// What could act when it is opened, each once: "javascript", "launch", "embedded-program"…
    std::vector<std::string> active{};
    std::vector<EmbeddedFile> embedded{};
    friend bool operator==(const PdfFacts&, const PdfFacts&) = default;
};

} // namespace kwit
