// Addresses as they come in the envelope: an address is the same when it is read again, and no
// secret in one is shown.
#include "core/archive/token.hh"
#include "core/base/domain.hh"
#include "core/base/text.hh"
#include "core/intake/written_address.hh"
#include "tests/fuzz/input.hh"

namespace kwit::fuzz {

namespace {

void run(std::string_view text) {
    if (const auto domain = domain_key(text)) HOLDS(domain_key(*domain) == domain);
    static_cast<void>(hide_secrets(text));
    static_cast<void>(from_xtext(text));
    const auto address = EmailAddress::parse(text);
    if (!address) return HOLDS(address.error().kind == Kind::refused);
    HOLDS(is_utf8(address->text()) && address->local().size() <= 64);
    const auto again = EmailAddress::parse(address->text());
    HOLDS(again && again->key() == address->key());
    const auto key = EmailAddress::parse(address->key());
    HOLDS(key && key->key() == address->key());
    const WrittenAddress written = without_secret(*address);
    if (written.secret.empty()) return;
    HOLDS(is_secret(written.secret));
    const auto whole = with_secret(written.address, written.secret);
    HOLDS(whole && whole->key() == address->key());
    HOLDS(without_secret(written.address).secret.empty());
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kwit::fuzz::run(kwit::fuzz::text_of(data, size));
    return 0;
}
