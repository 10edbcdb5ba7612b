// Keys of the index: numbers big-endian, text parts with NUL between them, so that they sort as
// their parts do and every listing is a range scan. See docs/format.md.
#pragma once

#include "core/base/lmdb.hh"
#include "core/base/time.hh"
#include "core/base/ulid.hh"
#include "core/model/digest.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kwit::keys {

/// "first NUL second"
std::string pair(std::string_view first, std::string_view second);

/// The text and the NUL that ends it: the beginning of the keys of its group.
std::string group(std::string_view first);

/// "local@domain" as "domain NUL local".
std::string address(std::string_view address);

/// 16 bytes.
std::string ulid(const Ulid& id);
std::string ulid(const std::array<std::uint8_t, 16>& bytes);

/// 32 bytes.
std::string digest(const Digest& digest);

/// 8 bytes.
std::string number(std::uint64_t value);

/// 8 bytes: milliseconds since 1970.
std::string time(Time time);

/// The inverse of ulid(), number() and digest(); `corrupt` for a key of another size.
Result<Ulid> to_ulid(std::string_view key);
Result<std::uint64_t> to_number(std::string_view key);

/// Keys that begin with the prefix and go on with an id of that time: since it, before until.
lmdb::Range
ids(const std::string& prefix,
    const std::optional<Time>& since,
    const std::optional<Time>& until,
    lmdb::Order order);

} // namespace kwit::keys
