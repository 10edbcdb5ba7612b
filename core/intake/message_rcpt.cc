// Message at RCPT: whose recipient it is, and what is already known to stand in the way.
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/archive/token.hh"
#include "core/base/log.hh"
#include "core/base/text.hh"
#include "core/intake/message.hh"
#include "core/intake/origin.hh"
#include "core/intake/rates.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

constexpr std::string_view postmaster = "postmaster";
constexpr std::string_view bounce_prefix = "bounce+";

/// The recipient without its angle brackets.
std::string_view bare(std::string_view text) {
    const bool bracketed = text.size() >= 2 && text.front() == '<' && text.back() == '>';
    return bracketed ? text.substr(1, text.size() - 2) : text;
}

/// Where a recipient belongs that is no address we can read: too long, or not in UTF-8.
std::string domain_behind(std::string_view text) {
    const std::size_t at = text.rfind('@');
    return at == std::string_view::npos ? std::string() : lower(text.substr(at + 1));
}

/// Whether it looks like an open address of which somebody mistyped the token. For the office
/// alone: who guesses tokens is told nothing of it.
bool is_mistyped(const Finding& finding, std::string_view address) {
    return finding.reason == Reason::address_unknown &&
           has_mistyped_token(lower(address.substr(0, address.rfind('@'))));
}

Finding unknown(std::string_view address) {
    return {.reason = Reason::address_unknown, .values = {{"address", std::string(address)}}};
}

void add_written(ImportRecipient& recipient, const std::string& written, const WrittenAddress& to) {
    recipient.written.push_back(written);
    if (!to.secret.empty()) recipient.secrets.push_back(to.secret);
}

} // namespace

Answer Message::rcpt(const std::string& written, const std::string& parsed) {
    // Sendmail parses a recipient of its own to the name of a mailbox, without a domain.
    const bool has_domain = parsed.find('@') != std::string::npos;
    const std::string_view text = bare(has_domain ? parsed : written);
    const auto address = EmailAddress::parse(text);
    const std::string host = address ? address->domain() : domain_behind(text);
    const DomainSettings* const domain = snapshot_->settings.domain(host);
    if (domain == nullptr) return other_rcpt(text);
    // Let go, it would come back by the re-entry again and again.
    if (!address) return refuse_rcpt(text, *domain, Address::unknown, unknown(text));
    return our_rcpt(written, *address, *domain);
}

Answer Message::our_rcpt(
    const std::string& written, const EmailAddress& address, const DomainSettings& domain
) {
    if (lower(address.local()) == postmaster) {
        // At the re-entry it would be sent here again and again: the MTA has no mailbox for it.
        if (envelope_.daemon_name == reentry_daemon)
            return refuse_rcpt(
                address.text(), domain, Address::unknown, {.reason = Reason::archive_unavailable}
            );
        return other_rcpt(address.text());
    }
    if (starts_with_word(address.local(), bounce_prefix))
        return bounce_rcpt(written, address, domain);
    return import_rcpt(written, without_secret(address), domain);
}

Answer Message::other_rcpt(std::string_view address) {
    if (is_ours() && !envelope_.removes_recipients) {
        log::info(
            envelope_.queue_id,
            fmt::format("put off recipient {}: the MTA cannot take ours out of its mail", address)
        );
        return Answer::refuse({.reason = Reason::busy}, locale());
    }
    others_ = rules::Others::some;
    return {};
}

/// Whether the mail could not lose its import recipients: sent once for them and once for the
/// others, it need not.
bool Message::must_be_ours_alone() const {
    using WhenEmpty = MilterSettings::WhenEmpty;
    if (envelope_.removes_recipients) return false;
    return others_ == rules::Others::some ||
           snapshot_->settings.milter.when_empty == WhenEmpty::delrcpt;
}

Answer Message::import_rcpt(
    const std::string& written, const WrittenAddress& to, const DomainSettings& domain
) {
    const auto known =
        std::find_if(recipients_.begin(), recipients_.end(), [&](const ImportRecipient& recipient) {
            return recipient.facts.address.address == to.address.key();
        });
    if (known == recipients_.end()) return new_rcpt(written, to, domain);
    add_written(*known, written, to);
    return {};
}

/// What stands in the way of this mail, whoever's it is.
std::optional<Finding> Message::obstacle() const {
    if (envelope_.declared_size > limits().message) return too_large(limits());
    if (recipients_.size() >= limits().recipients || must_be_ours_alone())
        return Finding{.reason = Reason::busy};
    return std::nullopt;
}

