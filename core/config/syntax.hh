// How sizes, durations and the other small texts of the configuration are written. Each function
// reads a whole text, or gives nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kwit::syntax {

/// "1GiB", "256KiB", "20MiB", "4TiB", "512B", "1048576": bytes.
std::optional<std::uint64_t> size(std::string_view text);

/// "1GiB": the largest unit that divides it.
std::string size_text(std::uint64_t bytes);

/// "90d", "12h", "30m", "45s": at least one second, at most a hundred years.
std::optional<std::chrono::seconds> duration(std::string_view text);

/// "0660": three octal digits after a nought.
std::optional<unsigned> mode(std::string_view text);

/// Where a milter socket is.
struct Socket {
    std::string path{}; ///< of unix:
    std::string host{}; ///< of inet:
    std::uint16_t port = 0;
};

/// "unix:/absolute/path" of at most max_socket_path bytes, or "inet:PORT@HOST".
std::optional<Socket> socket(std::string_view text);
inline constexpr std::size_t max_socket_path = 107; ///< sockaddr_un holds one more for the NUL

/// "localhost" or an address of 127.0.0.0/8.
bool is_loopback(std::string_view host);

/// "smtp://HOST:PORT"; HOST is a name, an IPv4 address or an IPv6 address in brackets.
bool is_smtp_url(std::string_view text);

/// An absolute path without controls.
bool is_absolute(std::string_view path);

/// The absolute path of a directory that is there.
bool is_directory(std::string_view path);

/// "07:00" to "23:59", since midnight.
std::optional<std::chrono::minutes> time_of_day(std::string_view text);

/// One line of UTF-8 without controls.
bool is_office(std::string_view text);
inline constexpr std::size_t max_office = 100; ///< bytes

/// Lines of UTF-8 without controls; line ends and blanks around the whole are taken off.
std::optional<std::string> signature(std::string_view text);
inline constexpr std::size_t max_signature = 1000; ///< bytes
inline constexpr std::size_t max_signature_lines = 10;

/// What may stand as the authserv-id of Authentication-Results: a token (RFC 2045 §5.1).
bool is_token(std::string_view text);

/// "faktury": lower-case letters, digits, dot, hyphen, underscore; not what kwit takes for itself
/// (postmaster, bounce).
bool is_local_base(std::string_view text);
inline constexpr std::size_t max_base = 40; ///< leaves room for "+" and the number in 64

/// "Name <local@domain>" or "local@domain", the name without quotes; nothing when it is neither.
std::optional<std::string> mailbox(std::string_view text);

} // namespace kwit::syntax
