#include "core/base/memory.hh"

#include "core/base/file.hh"
#include "core/base/text.hh"

#include <algorithm>
#include <string>
#include <string_view>

namespace kwit {

namespace {

constexpr std::size_t largest_file = 16UL * 1024; // of those that the kernel makes

/// What a file of the kernel's says, whose size is told as nought; empty when there is none.
std::string content_of(const std::filesystem::path& path) {
    const auto file = File::open(path);
    if (!file) return {};
    std::string text(largest_file, '\0');
    text.resize(file->read_at(0, std::as_writable_bytes(std::span(text))).value_or(0));
    return text;
}

/// The number behind the name at the beginning of a line: "MemAvailable:  123 kB", "file 4096".
std::optional<std::uint64_t> number_named(std::string_view text, std::string_view name) {
    for (const std::string_view line : split(text, '\n')) {
        if (!line.starts_with(name)) continue;
        std::string_view rest = trim(line.substr(name.size()));
        rest = rest.substr(0, rest.find(' '));
        return parse_number(rest);
    }
    return std::nullopt;
}

std::optional<std::uint64_t>
lower_of(const std::optional<std::uint64_t>& one, const std::optional<std::uint64_t>& other) {
    if (!one || !other) return one ? one : other;
    return std::min(*one, *other);
}

std::optional<std::uint64_t> of_machine(const std::filesystem::path& proc, std::string_view what) {
    constexpr std::uint64_t unit = 1024;
    const auto found = number_named(content_of(proc / "meminfo"), what);
    return found ? std::optional(*found * unit) : std::nullopt;
}

/// "max", where there is no limit, is no number.
std::optional<std::uint64_t> number_in(const std::filesystem::path& file) {
    return parse_number(trim(content_of(file)));
}

std::optional<std::uint64_t> limit_of(const std::filesystem::path& group) {
    return lower_of(number_in(group / "memory.max"), number_in(group / "memory.high"));
}

std::optional<std::uint64_t> left_in(const std::filesystem::path& group) {
    const auto limit = limit_of(group);
    const auto used = number_in(group / "memory.current");
    if (!limit || !used) return std::nullopt;
    const std::string stat = content_of(group / "memory.stat");
    const std::uint64_t cached = number_named(stat, "inactive_file ").value_or(0) +
                                 number_named(stat, "active_file ").value_or(0);
    const std::uint64_t held = *used - std::min(*used, cached);
    return *limit - std::min(*limit, held);
}

/// The least of what the machine has and each group that this process is in.
std::optional<std::uint64_t> least_of(
    const MemoryPlaces& places,
    std::optional<std::uint64_t> least,
    std::optional<std::uint64_t> (*of_group)(const std::filesystem::path&)
) {
    constexpr std::string_view second_version = "0::";
    const std::string groups = content_of(places.proc / "self/cgroup");
    for (const std::string_view line : split(groups, '\n')) {
        if (!line.starts_with(second_version)) continue;
        // A group is bounded by all above it, too.
        std::filesystem::path group(line.substr(second_version.size()));
        for (; group.has_relative_path(); group = group.parent_path())
            least = lower_of(least, of_group(places.groups / group.relative_path()));
    }
    return least;
}

} // namespace

std::optional<std::uint64_t> available_memory(const MemoryPlaces& places) {
    return least_of(places, of_machine(places.proc, "MemAvailable:"), left_in);
}

std::optional<std::uint64_t> total_memory(const MemoryPlaces& places) {
    return least_of(places, of_machine(places.proc, "MemTotal:"), limit_of);
}

std::optional<std::uint64_t> MemoryGauge::available(Clock::time_point now) {
    const std::scoped_lock lock(mutex_);
    if (!looked_ || now - *looked_ >= fresh) {
        available_ = available_memory();
        looked_ = now;
    }
    return available_;
}

} // namespace kwit
