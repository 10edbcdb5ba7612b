#include "milter/socket.hh"

#include "core/base/identity.hh"
#include "core/base/text.hh"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

namespace kwit::milter {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view inet_prefix = "inet:";

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

Result<void> set_group(const std::string& path, const std::string& group) {
    if (group.empty()) return {};
    const gid_t gid = TRY(find_group(group));
    if (::chown(path.c_str(), static_cast<uid_t>(-1), gid) != 0)
        return fail(system_error(fmt::format("give the socket {} to group {}", path, group), errno)
        );
    return {};
}

Fd connect_unix(const std::string& path) {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are addressed
    if (!fd ||
        ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    return fd;
}

Fd connect_inet(std::string_view place) {
    const std::size_t at = place.find('@');
    const auto port = parse_number(place.substr(0, at));
    const std::string host =
        at == std::string_view::npos ? "127.0.0.1" : std::string(place.substr(at + 1));
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port.value_or(0)));
    if (!fd ||
        inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &address.sin_addr) !=
            1)
        return {};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are addressed
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    return fd;
}

} // namespace

Result<Fd> lock_instance(const MilterSettings& settings) {
    const auto path = unix_path(settings.socket);
    if (!path) return Fd();
    TRY(check_directory(*path));
    const std::string name = *path + ".lock";
    Fd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fail(system_error("open the lock " + name, errno));
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
    return path ? set_group(*path, settings.socket_group) : Result<void>();
}

Fd connect_to(const std::string& socket) {
    if (const auto path = unix_path(socket)) return connect_unix(*path);
    if (socket.starts_with(inet_prefix))
        return connect_inet(std::string_view(socket).substr(inet_prefix.size()));
    return {};
}

} // namespace kwit::milter
