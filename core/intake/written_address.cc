#include "core/intake/written_address.hh"

#include "core/archive/token.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

/// Where the dot between number and secret stands; npos when the local part has no such form.
std::size_t dot_in(const std::string& local) {
    const std::size_t plus = local.find('+');
    if (plus == std::string::npos) return plus;
    const std::size_t dot = local.find('.', plus);
    if (dot == std::string::npos || dot == plus + 1) return std::string::npos;
    const auto begin = local.begin() + static_cast<std::ptrdiff_t>(plus) + 1;
    const auto end = local.begin() + static_cast<std::ptrdiff_t>(dot);
    return std::all_of(begin, end, is_digit) ? dot : std::string::npos;
}

} // namespace

WrittenAddress without_secret(const EmailAddress& written) {
    const std::string& local = written.local();
    const std::size_t dot = dot_in(local);
    if (dot == std::string::npos) return {.address = written};
    std::string secret = lower(local.substr(dot + 1));
    const bool fits = is_secret(secret);
    if (!fits) secret.clear();
    auto address = EmailAddress::parse(
        fmt::format("{}{}@{}", local.substr(0, dot), fits ? "" : ".***", written.domain())
    );
    if (!address) return {.address = written}; // the base is none of ours
    return {.address = *std::move(address), .secret = std::move(secret)};
}

Result<EmailAddress> with_secret(const EmailAddress& address, std::string_view secret) {
    auto whole =
        EmailAddress::parse(fmt::format("{}.{}@{}", address.local(), secret, address.domain()));
    if (whole) return whole;
    return fail(
        Kind::refused,
        fmt::format("{} is too long for a secret behind it", address.text()),
        "a shorter base in [[domain]] or a shorter number makes room"
    );
}

} // namespace kwit
