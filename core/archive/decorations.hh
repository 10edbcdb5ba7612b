// What the office wants ignored in the mails of a client, by its digest: the logo that stands in
// every mail of a supplier. Parts with that content are decorations from then on (core/rules);
// receipts and documents of before stay as they are.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/json_fwd.hh"
#include "core/base/time.hh"
#include "core/model/digest.hh"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace kwit {

struct Decoration {
    std::string client;
    std::string sha256;
    std::string name{}; ///< what it was called, for people; empty: nobody knows
    Time created_at{};
};

/// Of one client: they are read for each of its mails.
constexpr std::size_t max_decorations = 1000;

/// Content that is to be marked.
struct Markable {
    Digest digest;
    std::string name{};        ///< what it was called; empty: nobody knows
    std::set<Digest> inside{}; ///< what came out of it, where it holds other files
};

/// What is to be done about content that stands among the client's documents, or holds one.
enum class Filed { refuse, ignore_all_the_same };

/// Changed::no when it is marked already. `refused` when the client is not there or has
/// max_decorations, and for a document of it or what holds one.
Result<Changed> ignore_content(
    Archive& archive, const std::string& client, const Markable& content, Filed filed, const By& by
);

/// Takes the mark back; `refused` when there is none.
Result<Decoration>
take_content(Archive& archive, const std::string& client, const Digest& digest, const By& by);

/// By client and digest; of all clients where it is empty, `refused` when it is not there.
Result<std::vector<Decoration>>
list_decorations(const Archive& archive, const std::string& client, const Page& page = {});

/// All of a client.
Result<std::set<Digest>> decorations_of(const Archive& archive, const std::string& client);

/// Inside a change: with a journal entry for each.
Result<void> erase_decorations_of(
    const Archive& archive, lmdb::WriteTxn& txn, const std::string& client, const By& by
);

Json to_json(const Decoration& decoration);

/// The row of table decorations; `corrupt` when it is none, or stands under another key.
Result<Decoration> decode_decoration(const lmdb::Entry& entry);

} // namespace kwit
