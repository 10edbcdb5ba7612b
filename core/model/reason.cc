#include "core/model/reason.hh"

#include <algorithm>
#include <array>

namespace kwit {

namespace {

struct Row {
    Reason reason;
    std::string_view code;
    ReplyCode reply;
};

constexpr ReplyCode content{"550", "5.6.0"};
constexpr ReplyCode sender{"550", "5.7.1"};

constexpr std::array rows = {
    Row{Reason::address_unknown, "address-unknown", {"550", "5.1.1"}},
    Row{Reason::address_disabled, "address-disabled", {"550", "5.2.1"}},
    Row{Reason::address_expired, "address-expired", {"550", "5.2.1"}},
    Row{Reason::client_not_notifiable, "client-not-notifiable", {"450", "4.2.1"}},
    Row{Reason::message_too_large, "message-too-large", {"552", "5.3.4"}},
    Row{Reason::sender_not_authenticated, "sender-not-authenticated", sender},
    Row{Reason::sender_not_registered, "sender-not-registered", sender},
    Row{Reason::sender_ambiguous, "sender-ambiguous", sender},
    Row{Reason::subject_malformed, "subject-malformed", content},
    Row{Reason::category_unknown, "category-unknown", content},
    Row{Reason::period_invalid, "period-invalid", content},
    Row{Reason::period_closed, "period-closed", content},
    Row{Reason::code_unknown, "code-unknown", content},
    Row{Reason::no_document, "no-document", content},
    Row{Reason::part_not_accepted, "part-not-accepted", content},
    Row{Reason::type_mismatch, "type-mismatch", content},
    Row{Reason::ambiguous_structure, "ambiguous-structure", content},
    Row{Reason::encoding_damaged, "encoding-damaged", content},
    Row{Reason::pdf_encrypted, "pdf-encrypted", content},
    Row{Reason::pdf_damaged, "pdf-damaged", content},
    Row{Reason::pdf_active_content, "pdf-active-content", content},
    Row{Reason::mail_encrypted, "mail-encrypted", content},
    Row{Reason::container_encrypted, "container-encrypted", content},
    Row{Reason::container_over_budget, "container-over-budget", content},
    Row{Reason::too_many_parts, "too-many-parts", content},
    Row{Reason::headers_over_limit, "headers-over-limit", content},
    Row{Reason::nesting_too_deep, "nesting-too-deep", content},
    Row{Reason::uninspectable, "uninspectable", content},
    Row{Reason::duplicate_refused, "duplicate-refused", content},
    Row{Reason::forwarding_confirmation, "forwarding-confirmation", content},
    Row{Reason::storage_full, "storage-full", {"452", "4.3.1"}},
    Row{Reason::archive_unavailable, "archive-unavailable", {"451", "4.3.0"}},
    Row{Reason::inspector_unavailable, "inspector-unavailable", {"451", "4.3.0"}},
    Row{Reason::busy, "busy", {"451", "4.3.2"}},
    Row{Reason::rate_limited, "rate-limited", {"450", "4.7.1"}},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows.at(i).reason) != i) return false;
    return true;
}

static_assert(in_order(), "row_of() finds a reason at its own number");
static_assert(
    rows.size() == static_cast<std::size_t>(Reason::rate_limited) + 1, "every reason has its row"
);

const Row& row_of(Reason reason) {
    return rows.at(static_cast<std::size_t>(reason));
}

constexpr auto reasons = [] {
    std::array<Reason, rows.size()> all{};
    for (std::size_t i = 0; i < rows.size(); ++i)
        all.at(i) = rows.at(i).reason;
    return all;
}();

} // namespace

std::string_view code_of(Reason reason) {
    return row_of(reason).code;
}

std::optional<Reason> reason_named(std::string_view code) {
    const auto* const row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
        return candidate.code == code;
    });
    if (row == rows.end()) return std::nullopt;
    return row->reason;
}

ReplyCode reply_code_of(Reason reason) {
    return row_of(reason).reply;
}

std::span<const Reason> all_reasons() {
    return reasons;
}

} // namespace kwit
