// What a mail says about another one that it returns or answers: a delivery report (RFC 3464,
// RFC 6533), an answer that no person wrote (RFC 3834), a bounce without a form, or none of these.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/mime/header.hh"
#include "core/model/settings.hh"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kwit::mime {

/// What became of a mail as its delivery report says (RFC 3464 §2.3.3). Of several recipients the
/// worst counts.
enum class DeliveryAction : std::uint8_t {
    failed,
    delayed,   ///< it is tried further
    delivered, ///< or relayed, or expanded to a list
    unclear,   ///< a report without a word that we know
};

std::string_view name_of(DeliveryAction action);

/// What a multipart/report says, `unclear` when it has no status; nothing for reports of another
/// kind (that a mail was read, or called spam) and for every other mail. At most max_report bytes
/// of the status are read. An Error is ours: the file could not be read. Caps must have found
/// nothing over.
Result<std::optional<DeliveryAction>>
read_delivery_report(const File& mail, const LimitSettings& limits);
constexpr std::size_t max_report = 65536;

/// The same of the decoded text of a message/delivery-status.
DeliveryAction read_delivery_status(std::string_view text);

/// X-Failed-Recipients: how bounces of Exim say what they are where they are no reports.
bool names_failed_recipients(std::span<const HeaderField> fields);

} // namespace kwit::mime
