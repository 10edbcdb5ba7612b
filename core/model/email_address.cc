#include "core/model/email_address.hh"

#include "core/base/domain.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace kwit {

namespace {

constexpr std::size_t max_local = 64;
constexpr std::size_t max_address = 254;

bool is_atext(char c) {
    constexpr std::string_view signs = "!#$%&'*+-/=?^_`{|}~";
    return is_alpha(c) || is_digit(c) || signs.find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_dot_atom(std::string_view text) {
    const auto atoms = split(text, '.');
    return std::all_of(atoms.begin(), atoms.end(), [](std::string_view atom) {
        return !atom.empty() && std::all_of(atom.begin(), atom.end(), is_atext);
    });
}

/// The text between the quotes of a quoted-string, escapes undone; nothing when it is not one.
std::optional<std::string> unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '"') return std::nullopt;
        if (text[i] == '\\' && ++i + 1 >= text.size()) return std::nullopt;
        if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F) return std::nullopt;
        out += text[i];
    }
    return out;
}

std::optional<std::string> local_of(std::string_view text) {
    if (text.empty() || text.size() > max_local || !is_utf8(text)) return std::nullopt;
    if (is_dot_atom(text)) return std::string(text);
    const auto inner = unquoted(text);
    if (!inner) return std::nullopt;
    return is_dot_atom(*inner) ? *inner : std::string(text);
}

} // namespace

Result<EmailAddress> EmailAddress::parse(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (text.size() <= max_address && at != std::string_view::npos) {
        const auto local = local_of(text.substr(0, at));
        const auto domain = domain_key(text.substr(at + 1));
        // A-labels are longer than what they stand for.
        if (local && domain && local->size() + 1 + domain->size() <= max_address)
            return EmailAddress(*local, *domain);
    }
    return fail(
        Kind::refused, fmt::format("\"{}\" is not an e-mail address", cut_utf8(text, max_address))
    );
}

std::string EmailAddress::key() const {
    return lower(local_) + "@" + domain_;
}

} // namespace kwit
