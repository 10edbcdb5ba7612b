// Why something was not done: stable codes that people and scripts depend on, each with its SMTP
// reply. A Finding is one such answer with what was read, for the texts in the tenant's language.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kwit {

enum class Reason : std::uint8_t {
    // about the recipient, at RCPT
    address_unknown,
    address_disabled,
    address_expired,
    client_not_notifiable,
    message_too_large,
    // about the sender, at the end of headers
    sender_not_authenticated,
    sender_not_registered,
    sender_ambiguous,
    // about the subject, at the end of headers
    subject_malformed,
    category_unknown,
    period_invalid,
    period_closed,
    code_unknown,
    // about the mail and its parts, at the end of message
    no_document,
    part_not_accepted,
    type_mismatch,
    ambiguous_structure,
    encoding_damaged,
    pdf_encrypted,
    pdf_damaged,
    pdf_active_content,
    mail_encrypted,
    container_encrypted,
    container_over_budget,
    too_many_parts,
    headers_over_limit,
    nesting_too_deep,
    uninspectable,
    duplicate_refused,
    forwarding_confirmation,
    // about us, whenever it is known
    storage_full,
    archive_unavailable,
    inspector_unavailable,
    busy,
    rate_limited,
};

struct ReplyCode {
    std::string_view smtp;     ///< "550"
    std::string_view enhanced; ///< "5.7.1", RFC 3463
};

/// "sender-not-registered"
std::string_view code_of(Reason reason);

std::optional<Reason> reason_named(std::string_view code);

ReplyCode reply_code_of(Reason reason);

/// Every reason once, in the order above.
std::span<const Reason> all_reasons();

struct Finding {
    Reason reason;
    std::string detail{}; ///< which sentence of the reason: "month" of period-invalid; may be empty
    std::map<std::string, std::string>
        values{}; ///< what the sentence quotes: {"read", "13"}; UTF-8, not yet encoded for any sink
    std::optional<std::uint32_t> part{}; ///< the number of the part it is about

    friend bool operator==(const Finding&, const Finding&) = default;
};

} // namespace kwit
