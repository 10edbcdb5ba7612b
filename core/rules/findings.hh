// Every sentence that kwit can owe to a person: one row for each Finding that the rules, or the
// recipient check at RCPT, can make. The text catalogue has one sentence a row and may quote the
// row's placeholders and no others; a Finding always carries exactly them (see form_of()).
//
// Lists in values are joined with ", ". What the placeholders hold:
//   accepted  formats the address takes, in capitals: "PDF, JPEG"
//   address   the import address
//   claimed   the accepted format that a file's name or declared type promises: "PDF"
//   first, last  the years that are taken: "2000", "2027"
//   found     what a PDF could do when it is opened: "javascript, launch"
//   from      the From: address, or the header as it stands where it is no single address
//   known     the categories of the policy; near: those one letter away from what was read
//   limit     the configured limit that the mail went over, a number (bytes where it is a size)
//   name      a file's name; its media type where it has none
//   said      what the inspector said of a file, in English: "unable to find /Root dictionary"
//   period    month and year as read: "13/2024"
//   provider  who asks whether mail may be forwarded: "Gmail"
//   read      what was read where something else was expected: the subject, "FX", "13", "ZIP"
//   what      names of two-way readings: "duplicate-subject"
//   why       why an address is disabled, as the office has written it
#pragma once

#include "core/model/reason.hh"

#include <array>
#include <cstdint>
#include <string_view>

namespace kwit::rules {

enum class Maker : std::uint8_t {
    rules,     ///< judge() makes it
    recipient, ///< core/intake makes it at RCPT, or when the archive cannot take the mail
};

struct FindingForm {
    Reason reason;
    std::string_view detail;
    std::string_view placeholders; ///< parted by one space, in alphabetical order
    Maker maker = Maker::rules;
};

inline constexpr auto finding_forms = std::to_array<FindingForm>({
    {Reason::address_unknown, "", "address", Maker::recipient},
    {Reason::address_disabled, "", "address", Maker::recipient},
    {Reason::address_disabled, "why", "address why", Maker::recipient}, // the office's own words
    {Reason::address_expired, "", "address", Maker::recipient},
    {Reason::address_expired, "replaced", "address", Maker::recipient}, // by a rotation
    {Reason::client_not_notifiable, "", "address", Maker::recipient},
    {Reason::message_too_large, "", "limit"}, // at RCPT too, for SIZE=

    {Reason::sender_ambiguous, "missing", ""}, // no From:
    {Reason::sender_ambiguous, "several-headers", "from"},
    {Reason::sender_ambiguous, "several-addresses", "from"},
    {Reason::sender_ambiguous, "syntax", "from"}, // a group, a source route, no address at all
    {Reason::sender_not_authenticated, "", "from"},
    {Reason::sender_not_registered, "", "address from"},

    {Reason::headers_over_limit, "headers", "limit"},      // number of header lines
    {Reason::headers_over_limit, "header-bytes", "limit"}, // all headers together
    {Reason::headers_over_limit, "address-header", ""},    // one of From, To… is too long
    {Reason::ambiguous_structure, "", "what"},

    {Reason::subject_malformed, "empty", ""},
    {Reason::subject_malformed, "two-tags", "read"},
    {Reason::subject_malformed, "category", "read"}, // these name what is missing
    {Reason::subject_malformed, "period", "read"},
    {Reason::subject_malformed, "code", "read"},
    {Reason::subject_malformed, "category-period", "read"},
    {Reason::subject_malformed, "category-code", "read"},
    {Reason::subject_malformed, "period-code", "read"},
    {Reason::subject_malformed, "category-period-code", "read"},
    {Reason::subject_malformed, "order", "read"}, // all is there, but not side by side in order
    {Reason::category_unknown, "", "known read"},
    {Reason::category_unknown, "near", "known near read"},
    {Reason::period_invalid, "month", "period read"},
    {Reason::period_invalid, "year", "first last period read"},
    {Reason::period_invalid, "short-year", "period read"}, // "24": write four digits
    {Reason::code_unknown, "", "read"},                    // also for a code of another client

    {Reason::too_many_parts, "parts", "limit"},
    {Reason::too_many_parts, "documents", "limit"},
    {Reason::nesting_too_deep, "", "limit"},

    {Reason::no_document, "", "accepted"},
    {Reason::no_document, "annexes", "name"}, // nothing but files that the policy calls annexes
    {Reason::part_not_accepted, "format", "accepted name read"},
    {Reason::part_not_accepted, "heic", "accepted name read"},   // photo of an iPhone
    {Reason::part_not_accepted, "office", "accepted name read"}, // docx, xlsx, odt, doc…
    {Reason::part_not_accepted, "zip", "accepted name read"},
    {Reason::part_not_accepted, "tnef", "accepted name read"},    // winmail.dat
    {Reason::part_not_accepted, "mail", "accepted name read"},    // an attached mail
    {Reason::part_not_accepted, "method", "accepted name read"},  // a member packed in an odd way
    {Reason::part_not_accepted, "link", "accepted name read"},    // a member without a file
    {Reason::part_not_accepted, "unknown", "accepted name read"}, // content not recognised; read is
                                                                  // the declared media type
    {Reason::part_not_accepted, "xml-dtd", "accepted name"},      // an e-invoice has no DTD
    {Reason::part_not_accepted, "xml-damaged", "accepted name said"},
    {Reason::type_mismatch, "", "claimed name read"}, // "rechnung.pdf" that is HTML
    {Reason::encoding_damaged, "base64", "name"},
    {Reason::encoding_damaged, "quoted-printable", "name"},
    {Reason::encoding_damaged, "unknown", "name"},   // a Content-Transfer-Encoding nobody knows
    {Reason::encoding_damaged, "truncated", "name"}, // the mail ends in the middle of it
    {Reason::encoding_damaged, "container", "name said"}, // a ZIP, a winmail.dat, an S/MIME message
    {Reason::encoding_damaged, "member", "name"},         // one file in such a one
    {Reason::pdf_encrypted, "", "name"}, // a password or a certificate is needed to open it
    {Reason::pdf_damaged, "", "name said"},
    {Reason::pdf_active_content, "", "found name"},
    {Reason::uninspectable, "", "name"},
    {Reason::mail_encrypted, "pgp", ""},
    {Reason::mail_encrypted, "smime", ""},
    {Reason::container_encrypted, "", "name"},       // all that is in it
    {Reason::container_encrypted, "member", "name"}, // one file in it
    {Reason::container_over_budget, "members", "name"},
    {Reason::container_over_budget, "unpacked", "name"},
    {Reason::container_over_budget, "ratio", "name"},

    {Reason::forwarding_confirmation, "", "address provider"}, // a person has to answer it

    {Reason::storage_full, "", "", Maker::recipient},
    {Reason::archive_unavailable, "", "", Maker::recipient},
    {Reason::inspector_unavailable, "", "", Maker::recipient},
    {Reason::busy, "", "", Maker::recipient},
    {Reason::rate_limited, "", "", Maker::recipient},
});

/// The row of a finding: same reason, same detail, exactly its placeholders. Null when there is
/// none, which is a bug of whoever made the finding.
const FindingForm* form_of(const Finding& finding);

} // namespace kwit::rules
