#include "core/config/syntax.hh"

#include "core/base/code_points.hh"
#include "core/base/domain.hh"
#include "core/base/text.hh"
#include "core/model/email_address.hh"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace kwit::syntax {

namespace {

struct SizeUnit {
    std::string_view name;
    std::uint64_t bytes;
};

constexpr std::array size_units = {
    SizeUnit{"TiB", 1ULL << 40},
    SizeUnit{"GiB", 1ULL << 30},
    SizeUnit{"MiB", 1ULL << 20},
    SizeUnit{"KiB", 1ULL << 10},
    SizeUnit{"B", 1},
};

struct DurationUnit {
    char name;
    std::chrono::seconds::rep seconds;
};

constexpr std::array duration_units = {
    DurationUnit{'d', 24L * 60 * 60},
    DurationUnit{'h', 60L * 60},
    DurationUnit{'m', 60},
    DurationUnit{'s', 1}};
constexpr std::uint64_t longest_seconds = 36500ULL * 24 * 60 * 60;

std::optional<std::uint64_t> times(std::uint64_t number, std::uint64_t unit) {
    if (number > std::numeric_limits<std::uint64_t>::max() / unit) return std::nullopt;
    return number * unit;
}

std::optional<std::uint16_t> port(std::string_view digits) {
    const auto number = parse_number(digits);
    if (!number || *number == 0 || *number > std::numeric_limits<std::uint16_t>::max())
        return std::nullopt;
    return static_cast<std::uint16_t>(*number);
}

bool is_ip(int family, std::string_view text) {
    in6_addr address{};
    return inet_pton(family, std::string(text).c_str(), &address) == 1;
}

bool is_host(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        return is_ip(AF_INET6, text.substr(1, text.size() - 2));
    return domain_key(text).has_value();
}

bool has_control(std::string_view text) {
    bool found = !is_utf8(text);
    each_code_point(text, [&](char32_t c) { found = found || is_control(c); });
    return found;
}

} // namespace

std::optional<std::uint64_t> size(std::string_view text) {
    for (const SizeUnit& unit : size_units) {
        if (!text.ends_with(unit.name)) continue;
        text.remove_suffix(unit.name.size());
        const auto number = parse_number(text);
        return number ? times(*number, unit.bytes) : std::nullopt;
    }
    return parse_number(text);
}

std::string size_text(std::uint64_t bytes) {
    const auto* const unit =
        std::find_if(size_units.begin(), size_units.end(), [&](const SizeUnit& candidate) {
            return bytes % candidate.bytes == 0 && bytes != 0;
        });
    if (unit == size_units.end()) return "0B";
    return fmt::format("{}{}", bytes / unit->bytes, unit->name);
}

std::optional<std::chrono::seconds> duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto* const unit = std::find_if(
        duration_units.begin(),
        duration_units.end(),
        [&](const DurationUnit& candidate) { return candidate.name == text.back(); }
    );
    if (unit == duration_units.end()) return std::nullopt;
    text.remove_suffix(1);
    const auto number = parse_number(text);
    if (!number) return std::nullopt;
    const auto seconds = times(*number, static_cast<std::uint64_t>(unit->seconds));
    if (!seconds || *seconds == 0 || *seconds > longest_seconds) return std::nullopt;
    return std::chrono::seconds(*seconds);
}

std::optional<unsigned> mode(std::string_view text) {
    if (text.size() != 4 || text.front() != '0') return std::nullopt;
    unsigned bits = 0;
    for (const char c : text) {
        if (c < '0' || c > '7') return std::nullopt;
        bits = bits * 8 + static_cast<unsigned>(c - '0');
    }
    return bits;
}

