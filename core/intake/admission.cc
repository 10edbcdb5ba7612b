#include "core/intake/admission.hh"

#include "core/archive/objects.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

namespace kwit {

namespace {

/// A mail takes its own size, and its documents, decoded, as much again at most.
constexpr std::uint64_t times = 2;

/// Of a mail whose size nobody tells, and the step in which it grows.
constexpr std::uint64_t step = 1ULL << 20;

/// Descriptors that stay for new connections, whatever their mail is for.
constexpr rlim_t spare_descriptors = 64;

std::uint64_t room_for(const std::optional<std::uint64_t>& size) {
    return times * std::max(size.value_or(0), step);
}

Error overloaded(std::string what, std::string remedy) {
    return {
        .kind = Kind::temporary,
        .what = std::move(what),
        .remedy = std::move(remedy),
        .cause = Cause::overloaded};
}

/// The system gives the lowest number that is free, so all below it are in use.
Result<void> check_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
    const Fd lowest(::open("/", O_PATH | O_CLOEXEC));
    const rlim_t spare = std::min<rlim_t>(spare_descriptors, limit.rlim_cur / 4);
    if (lowest && static_cast<rlim_t>(lowest.get()) < limit.rlim_cur - spare) return {};
    return fail(overloaded(
        fmt::format(
            "of {} open files that the system allows less than {} are left", limit.rlim_cur, spare
        ),
        "raise the limit of open files (LimitNOFILE= of the service)"
    ));
}

} // namespace

Error too_many_ends(std::uint32_t limit) {
    return overloaded(
        fmt::format("{} mails end at once: more are answered busy", limit),
        "if it lasts look how fast the disk is, or raise ends_at_once in the [limits] section of "
        "the configuration"
    );
}

Admission::Room::~Room() {
    if (admission_ != nullptr) admission_->take_back(promised_ - written_);
}

bool Admission::Room::needs_more_for(std::uint64_t size) const {
    return times * size > promised_;
}

Result<void>
Admission::Room::grow(const Archive& archive, std::uint64_t min_free, std::uint64_t size) {
    if (!needs_more_for(size)) return {};
    const std::uint64_t more = std::max(times * size - promised_, times * step);
    TRY(admission_->promise(archive, min_free, more));
    promised_ += more;
    return {};
}

void Admission::Room::wrote(std::uint64_t size) {
    const std::uint64_t now = std::min(size, promised_);
    if (now <= written_) return;
    admission_->take_back(now - written_);
    written_ = now;
}

Result<void> Admission::check_load(const LimitSettings& limits) {
    if (full(limits.ends_at_once)) return fail(too_many_ends(limits.ends_at_once));
    TRY(check_descriptors());
    return check_memory(limits.min_memory);
}

Result<void> Admission::check_room(
    const Archive& archive, std::uint64_t min_free, const std::optional<std::uint64_t>& size
) const {
    return check_space(archive, min_free, promised() + room_for(size));
}

Result<Admission::Room> Admission::reserve(
    const Archive& archive, std::uint64_t min_free, const std::optional<std::uint64_t>& size
) {
    const std::uint64_t bytes = room_for(size);
    TRY(promise(archive, min_free, bytes));
    return Room(this, bytes);
}

std::uint64_t Admission::promised() const {
    const std::scoped_lock lock(mutex_);
    return promised_;
}

/// Looking and promising are one step: of two mails that fit alone one is told so.
Result<void>
Admission::promise(const Archive& archive, std::uint64_t min_free, std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    TRY(check_space(archive, min_free, promised_ + bytes));
    promised_ += bytes;
    return {};
}

Result<void> Admission::check_memory(std::uint64_t least) {
    const auto available = least == 0 ? std::nullopt : memory_.available();
    if (!available || *available >= least) return {};
    return fail(overloaded(
        fmt::format("{} bytes of memory are available, {} are the minimum", *available, least),
        "free some memory, give the service more (MemoryMax=), or lower min_memory in the [limits] "
        "section of the configuration"
    ));
}

void Admission::take_back(std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    promised_ -= bytes;
}

} // namespace kwit
