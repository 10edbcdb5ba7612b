#include "core/intake/archive_door.hh"

#include "core/base/file.hh"
#include "core/base/log.hh"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

namespace kwit {

namespace {

std::filesystem::path index_file(const ArchiveSettings& settings) {
    return settings.path / "index" / "data.mdb";
}

} // namespace

Result<ArchiveDoor::FileId> ArchiveDoor::index_id(const ArchiveSettings& settings) {
    struct stat status {};

    if (::stat(index_file(settings).c_str(), &status) != 0) {
        Error error = system_error("find the index " + index_file(settings).string(), errno);
        if (errno == ENOENT)
            error.remedy = "mount its disk or correct [archive] path; a new archive is made by: "
                           "kwit client add";
        return fail(std::move(error));
    }
    return FileId{status.st_dev, status.st_ino};
}

Result<std::shared_ptr<Archive>> ArchiveDoor::get() {
    const std::scoped_lock lock(mutex_);
    close_if_broken();
    const auto id = index_id(settings_);
    if (id && archive_ && *id == opened_) {
        keep_house();
        return archive_;
    }
    if (archive_) close();
    if (id && std::chrono::steady_clock::now() < next_try_ && last_error_)
        return fail(*last_error_);
    auto opened = id ? open() : Result<std::shared_ptr<Archive>>(fail(id.error()));
    if (!opened) {
        tell(opened.error());
        // Looking whether the index is there costs nothing; opening one that cannot be opened does.
        if (id && leaving_.expired())
            next_try_ = std::chrono::steady_clock::now() + pauses_.between_tries;
        return opened;
    }
    if (last_error_ && told_)
        log::info("", fmt::format("the archive {} is back", settings_.path.string()));
    last_error_.reset();
    archive_ = *opened;
    opened_ = *id;
    return opened;
}

/// Once, not at every mail. Whoever still has it open is no news after what made us close it.
void ArchiveDoor::tell(const Error& error) {
    if (last_error_ && (last_error_->what == error.what || !leaving_.expired())) return;
    told_ = log::complain("", error);
    last_error_ = error;
}

Result<std::shared_ptr<Archive>> ArchiveDoor::open() {
    if (!leaving_.expired())
        return fail(
            Kind::temporary,
            fmt::format("the archive {} is still being closed", settings_.path.string())
        );
    return std::shared_ptr<Archive>(TRY(Archive::open(settings_, access_)));
}

void ArchiveDoor::close_if_broken() {
    if (!archive_ || !archive_->needs_reopening()) return;
    last_error_ = Error{
        .kind = Kind::temporary,
        .what = fmt::format(
            "the index of archive {} cannot be used after a write that failed",
            settings_.path.string()
        ),
        .remedy = lmdb::broken_remedy,
        .cause = Cause::restart_needed};
    // Whoever met it first may have told it already.
    log::complain("", *last_error_);
    told_ = true;
    close();
}

/// Also on an idle milter: who sends the notices asks for the archive every few seconds.
void ArchiveDoor::keep_house() {
    const auto time = std::chrono::steady_clock::now();
    if (time < next_house_keeping_) return;
    next_house_keeping_ = time + pauses_.between_house_keeping;
    const auto cleared = archive_->clear_dead_readers();
    if (!cleared)
        log::complain("", cleared.error());
    else if (*cleared > 0)
        log::info("", fmt::format("{} readers of the index had died", *cleared));
}

void ArchiveDoor::close() {
    leaving_ = archive_;
    archive_.reset();
}

void ArchiveDoor::set_map_size(std::uint64_t size) {
    const std::scoped_lock lock(mutex_);
    if (settings_.map_size == size) return;
    settings_.map_size = size;
    close();
}

Result<void> ArchiveDoor::probe(const ArchiveSettings& settings) {
    TRY(index_id(settings));
    TRY(Archive::open(settings, Access::read_only));
    return {};
}

} // namespace kwit
