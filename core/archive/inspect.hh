// A look into the index as it lies on disk: tables, keys in a form people can read and type, values
// as JSON or raw. For `kwit inspect`; safe on a live archive opened read_only.
#pragma once

#include "core/archive/archive.hh"
#include "core/base/json_fwd.hh"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

struct TableInfo {
    std::string name;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0; ///< of the pages it takes up
};

Result<std::vector<TableInfo>> inspect_tables(const Archive& archive);

struct KeyInfo {
    std::string key;         ///< readable: the parts of the key with a space between them
    std::uint64_t bytes = 0; ///< of the value
};

/// `refused` for a table that does not exist, with the names of those that do.
Result<std::vector<KeyInfo>>
inspect_keys(const Archive& archive, std::string_view table, const Page& page = {});

struct RawRecord {
    std::string key;   ///< as stored
    std::string value; ///< as stored
};

/// The record of a readable key; `refused` when there is none.
Result<RawRecord>
inspect_record(const Archive& archive, std::string_view table, std::string_view key);

/// The value as JSON; null for the empty value of an index; `corrupt` for damaged bytes.
Result<Json> readable_value(const RawRecord& record);

} // namespace kwit
