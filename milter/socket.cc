#include "milter/socket.hh"

#include "core/base/identity.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <libmilter/mfapi.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

namespace kwit::milter {

namespace {

constexpr std::string_view unix_prefix = "unix:";

std::optional<std::string> unix_path(const std::string& socket) {
    if (!socket.starts_with(unix_prefix)) return std::nullopt;
    return socket.substr(unix_prefix.size());
}

Result<void> check_directory(const std::string& path) {
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    std::error_code unreadable; // cannot be looked at: as good as not there
    if (std::filesystem::is_directory(directory, unreadable)) return {};
    return fail(
        Kind::misuse,
        fmt::format(
            "cannot make the socket {}: the directory {} is not there", path, directory.string()
        ),
        fmt::format("create it with: install -d -m 0750 -o kwit -g postfix {}", directory.string())
    );
}

struct Owner {
    uid_t uid = static_cast<uid_t>(-1); // as chown() says "leave it"
    gid_t gid = static_cast<gid_t>(-1);
};

/// Whose socket and lock are to be: started as root we make them, and as the user that we become we
/// connect to the socket (milter/nudge, milter/watchdog) and may be started next time.
Result<Owner> owner_of_ours(const MilterSettings& settings) {
    Owner owner;
    if (!settings.user.empty() && ::geteuid() == 0) owner.uid = TRY(find_user(settings.user)).uid;
    if (!settings.socket_group.empty()) owner.gid = TRY(find_group(settings.socket_group));
    return owner;
}

Result<void> give_socket(const std::string& path, const MilterSettings& settings) {
    const Owner owner = TRY(owner_of_ours(settings));
    if (::chown(path.c_str(), owner.uid, owner.gid) == 0) return {};
    return fail(system_error(
        fmt::format("give the socket {} to {}:{}", path, settings.user, settings.socket_group),
        errno
    ));
}

} // namespace

Result<Fd> lock_instance(const MilterSettings& settings) {
    const auto path = unix_path(settings.socket);
    if (!path) return Fd();
    TRY(check_directory(*path));
    const std::string name = *path + ".lock";
    Fd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fail(system_error("open the lock " + name, errno));
    const Owner owner = TRY(owner_of_ours(settings));
    if (::fchown(fd.get(), owner.uid, static_cast<gid_t>(-1)) != 0)
        return fail(system_error("give the lock " + name + " to " + settings.user, errno));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    if (errno != EWOULDBLOCK) return fail(system_error("lock " + name, errno));
    return fail(
        Kind::misuse,
        fmt::format("another kwit-milter is running on {}", settings.socket),
        "stop it first, or give this one a socket of its own ([milter] socket)"
    );
}

Result<void> open_socket(const MilterSettings& settings) {
    const auto path = unix_path(settings.socket);
    std::string connection = settings.socket; // libmilter's prototype wants char*
    if (smfi_setconn(connection.data()) != MI_SUCCESS)
        return fail(Kind::misuse, "libmilter does not understand the socket " + settings.socket);
    // The mode must be right when the socket appears: between bind and a later chmod anybody could
    // connect.
    const mode_t before =
        ::umask(path ? static_cast<mode_t>(~settings.socket_mode & 0777U) : 0077U);
    const int opened = smfi_opensocket(true);
    const int errnum = errno;
    ::umask(before);
    if (opened != MI_SUCCESS) {
        Error error = system_error("open the socket " + settings.socket, errnum);
        if (errnum == EADDRINUSE)
            error.remedy = "stop the program that uses it, or choose another one ([milter] socket)";
        return fail(std::move(error));
    }
    return path ? give_socket(*path, settings) : Result<void>();
}

} // namespace kwit::milter
