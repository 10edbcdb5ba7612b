// Documents that a person files: one transaction that holds them, what becomes of the parts they
// are made of, and the journal entries.
//
// Order is safety, as in keep(): the objects are published before, and each must be there. A
// document that did not come with a mail has no receipt.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/document_rows.hh"
#include "core/model/reason.hh"
#include "core/model/receipt.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

/// What is done about a document with the same bytes, client, category and period.
enum class Twin {
    keep_one, ///< it is the answer, and no second one is made
    allow,
};

struct HandDraft {
    /// client, category, period, sha256, size, media_type, filename, status; address, sender and
    /// received_at are those of the receipt, or nobody's and now
    Document document;
    UserWanted user{};
    std::optional<std::uint32_t> part{}; ///< of the receipt: has these very bytes
    std::vector<Reason> overrode{};      ///< what would have kept a machine from filing it
    Twin twin = Twin::keep_one;
};

struct HandCommit {
    std::vector<HandDraft> drafts;
    std::string receipt{}; ///< id of the mail they came with; empty: none
    bool resolve = false;  ///< the receipt is settled by this
    By by;
};

struct HandFiled {
    enum class How {
        filed,
        duplicate, ///< was there already: the document is the earlier one
    };

    How how = How::filed;
    Document document;
};

struct HandKept {
    std::vector<HandFiled> filed{}; ///< one a draft, in order
    std::optional<Receipt> receipt{};
};

/// All of them or none. A part of the receipt that has the bytes and was refused counts as filed,
/// whether it was named or not, and the others like it as duplicates. `refused` when client,
/// sender, receipt or part is not there, or the part was filed as another document.
Result<HandKept> file_by_hand(Archive& archive, const HandCommit& commit);

/// Whether a document could have been made of the part, and none was.
bool is_unfiled(const PartRecord& part);

} // namespace kwit
