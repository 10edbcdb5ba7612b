// What was found out about documents, by their digest: the last ones, a fixed number of them.
#pragma once

#include "core/model/digest.hh"
#include "core/model/pdf_facts.hh"
#include "core/model/xml_facts.hh"

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace kwit::inspect {

/// The document made its inspector crash or use up its budget, twice.
struct Uninspectable {
    std::string why{}; ///< the second time, for the log
};

using Inspected = std::variant<PdfFacts, XmlFacts, Uninspectable>;

/// From any thread.
class Remembered {
public:
    explicit Remembered(std::size_t most) : most_(most) {}

    [[nodiscard]] std::optional<Inspected> find(const Digest& digest);

    /// The longest unused one makes room.
    void put(const Digest& digest, Inspected inspected);

    void clear();

private:
    using Entry = std::pair<Digest, Inspected>;

    std::size_t most_;
    std::mutex mutex_;
    std::list<Entry> entries_; // the last used one first
    std::map<Digest, std::list<Entry>::iterator> places_;
};

} // namespace kwit::inspect
