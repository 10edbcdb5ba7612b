#include "cli/context.hh"

#include "core/base/file.hh"
#include "core/base/identity.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace kwit::cli {

namespace {

constexpr mode_t archive_mode = 0750;
constexpr mode_t parent_mode = 0755;

std::filesystem::path index_of(const Settings& settings) {
    return settings.archive.path / "index" / "data.mdb";
}

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

Error not_there(const Settings& settings) {
    return {
        .kind = Kind::temporary,
        .what = fmt::format("there is no archive at {}", settings.archive.path.string()),
        .remedy = "mount its disk or correct [archive] path; a new archive is made by: "
                  "kwit client add"};
}

Error not_ours(const Context& context, const UserId& owner) {
    return {
        .kind = Kind::temporary,
        .what = fmt::format(
            "the archive {} belongs to {}, and you are {}",
            context.settings.archive.path.string(),
            owner.name,
            current_user().name
        ),
        .remedy = fmt::format("sudo -u {} {}", shell_word(owner.name), context.command_line)};
}

/// The directory of a new archive, which root makes for the user that will own it. A directory with
/// something in it stays whose it is: it may be there by mistake.
Result<void> make_directory_for(const UserId& user, const std::filesystem::path& wanted) {
    // "/var/lib/kwit/" has an empty last name.
    const std::filesystem::path path = wanted.has_filename() ? wanted : wanted.parent_path();
    // Parents that are missing are on the way to it for everybody.
    TRY(make_directories(path.parent_path(), parent_mode));
    TRY(make_directories(path, archive_mode));
    std::error_code trouble;
    const bool empty = std::filesystem::is_empty(path, trouble);
    if (trouble) return fail(system_error("look into " + path.string(), trouble.value()));
    if (!empty) return {};
    if (::chown(path.c_str(), user.uid, user.gid) != 0)
        return fail(system_error(fmt::format("give {} to {}", path.string(), user.name), errno));
    return {};
}

Result<void> take_identity_for_new(const Context& context) {
    const Settings& settings = context.settings;
    if (settings.milter.user.empty()) return {};
    const UserId user = TRY(find_user(settings.milter.user));
    if (geteuid() == 0)
        TRY(make_directory_for(user, settings.archive.path));
    else if (geteuid() != user.uid)
        return fail(not_ours(context, user));
    return become(user);
}

Result<void> take_identity(const Context& context, Access access) {
    const auto& path = context.settings.archive.path;
    // Other users cannot look into the archive's directory: only its owner can say that it is
    // empty.
    const bool known_new =
        !is_there(path) || (geteuid() == 0 && !is_there(index_of(context.settings)));
    if (known_new && access == Access::read_only) return fail(not_there(context.settings));
    if (known_new) return take_identity_for_new(context);
    const UserId owner = TRY(owner_of(path));
    if (geteuid() != 0 && geteuid() != owner.uid) return fail(not_ours(context, owner));
    return become(owner);
}

} // namespace

Error unusable(Error error) {
    error.kind = Kind::temporary;
    return error;
}

Result<void> take_owners_identity(const Context& context, Access access) {
    return take_identity(context, access).map_error(unusable);
}

Result<std::unique_ptr<Archive>>
open_archive(const Context& context, Access access, Reading reading) {
    TRY(take_owners_identity(context, access));
    if (access == Access::read_only && !is_there(index_of(context.settings)))
        return fail(not_there(context.settings));
    return Archive::open(context.settings.archive, access, reading).map_error(unusable);
}

Result<std::unique_ptr<Archive>> open_existing_archive(const Context& context) {
    TRY(take_owners_identity(context, Access::read_only));
    if (!is_there(index_of(context.settings))) return fail(not_there(context.settings));
    return Archive::open(context.settings.archive, Access::read_write).map_error(unusable);
}

std::string shell_word(const std::string& word) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-+=.,:/@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

} // namespace kwit::cli