std::optional<Socket> socket(std::string_view text) {
    constexpr std::string_view unix_prefix = "unix:";
    constexpr std::string_view inet_prefix = "inet:";
    if (text.starts_with(unix_prefix)) {
        const std::string_view path = text.substr(unix_prefix.size());
        if (!is_absolute(path) || path.size() > max_socket_path) return std::nullopt;
        return Socket{.path = std::string(path)};
    }
    if (!text.starts_with(inet_prefix)) return std::nullopt;
    text.remove_prefix(inet_prefix.size());
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    const auto number = port(text.substr(0, at));
    const std::string_view host = text.substr(at + 1);
    if (!number || !domain_key(host)) return std::nullopt;
    return Socket{.host = std::string(host), .port = *number};
}

bool is_loopback(std::string_view host) {
    return same_word(host, "localhost") || (host.starts_with("127.") && is_ip(AF_INET, host));
}

bool is_smtp_url(std::string_view text) {
    constexpr std::string_view prefix = "smtp://";
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    const std::size_t colon = text.rfind(':');
    return colon != std::string_view::npos && is_host(text.substr(0, colon)) &&
           port(text.substr(colon + 1));
}

bool is_absolute(std::string_view path) {
    return path.starts_with('/') && !has_control(path);
}

bool is_token(std::string_view text) {
    constexpr std::size_t longest = 255;
    constexpr std::string_view special = "()<>@,;:\\\"/[]?=";
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return c > ' ' && c <= '~' && special.find(c) == std::string_view::npos;
           });
}

bool is_local_base(std::string_view text) {
    const auto fits = [](char c) {
        return (is_alpha(c) && c == to_lower(c)) || is_digit(c) || c == '.' || c == '-' || c == '_';
    };
    return !text.empty() && text.size() <= max_base &&
           std::all_of(text.begin(), text.end(), fits) && text.front() != '.' &&
           text.back() != '.' && text.find("..") == std::string_view::npos &&
           text != "postmaster" && text != "bounce";
}

std::optional<std::string> mailbox(std::string_view text) {
    text = trim(text);
    const std::size_t open = text.rfind('<');
    if (open == std::string_view::npos) {
        const auto address = EmailAddress::parse(text);
        return address ? std::optional(address->text()) : std::nullopt;
    }
    if (!text.ends_with('>')) return std::nullopt;
    const auto address = EmailAddress::parse(text.substr(open + 1, text.size() - open - 2));
    std::string_view name = trim(text.substr(0, open));
    if (name.size() > 1 && name.front() == '"' && name.back() == '"')
        name = trim(name.substr(1, name.size() - 2));
    // Quotes, brackets and the like inside the name belong to no one's name, but to mistakes.
    if (!address || has_control(name) || name.find_first_of("<>\"\\") != std::string_view::npos)
        return std::nullopt;
    if (name.empty()) return address->text();
    return fmt::format("{} <{}>", name, address->text());
}

bool is_directory(std::string_view path) {
    std::error_code unknown; // what cannot be looked at cannot be read either
    return is_absolute(path) && std::filesystem::is_directory(path, unknown);
}

std::optional<std::chrono::minutes> time_of_day(std::string_view text) {
    constexpr std::size_t size = 5;
    constexpr std::uint64_t hours = 24;
    constexpr std::uint64_t minutes = 60;
    if (text.size() != size || text[2] != ':') return std::nullopt;
    const auto hour = parse_number(text.substr(0, 2));
    const auto minute = parse_number(text.substr(3));
    if (!hour || !minute || *hour >= hours || *minute >= minutes) return std::nullopt;
    return std::chrono::minutes(*hour * minutes + *minute);
}

bool is_office(std::string_view text) {
    return !trim(text).empty() && text.size() <= max_office && !has_control(text);
}

std::optional<std::string> signature(std::string_view text) {
    text = trim(text);
    const auto lines = split(text, '\n');
    if (text.empty() || text.size() > max_signature || lines.size() > max_signature_lines ||
        std::any_of(lines.begin(), lines.end(), has_control))
        return std::nullopt;
    return std::string(text);
}

} // namespace kwit::syntax
