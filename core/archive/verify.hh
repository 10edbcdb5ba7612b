// verify: is everything that the index names there, and is it what it was? Every object is hashed
// again, every original that has a recipe is made and hashed, every row is read and compared with
// the rows that refer to it, the journal's chain is followed. It changes nothing and can run beside
// the milter.
#pragma once

#include "core/archive/archive.hh"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

struct Fault {
    std::string what;   ///< "object-damaged", "object-missing", "original-lost", "record-damaged",
                        ///< "index-inconsistent", "journal-broken"
    std::string name;   ///< of the thing: a digest, "receipts 01JD…"
    std::string detail; ///< a sentence
};

struct VerifyReport {
    std::uint64_t objects = 0;       ///< that were hashed
    std::uint64_t bytes = 0;         ///< of these
    std::uint64_t objects_known = 0; ///< by the index
    std::uint64_t recipes = 0;       ///< whose mail was made and hashed
    std::uint64_t receipts = 0;
    std::uint64_t documents = 0;
    std::uint64_t journal_entries = 0;
    std::vector<Fault> faults{};
    std::vector<std::string> unreferenced{}; ///< files that no row names; no damage
};

/// Which objects and made originals are hashed, and how. The index and the journal are always read
/// whole.
struct VerifyScope {
    std::optional<Time> since{};   ///< only those of receipts and documents from then on
    std::optional<double> share{}; ///< only this part of them, by chance: over 0, at most 1
    unsigned jobs = 1;             ///< threads that read and hash
};

/// Called after each object with the bytes hashed so far and those there are.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

Result<VerifyReport>
verify(const Archive& archive, const VerifyScope& scope = {}, const Progress& progress = {});

} // namespace kwit
