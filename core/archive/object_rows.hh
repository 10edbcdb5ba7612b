// Table objects: how large each object is and how many rows name it, for verify and sweep.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kwit {

struct ObjectRow {
    std::uint64_t size = 0;
    std::uint64_t documents = 0; ///< that have these bytes
    std::uint64_t originals = 0; ///< receipts whose mail this is, or is made with this
};

enum class Reference { document, original };

/// Counts one more row that names the object; `corrupt` when it had another size before.
Result<void> add_reference(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const Digest& digest,
    std::uint64_t size,
    Reference reference
);

/// The originals of so many receipts are removed; the row leaves when nothing else names the
/// object.
Result<void> let_go_of_object(
    const Archive& archive, lmdb::WriteTxn& txn, const Digest& digest, std::uint64_t originals
);

/// Nothing when no row names the object.
Result<std::optional<ObjectRow>>
load_object(const Archive& archive, const lmdb::Txn& txn, const Digest& digest);

Result<ObjectRow> decode_object(std::string_view bytes, const std::string& name);

} // namespace kwit
