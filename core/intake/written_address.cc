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

bool is_letter_or_digit(char c) {
    return is_alpha(c) || is_digit(c);
}

/// A word of letters and digits, with "***" for a secret at its end.
std::string without_secret_at_end(std::string_view word) {
    if (word.size() < secret_size) return std::string(word);
    const std::size_t before = word.size() - secret_size;
    const bool has_one = is_secret(lower(word.substr(before)));
    return has_one ? std::string(word.substr(0, before)) + "***" : std::string(word);
}

} // namespace

std::string hide_secrets(std::string_view address) {
    std::string_view local = before_at(address);
    const std::string_view behind = address.substr(local.size());
    std::string shown;
    while (!local.empty()) {
        const auto* const end = std::find_if_not(local.begin(), local.end(), is_letter_or_digit);
        const auto size = static_cast<std::size_t>(end - local.begin());
        shown += without_secret_at_end(local.substr(0, size));
        shown += local.substr(size, 1);
        local.remove_prefix(std::min(size + 1, local.size()));
    }
    return shown.append(behind);
}

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

Result<void> check_room_for_secret(const EmailAddress& address) {
    TRY(with_secret(address, std::string(secret_size, 'x')));
    return {};
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
