#include "core/archive/fields.hh"

#include "core/base/domain.hh"
#include "core/base/text.hh"
#include "core/model/email_address.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit {

namespace {

constexpr std::size_t max_id = 64;
constexpr std::size_t max_text = 200;
constexpr std::size_t max_code = 16;
constexpr std::size_t max_number = 20;
constexpr std::size_t max_extension = 32;
constexpr std::array<std::string_view, 3> locales = {"pl", "de", "en"};

template <typename Allowed>
bool is_word(std::string_view text, std::size_t max, Allowed allowed) {
    return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), allowed);
}

auto not_a(std::string_view what, std::string_view text, std::string rule) {
    return fail(
        Kind::misuse,
        fmt::format("\"{}\" cannot be used as {}", cut_utf8(text, max_text), what),
        std::move(rule)
    );
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

bool is_plain(std::string_view text) {
    bool plain = is_utf8(text);
    each_code_point(text, [&](char32_t c) { plain = plain && !is_control(c); });
    return plain;
}

/// Anybody can have a name below a public suffix ("co.uk"), so that one is no domain of somebody.
Result<std::string> check_domain(std::string_view what, std::string_view text) {
    const auto domain = domain_key(text);
    if (domain && registrable_domain(*domain)) return *domain;
    return not_a(what, text, "use a domain that belongs to somebody, like kunde.example");
}

} // namespace

Result<void> check_client_id(std::string_view id) {
    const auto allowed = [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
    };
    if (is_word(id, max_id, allowed)) return {};
    return not_a("client id", id, "use 1 to 64 letters, digits, hyphens, underscores or dots");
}

Result<void> check_text(std::string_view what, std::string_view text) {
    if (!trim(text).empty() && text.size() <= max_text && is_plain(text)) return {};
    return not_a(what, text, "use 1 to 200 bytes of UTF-8 without control characters");
}

Result<void> check_optional_text(std::string_view what, std::string_view text) {
    if (text.empty()) return {};
    return check_text(what, text);
}

Result<void> check_locale(std::string_view locale) {
    if (locale.empty() || std::find(locales.begin(), locales.end(), locale) != locales.end())
        return {};
    return not_a("locale", locale, "use pl, de or en");
}

Result<void> check_code(std::string_view code) {
    const auto allowed = [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; };
    if (is_word(code, max_code, allowed)) return {};
    return not_a("code", code, "use 1 to 16 letters, digits or hyphens");
}

Result<void> check_number(std::string_view number) {
    if (is_word(number, max_number, is_digit)) return {};
    return not_a("number of an address", number, "use 1 to 20 digits");
}

Result<void> check_extension(std::string_view extension) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; };
    if (is_word(extension, max_extension, allowed)) return {};
    return not_a(
        "extension of an address", extension, "use 1 to 32 of the letters a to z, digits or hyphens"
    );
}

Result<std::string> check_email(std::string_view text) {
    const auto address = EmailAddress::parse(text);
    if (address) return address->key();
    return not_a("e-mail address", text, "write it as local-part@domain");
}

Result<std::string> check_sender_email(std::string_view text) {
    if (!text.starts_with('@')) return check_email(text);
    const std::string domain = TRY(check_domain("domain of senders", text.substr(1)));
    return "@" + domain;
}

Result<std::string> check_optional_domain(std::string_view what, std::string_view text) {
    if (text.empty()) return std::string();
    return check_domain(what, text);
}

} // namespace kwit