/// Whether one more mail can be begun, for that recipient.
Result<void>
Message::check_admission(const Archive& archive, const RecipientFacts& recipient) const {
    TRY(intake_.admission.check_load(limits()));
    TRY(intake_.admission.check_room(
        archive, snapshot_->settings.archive.min_free, envelope_.declared_size
    ));
    const std::uint64_t size = envelope_.declared_size.value_or(0);
    return check_recipient_rates(archive, limits().rates, recipient, size, received_at_);
}

Answer Message::new_rcpt(
    const std::string& written, const WrittenAddress& to, const DomainSettings& domain
) {
    const EmailAddress& address = to.address;
    auto archive = intake_.archive.get();
    if (!archive)
        return refuse_rcpt(address.text(), domain, Address::unknown, finding_of(archive.error()));
    auto found = look_up(**archive, snapshot_->settings, domain, address, received_at_);
    if (!found) return cannot_rcpt(address.text(), domain, Address::unknown, found.error());
    if (const auto* const finding = std::get_if<Finding>(&*found)) {
        const bool is_unknown = finding->reason == Reason::address_unknown;
        return refuse_rcpt(
            address.text(), domain, is_unknown ? Address::unknown : Address::known, *finding
        );
    }
    // Only what is known to be an import address may learn about our limits.
    if (const auto finding = obstacle())
        return refuse_rcpt(address.text(), domain, Address::known, *finding);
    auto& recipient = std::get<ImportRecipient>(*found);
    if (const auto admitted = check_admission(**archive, recipient.facts); !admitted)
        return cannot_rcpt(address.text(), domain, Address::known, admitted.error());
    add_written(recipient, written, to);
    recipients_.push_back(std::move(recipient));
    return {};
}

Answer Message::bounce_rcpt(
    const std::string& written, const EmailAddress& address, const DomainSettings& domain
) {
    const std::string id = address.local().substr(bounce_prefix.size());
    const auto archive = intake_.archive.get();
    if (!archive)
        return refuse_rcpt(address.text(), domain, Address::unknown, finding_of(archive.error()));
    const auto receipt = find_receipt_of_notice(**archive, id);
    if (!receipt) return cannot_rcpt(address.text(), domain, Address::unknown, receipt.error());
    if (!*receipt)
        return refuse_rcpt(address.text(), domain, Address::unknown, unknown(address.text()));
    if (must_be_ours_alone())
        return refuse_rcpt(address.text(), domain, Address::known, {.reason = Reason::busy});
    bounces_.push_back(id);
    bounce_written_.push_back(written);
    return {};
}

Answer Message::refuse_rcpt(
    std::string_view address, const DomainSettings& domain, Address known, Finding finding
) {
    if (intake_.refusals != nullptr)
        intake_.refusals->count(
            {.at = received_at_,
             .reason = finding.reason,
             .address = lower(address),
             .is_known = known == Address::known,
             .network = network_of(envelope_.client_address),
             .sender_domain = sender_domain_of(envelope_.sender)}
        );
    if (finding.reason == Reason::address_unknown) note_miss(lower(address));
    log::info(
        envelope_.queue_id,
        fmt::format(
            "refused recipient {}: {}{} (from <{}>, client {})",
            address,
            code_of(finding.reason),
            is_mistyped(finding, address) ? ", the check character of its token is wrong" : "",
            envelope_.sender,
            envelope_.client_address
        )
    );
    return Answer::refuse(std::move(finding), domain.locale);
}

/// It may have been meant for an address that there is.
void Message::note_miss(const std::string& address) {
    if (intake_.refusals == nullptr) return;
    const std::string sender = envelope_.sender.empty() ? "<>" : envelope_.sender;
    intake_.refusals->missed(
        {.address = counted_name(address),
         .count = 1,
         .first_at = received_at_,
         .last_at = received_at_,
         .senders = {counted_name(sender)},
         .networks = {network_of(envelope_.client_address)}}
    );
}

/// A failure of ours.
Answer Message::cannot_rcpt(
    std::string_view address, const DomainSettings& domain, Address known, const Error& error
) {
    log::complain(envelope_.queue_id, error);
    return refuse_rcpt(address, domain, known, finding_of(error));
}

} // namespace kwit
