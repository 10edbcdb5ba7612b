#include "core/intake/recipient.hh"

#include "core/archive/decorations.hh"
#include "core/archive/directory.hh"
#include "core/archive/token.hh"
#include "core/base/text.hh"
#include "core/model/address_state.hh"
#include "core/rules/sender.hh"
#include "core/rules/subject.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

Finding about(Reason reason, const EmailAddress& address) {
    return {.reason = reason, .values = {{"address", address.text()}}};
}

Finding disabled(const std::string& why, const EmailAddress& address) {
    Finding finding = about(Reason::address_disabled, address);
    if (why.empty()) return finding;
    finding.detail = "why";
    finding.values.emplace("why", why);
    return finding;
}

/// Whoever has the old address does not learn the new one from us.
Finding expired(const ImportAddress& known, const EmailAddress& address) {
    Finding finding = about(Reason::address_expired, address);
    if (!known.replaced_by.empty()) finding.detail = "replaced";
    return finding;
}

/// What keeps a known address from taking mail now.
std::optional<Finding> obstacle(
    const AddressAndClient& found, const Policy& policy, const EmailAddress& address, Time now
) {
    switch (state_of(found.address, now)) {
    case AddressState::disabled:
        return disabled(found.address.disabled_reason, address);
    case AddressState::expired:
        return expired(found.address, address);
    case AddressState::enabled:
    case AddressState::replaced:
        break;
    }
    if (policy.route == Route::address && found.client.notify.empty())
        return about(Reason::client_not_notifiable, address);
    return std::nullopt;
}

bool stands_for(
    const std::string& login, const EmailAddress& author, const std::optional<Sender>& sender
) {
    if (login.empty()) return false;
    return same_word(login, author.key()) ||
           (sender && !sender->login.empty() && login == sender->login);
}

/// "AB:CD:…" and "abcd…" are one fingerprint; empty for what is none.
std::string fingerprint_key(std::string_view text) {
    constexpr std::size_t shortest = 32; // MD5 in hexadecimal digits
    std::string key;
    for (const char c : lower(text)) {
        if (c == ':') continue;
        if (!is_digit(c) && (c < 'a' || c > 'f')) return {};
        key += c;
    }
    return key.size() < shortest ? std::string() : key;
}

bool stands_for(const ClientCertificate& certificate, const std::optional<Sender>& sender) {
    if (!sender || sender->certificate.empty()) return false;
    const std::string wanted = fingerprint_key(sender->certificate);
    if (!wanted.empty()) return wanted == fingerprint_key(certificate.fingerprint);
    return sender->certificate == certificate.subject;
}

/// One that is right is enough: a mail may be addressed to the old one and to the new one.
SecretInAddress judge_secrets(
    const std::vector<std::string>& secrets, const std::optional<Sender>& sender, Time now
) {
    if (secrets.empty()) return SecretInAddress::none;
    const bool is_right =
        sender && std::any_of(secrets.begin(), secrets.end(), [&](const auto& one) {
            const std::string digest = digest_of_secret(one);
            return digest == sender->secret ||
                   (digest == sender->old_secret && sender->old_secret_until &&
                    now < *sender->old_secret_until);
        });
    return is_right ? SecretInAddress::right : SecretInAddress::wrong;
}

} // namespace

Result<std::variant<ImportRecipient, Finding>> look_up(
    const Archive& archive,
    const Settings& settings,
    const DomainSettings& domain,
    const EmailAddress& address,
    Time now
) {
    using Found = std::variant<ImportRecipient, Finding>;
    const auto found = TRY(find_recipient(archive, address.key()));
    if (!found) return Found(about(Reason::address_unknown, address));
    const auto policy = settings.policies.find(found->address.policy);
    if (policy == settings.policies.end())
        return fail(
            Kind::misuse,
            fmt::format(
                "import address {} has the policy \"{}\", which is not configured",
                address.text(),
                found->address.policy
            ),
            fmt::format(
                "add [policy.{}] to the configuration, or: kwit address set {} --policy NAME",
                found->address.policy,
                address.text()
            )
        );
    if (auto finding = obstacle(*found, policy->second, address, now))
        return Found(*std::move(finding));
    // A month in the wrong zone would be a wrong period.
    TRY(check_zone(domain.timezone));
    return Found(ImportRecipient{
        .facts =
            {.address = found->address,
             .client = found->client,
             .policy = policy->second,
             .locale = found->client.locale.empty() ? domain.locale : found->client.locale,
             .timezone = domain.timezone,
             .alignment = domain.alignment},
        .written = {}});
}

namespace {

Result<void>
add_subject(RecipientFacts& recipient, const Archive& archive, const HeaderFacts& header) {
    if (recipient.policy.route != Route::subject) return {};
    recipient.subject = rules::read_subject(header.subject.text);
    if (const auto code = rules::code_read(recipient.subject)) {
        const auto user = TRY(find_sender_by_code(archive, *code));
        if (user && user->client == recipient.client.id) recipient.user = user;
    }
    return {};
}

} // namespace

Result<void> complete(
    ImportRecipient& wanted,
    const Archive& archive,
    const HeaderFacts& header,
    const Envelope& envelope,
    Time now
) {
    RecipientFacts& recipient = wanted.facts;
    TRY(add_subject(recipient, archive, header));
    recipient.decorations = TRY(decorations_of(archive, recipient.client.id));
    const EmailAddress* const author = rules::sole_author(header.from);
    if (author == nullptr) return {};
    recipient.sender = TRY(find_sender_of(archive, recipient.client.id, *author));
    recipient.login_is_sender = stands_for(envelope.login, *author, recipient.sender);
    recipient.certificate_is_sender = stands_for(envelope.certificate, recipient.sender);
    recipient.secret = judge_secrets(wanted.secrets, recipient.sender, now);
    if (recipient.sender && recipient.sender->alignment)
        recipient.alignment = *recipient.sender->alignment;
    return {};
}

} // namespace kwit
