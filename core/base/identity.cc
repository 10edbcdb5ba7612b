#include "core/base/identity.hh"

#include "core/base/file.hh"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace kwit {

namespace {

constexpr std::size_t entry_size = 16UL * 1024;

UserId from_entry(const passwd& entry) {
    return {entry.pw_uid, entry.pw_gid, entry.pw_name};
}

std::optional<UserId> find_uid(uid_t uid) {
    std::vector<char> buffer(entry_size);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::nullopt;
    return from_entry(entry);
}

} // namespace

Result<UserId> find_user(const std::string& name) {
    std::vector<char> buffer(entry_size);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
        found == nullptr)
        return fail(
            Kind::misuse,
            fmt::format("there is no user \"{}\" on this machine", name),
            fmt::format("create it with: adduser --system --group {}", name)
        );
    return from_entry(entry);
}

Result<gid_t> find_group(const std::string& name) {
    std::vector<char> buffer(entry_size);
    group entry{};
    group* found = nullptr;
    if (getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
        found == nullptr)
        return fail(
            Kind::misuse,
            fmt::format("there is no group \"{}\" on this machine", name),
            fmt::format("create it with: addgroup --system {}", name)
        );
    return entry.gr_gid;
}

Result<UserId> owner_of(const std::filesystem::path& path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) != 0)
        return fail(system_error("look at " + path.string(), errno));
    const auto user = find_uid(status.st_uid);
    return user ? *user : UserId{status.st_uid, status.st_gid, std::to_string(status.st_uid)};
}

UserId current_user() {
    const auto user = find_uid(geteuid());
    return user ? *user : UserId{geteuid(), getegid(), std::to_string(geteuid())};
}

Result<void> become(const UserId& user) {
    if (geteuid() == user.uid) return {};
    const bool done = initgroups(user.name.c_str(), user.gid) == 0 && setgid(user.gid) == 0 &&
                      setuid(user.uid) == 0;
    if (!done) {
        const int errnum = errno;
        Error error = system_error("become user " + user.name, errnum);
        error.kind = Kind::misuse;
        error.remedy = "start it as root, or as that user";
        return fail(std::move(error));
    }
    return {};
}

} // namespace kwit
