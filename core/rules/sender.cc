#include "core/rules/sender.hh"

#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::rules {

namespace {

bool is_among(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Written by a border host of ours: its id is configured, and no more hosts have added a Received
/// header on top than there are between the border and us.
bool is_ours(const AuthenticationResults& results, const TrustSettings& trust, unsigned hops) {
    return results.received_above <= hops && is_among(trust.authserv_ids, results.authserv_id);
}

void add_results(const AuthenticationResults& from, std::vector<const MethodResult*>& out) {
    for (const MethodResult& result : from.methods)
        out.push_back(&result);
}

/// How many Received headers may stand above what our border wrote.
unsigned hops_to(const Envelope& envelope, const TrustSettings& trust) {
    // The mail came to the re-entry through our own queue, which wrote one line more.
    return trust.hops + (envelope.daemon_name == reentry_daemon ? 1U : 0U);
}

/// Everything that our border found. Nothing where it wrote something that cannot be read: that
/// could be the DMARC failure, made unreadable by what a stranger wrote into the mail.
Testimony testimony_of_border(
    const HeaderFacts& header,
    const Envelope& envelope,
    const TrustSettings& trust,
    std::vector<std::string>& doubts
) {
    Testimony border{
        .results = {},
        .envelope = &envelope,
        .signatures = header.signatures,
        .signed_headers = trust.signed_headers};
    const unsigned hops = hops_to(envelope, trust);
    if (header.unreadable_results && *header.unreadable_results <= hops) {
        doubts.emplace_back("an Authentication-Results header of the border cannot be read");
        return border;
    }
    for (const AuthenticationResults& results : header.results)
        if (is_ours(results, trust, hops)) add_results(results, border.results);
    return border;
}

/// Our border found the chain whole.
bool chain_passed(const Testimony& border) {
    bool passed = false;
    for (const MethodResult* result : border.results) {
        if (result->method != "arc") continue;
        if (result->result != "pass") return false;
        passed = true;
    }
    return passed;
}

/// What the newest sealer found before it changed the mail, if we trust it.
std::optional<Proof> proof_by_arc(
    const Testimony& border,
    const HeaderFacts& header,
    const Wanted& wanted,
    const TrustSettings& trust,
    std::vector<std::string>& doubts
) {
    if (!header.arc || !header.arc->results || !chain_passed(border)) return std::nullopt;
    const ArcSet& arc = *header.arc;
    if (!is_among(trust.arc_sealers, arc.sealer)) {
        doubts.push_back(fmt::format("arc pass: {} is no sealer we trust", arc.sealer));
        return std::nullopt;
    }
    const std::string flaw = arc.message ? flaw_of(*arc.message, trust.signed_headers) : "";
    if (!flaw.empty()) {
        doubts.push_back(fmt::format("arc pass of {} does not count: {}", arc.sealer, flaw));
        return std::nullopt;
    }
    Testimony sealer{
        .results = {},
        .envelope = nullptr,
        .signatures = header.signatures,
        .signed_headers = trust.signed_headers};
    add_results(*arc.results, sealer.results);
    const auto voucher = author_vouched(sealer, wanted, doubts);
    if (!voucher) return std::nullopt;
    return Proof{"arc", fmt::format("arc pass of {}, which found {}", arc.sealer, voucher->note)};
}

std::optional<Proof> proof_by_results(
    const Testimony& border,
    const EmailAddress& author,
    const HeaderFacts& header,
    const RecipientFacts& recipient,
    const TrustSettings& trust,
    std::vector<std::string>& doubts
) {
    const Wanted wanted{
        .domain = author.domain(),
        .alignment = recipient.alignment,
        .spf_suffices = recipient.policy.spf_suffices};
    if (auto voucher = author_vouched(border, wanted, doubts))
        return Proof{std::move(voucher->method), std::move(voucher->note)};
    if (!recipient.sender) return std::nullopt;
    if (recipient.sender->arc)
        if (auto proof = proof_by_arc(border, header, wanted, trust, doubts)) return proof;
    const std::string& via = recipient.sender->via;
    if (via.empty()) return std::nullopt;
    const auto voucher = host_vouched(border, via, doubts);
    if (!voucher) return std::nullopt;
    return Proof{"via", fmt::format("came via {}: {}", via, voucher->note)};
}

/// What the session itself proves.
std::optional<Proof> proof_by_session(const Envelope& envelope, const RecipientFacts& recipient) {
    if (recipient.login_is_sender)
        return Proof{"login", fmt::format("SASL login {}", envelope.login)};
    if (recipient.certificate_is_sender)
        return Proof{
            "certificate", fmt::format("client certificate of {}", envelope.certificate.subject)};
    return std::nullopt;
}

std::optional<Proof>
proof_by_secret(const RecipientFacts& recipient, std::vector<std::string>& doubts) {
    if (recipient.secret == SecretInAddress::none) return std::nullopt;
    if (recipient.secret == SecretInAddress::wrong) {
        doubts.emplace_back("the secret in the address is not the sender's, or not any more");
        return std::nullopt;
    }
    if (recipient.policy.secret_suffices)
        return Proof{"secret", "the sender's secret in the address"};
    doubts.emplace_back("the secret in the address does not suffice for this policy");
    return std::nullopt;
}

} // namespace

const EmailAddress* sole_author(const FromFacts& from) {
    const bool plain = from.count == 1 && from.mailboxes.size() == 1 && from.problem.empty();
    return plain ? &from.mailboxes.front().address : nullptr;
}

Proven proof_of(
    const EmailAddress& author,
    const HeaderFacts& header,
    const Envelope& envelope,
    const RecipientFacts& recipient,
    const TrustSettings& trust
) {
    Proven out{.proof = proof_by_session(envelope, recipient)};
    if (out.proof) return out;
    const Testimony border = testimony_of_border(header, envelope, trust, out.doubts);
    out.proof = proof_by_results(border, author, header, recipient, trust, out.doubts);
    if (!out.proof) out.proof = proof_by_secret(recipient, out.doubts);
    return out;
}

} // namespace kwit::rules
