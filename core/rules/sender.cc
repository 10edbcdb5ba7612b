#include "core/rules/sender.hh"

#include "core/base/domain.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit::rules {

namespace {

/// The one value of a property; nothing when it is absent or there twice, which can be read in two
/// ways.
std::optional<std::string> property(const MethodResult& result, std::string_view name) {
    std::optional<std::string> value;
    for (const ResultProperty& one : result.properties) {
        if (one.name != name) continue;
        if (value) return std::nullopt;
        value = one.value;
    }
    return value;
}

/// The domain of "anna@kunde.example", "@kunde.example" or "kunde.example"; nothing when any of it
/// is not clean, so that no quoting or comment in an address passes for a domain.
std::optional<std::string> domain_of(std::string_view value) {
    if (value.find('@') == std::string_view::npos) return domain_key(value);
    if (value.front() == '@') return domain_key(value.substr(1));
    const auto address = EmailAddress::parse(value);
    if (!address) return std::nullopt;
    return address->domain();
}

/// What a passing result of the method vouches for, as far as this mail is concerned.
using Vouched = std::optional<std::string> (*)(const MethodResult&, const Envelope&);

std::optional<std::string> vouched_by_dkim(const MethodResult& result, const Envelope&) {
    // header.d given twice must not fall back on header.i.
    const bool has_d = std::any_of(
        result.properties.begin(),
        result.properties.end(),
        [](const ResultProperty& one) { return one.name == "header.d"; }
    );
    const auto value = property(result, has_d ? "header.d" : "header.i");
    if (!value) return std::nullopt;
    return has_d ? domain_key(*value) : domain_of(*value);
}

std::optional<std::string> vouched_by_dmarc(const MethodResult& result, const Envelope&) {
    const auto value = property(result, "header.from");
    if (!value) return std::nullopt;
    return domain_of(*value);
}

/// The envelope sender's domain, if the result speaks of just that one: a null sender is checked by
/// its HELO name, which proves nothing about the author.
std::optional<std::string> vouched_by_spf(const MethodResult& result, const Envelope& envelope) {
    const auto sender = EmailAddress::parse(envelope.sender);
    const auto value = property(result, "smtp.mailfrom");
    if (!sender || !value) return std::nullopt;
    auto domain = domain_of(*value);
    if (!domain || *domain != sender->domain()) return std::nullopt;
    return domain;
}

/// header.from is the domain of From: as the checker read it (RFC 7489 §11.1); another one means
/// that it read another author than we do.
bool same_domain(std::string_view one, std::string_view other) {
    const auto key = domain_key(other);
    return key && domain_key(one) == *key;
}

struct Method {
    std::string_view name;
    Vouched vouched;
    bool (*fits)(std::string_view, std::string_view); // what is vouched for, the author's domain
};

constexpr std::array methods = {
    Method{"dkim", vouched_by_dkim, aligned},
    Method{"dmarc", vouched_by_dmarc, same_domain},
    Method{"spf", vouched_by_spf, aligned},
};

/// Written by a border host of ours: its id is configured, and no more hosts have added a Received
/// header on top than there are between the border and us.
bool is_ours(const AuthenticationResults& results, const TrustSettings& trust, unsigned hops) {
    const auto& ids = trust.authserv_ids;
    return results.received_above <= hops &&
           std::find(ids.begin(), ids.end(), results.authserv_id) != ids.end();
}

/// The domain that one header vouches for by the method, aligned with the author's; nothing
/// otherwise. One passing signature is enough, whatever the others say.
std::optional<std::string> vouched_in(
    const AuthenticationResults& results,
    const Method& method,
    const EmailAddress& author,
    const Envelope& envelope
) {
    for (const MethodResult& result : results.methods) {
        if (result.method != method.name || result.result != "pass") continue;
        auto domain = method.vouched(result, envelope);
        if (domain && method.fits(*domain, author.domain())) return domain;
    }
    return std::nullopt;
}

} // namespace

const EmailAddress* sole_author(const FromFacts& from) {
    const bool plain = from.count == 1 && from.mailboxes.size() == 1 && from.problem.empty();
    return plain ? &from.mailboxes.front().address : nullptr;
}

bool aligned(std::string_view one, std::string_view other) {
    const auto a = domain_key(one);
    const auto b = domain_key(other);
    if (!a || !b) return false;
    if (*a == *b) return true;
    const auto organisation = registrable_domain(*a);
    return organisation && organisation == registrable_domain(*b);
}

std::optional<Proof> proof_of(
    const EmailAddress& author,
    const HeaderFacts& header,
    const Envelope& envelope,
    const RecipientFacts& recipient,
    const TrustSettings& trust
) {
    if (recipient.login_is_sender)
        return Proof{"login", fmt::format("SASL login {}", envelope.login)};
    // The mail came to the re-entry through our own queue, which wrote one line more.
    const unsigned hops = trust.hops + (envelope.daemon_name == reentry_daemon ? 1U : 0U);
    for (const Method& method : methods) {
        for (const AuthenticationResults& results : header.results) {
            if (!is_ours(results, trust, hops)) continue;
            if (const auto domain = vouched_in(results, method, author, envelope))
                return Proof{
                    std::string(method.name), fmt::format("{} pass for {}", method.name, *domain)};
        }
    }
    return std::nullopt;
}

} // namespace kwit::rules
