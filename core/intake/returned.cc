#include "core/intake/returned.hh"

#include "core/archive/receipts.hh"
#include "core/mime/returned.hh"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace kwit {

namespace {

/// "01J…" of "<01J…@in.example.com>", as the Message-ID of a notice is made (outbox/notice).
std::string_view outbox_id_of(std::string_view message_id) {
    const std::size_t open = message_id.find('<');
    const std::size_t at = message_id.find('@');
    if (open == std::string_view::npos || at == std::string_view::npos || at < open) return {};
    return message_id.substr(open + 1, at - open - 1);
}

Returned by_report(mime::DeliveryAction action) {
    // A report without a readable action is a doubt, and a doubt is for people to look at.
    const bool bounced =
        action == mime::DeliveryAction::failed || action == mime::DeliveryAction::unclear;
    return {bounced, fmt::format("a delivery report with the action {}", mime::name_of(action))};
}

} // namespace

ReturnMarks return_marks(
    const Envelope& envelope, const HeaderFacts& header, std::span<const mime::HeaderField> fields
) {
    const AutomaticFacts& marks = header.automatic;
    return {
        .null_sender = envelope.sender.empty(),
        .report = marks.report,
        .automatic = marks.auto_submitted || marks.bulk,
        .failed_recipients = mime::names_failed_recipients(fields)};
}

Result<Returned>
read_returned(const ReturnMarks& marks, Spool& spool, const LimitSettings& limits) {
    std::optional<mime::DeliveryAction> report;
    if (marks.report && spool.over().empty()) {
        const File mail = TRY(spool.reader());
        report = TRY(mime::read_delivery_report(mail, limits));
    } else if (marks.report) {
        report = mime::DeliveryAction::unclear; // our readers must not look into it
    }
    if (report) return by_report(*report);
    if (marks.failed_recipients) return Returned{true, "it names failed recipients"};
    if (marks.automatic || marks.report) return Returned{false, "an automatic answer"};
    if (marks.null_sender) return Returned{true, "a mail of the null sender without a report"};
    return Returned{false, "a mail that is no report"};
}

Result<bool>
is_own_notice(const Archive& archive, const HeaderFacts& header, const ReturnMarks& marks) {
    if (TRY(is_notice(archive, outbox_id_of(header.message_id)))) return true;
    if (!marks.automatic && !marks.report && !marks.null_sender) return false; // a person's answer
    for (const std::string& id : header.answers)
        if (TRY(is_notice(archive, outbox_id_of(id)))) return true;
    return false;
}

} // namespace kwit
