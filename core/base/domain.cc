#include "core/base/domain.hh"

#include "core/base/text.hh"

#include <idn2.h>
#include <libpsl.h>

#include <algorithm>
#include <memory>

namespace kwit {

namespace {

constexpr std::size_t max_name = 253;
constexpr std::size_t max_label = 63;

bool is_label(std::string_view label) {
    const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= max_label && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), fits);
}

std::optional<std::string> to_ascii(std::string_view domain) {
    char* made = nullptr;
    const int code = idn2_lookup_u8(
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libidn2 speaks unsigned
        // char.
        reinterpret_cast<const std::uint8_t*>(std::string(domain).c_str()),
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
        reinterpret_cast<std::uint8_t**>(&made),
        IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL
    );
    if (code != IDN2_OK) return std::nullopt;
    std::string ascii(made);
    idn2_free(made);
    return ascii;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

} // namespace

std::optional<std::string> domain_key(std::string_view domain) {
    if (domain.empty() || domain.size() > 4 * max_name ||
        domain.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::optional<std::string> ascii = is_ascii(domain) ? std::string(domain) : to_ascii(domain);
    if (!ascii || ascii->size() > max_name) return std::nullopt;
    const auto labels = split(*ascii, '.');
    if (!std::all_of(labels.begin(), labels.end(), is_label)) return std::nullopt;
    return lower(*ascii);
}

std::optional<std::string> registrable_domain(const std::string& domain) {
    const char* found = psl_registrable_domain(psl_builtin(), domain.c_str());
    if (found == nullptr) return std::nullopt;
    return std::string(found);
}

} // namespace kwit
