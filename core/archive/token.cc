#include "core/archive/token.hh"

#include "core/base/random.hh"
#include "core/base/text.hh"
#include "core/model/digest.hh"

#include <algorithm>

namespace kwit {

namespace {

// Without l, o, i, 0 and 1. Their number is prime, so that the weights below tell apart every
// single wrong character and every exchange of two.
constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
constexpr std::size_t token_size = 10;
constexpr std::size_t secret_size = 16;

static_assert(alphabet.size() == 31);

/// The check character: the sum of place times value, places counted from 1, modulo 31.
char check_of(std::string_view token) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < token.size(); ++i)
        sum += (i + 1) * alphabet.find(token[i]);
    return alphabet[sum % alphabet.size()];
}

std::string draw(std::size_t size) {
    std::string text = random_text(alphabet, size - 1);
    text += check_of(text);
    return text;
}

bool is_drawn(std::string_view text, std::size_t size) {
    if (text.size() != size) return false;
    if (text.find_first_not_of(alphabet) != std::string_view::npos) return false;
    return check_of(text.substr(0, size - 1)) == text.back();
}

} // namespace

std::string draw_token() {
    return draw(token_size);
}

bool is_token(std::string_view text) {
    return is_drawn(text, token_size);
}

std::string draw_secret() {
    return draw(secret_size);
}

bool is_secret(std::string_view text) {
    return is_drawn(text, secret_size);
}

std::string digest_of_secret(std::string_view secret) {
    return Digest(sha256(secret)).hex();
}

namespace {

/// The text where the token of an open address would stand; empty when there is no such place.
std::string_view place_of_token(std::string_view local) {
    const bool has_one = local.size() > token_size && local[token_size] == '-';
    return has_one ? local.substr(0, token_size) : std::string_view();
}

} // namespace

std::string_view token_of(std::string_view local) {
    const std::string_view token = place_of_token(local);
    return is_token(token) ? token : std::string_view();
}

bool has_mistyped_token(std::string_view local) {
    const std::string_view token = place_of_token(local);
    const auto is_typed = [](char c) { return is_alpha(c) || is_digit(c); };
    return !token.empty() && std::all_of(token.begin(), token.end(), is_typed) && !is_token(token);
}

} // namespace kwit
