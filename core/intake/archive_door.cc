#include "core/intake/archive_door.hh"

#include "core/base/file.hh"
#include "core/base/log.hh"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

namespace kwit {

namespace {

constexpr auto pause_between_tries = std::chrono::milliseconds(500);
constexpr auto pause_between_house_keeping = std::chrono::minutes(1);

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
        // Told once, not at every mail.
        if (!last_error_ || last_error_->what != opened.error().what)
            log::error("", opened.error());
        last_error_ = opened.error();
        // Looking whether the index is there costs nothing; opening one that cannot be opened does.
        if (id) next_try_ = std::chrono::steady_clock::now() + pause_between_tries;
        return opened;
    }
    if (last_error_) log::info("", fmt::format("the archive {} is back", settings_.path.string()));
    last_error_.reset();
    archive_ = *opened;
    opened_ = *id;
    return opened;
}

Result<std::shared_ptr<Archive>> ArchiveDoor::open() {
    if (!leaving_.expired())
        return fail(
            Kind::temporary,
            fmt::format("the archive {} is still being closed", settings_.path.string())
        );
    return std::shared_ptr<Archive>(TRY(Archive::open(settings_, access_)));
}

/// Also on an idle milter: who sends the notices asks for the archive every few seconds.
void ArchiveDoor::keep_house() {
    const auto time = std::chrono::steady_clock::now();
    if (time < next_house_keeping_) return;
    next_house_keeping_ = time + pause_between_house_keeping;
    const auto cleared = archive_->clear_dead_readers();
    if (!cleared)
        log::error("", cleared.error());
    else if (*cleared > 0)
        log::info("", fmt::format("{} readers of the index had died", *cleared));
}

void ArchiveDoor::close() {
    leaving_ = archive_;
    archive_.reset();
}

Result<void> ArchiveDoor::probe(const ArchiveSettings& settings) {
    TRY(index_id(settings));
    TRY(Archive::open(settings, Access::read_only));
    return {};
}

} // namespace kwit
