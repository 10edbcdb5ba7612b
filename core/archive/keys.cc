#include "core/archive/keys.hh"

#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::keys {

namespace {

constexpr char separator = '\0';

} // namespace

std::string group(std::string_view first) {
    return std::string(first) + separator;
}

std::string pair(std::string_view first, std::string_view second) {
    return group(first).append(second);
}

std::string address(std::string_view address) {
    if (address.find('@') == std::string_view::npos) return pair(address, {});
    return pair(behind_at(address), before_at(address));
}

std::string ulid(const std::array<std::uint8_t, 16>& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string ulid(const Ulid& id) {
    return ulid(id.bytes());
}

std::string digest(const Digest& digest) {
    return std::string(as_text(digest.bytes()));
}

std::string number(std::uint64_t value) {
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
    return out;
}

std::string time(Time time) {
    return number(
        static_cast<std::uint64_t>(std::max<std::int64_t>(time.time_since_epoch().count(), 0))
    );
}

Result<Ulid> to_ulid(std::string_view key) {
    std::array<std::uint8_t, 16> bytes{};
    if (key.size() != bytes.size())
        return fail(Kind::corrupt, fmt::format("an id of {} bytes, 16 are expected", key.size()));
    std::copy(key.begin(), key.end(), bytes.begin());
    return Ulid::from_bytes(bytes);
}

Result<std::uint64_t> to_number(std::string_view key) {
    if (key.size() != sizeof(std::uint64_t))
        return fail(Kind::corrupt, fmt::format("a number of {} bytes, 8 are expected", key.size()));
    std::uint64_t value = 0;
    for (const char c : key)
        value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

lmdb::Range
ids(const std::string& prefix,
    const std::optional<Time>& since,
    const std::optional<Time>& until,
    lmdb::Order order) {
    lmdb::Range range = lmdb::Range::prefix(prefix, order);
    if (since) range.from = prefix + ulid(Ulid::first_of(*since));
    if (until) range.to = prefix + ulid(Ulid::first_of(*until));
    return range;
}

} // namespace kwit::keys
