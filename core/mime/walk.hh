// GMime's reading of a mail's structure: the second opinion on outline.hh. Nothing of GMime leaves
// this floor. GMime 3.2.13 is safe behind Caps alone; headers and contents are decoded by our own
// readers, as it cuts some of them short.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace kwit::mime {

struct WalkedLeaf {
    std::string media_type{}; ///< lower case, as GMime read it
    bool nested_mail = false; ///< an attached mail that GMime looked into; it has no range
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    friend bool operator==(const WalkedLeaf&, const WalkedLeaf&) = default;
};

/// What GMime warned of as critical.
struct WalkWarning {
    std::uint64_t offset = 0; ///< where in the file, as far as GMime knows; 0 when it does not
    std::string word{};       ///< "conflicting-header", "multipart-without-boundary"…
};

struct Walked {
    bool readable = false; ///< GMime found a mail at all
    std::vector<WalkedLeaf> leaves{};
    std::vector<WalkWarning> warnings{};
};

/// An Error is ours: no descriptor, no memory.
Result<Walked> walk(const File& mail);

} // namespace kwit::mime
