// A CMS message (RFC 5652) becomes its content, with OpenSSL. It runs inside the sandbox.
//
// Signatures are not verified: who wrote a mail is proven otherwise, and what was signed is wanted
// whoever signed it. Enveloped data is encrypted. Signed data without content (a detached
// signature, or certificates alone) has no member.
#pragma once

#include "inspector/document.hh"
#include "inspector/output.hh"

namespace kwit::inspector {

/// The content is one member without a name. Throws OverBudget and Unreadable.
Opening unpack_cms(const Document& document, Output& output);

/// Makes OpenSSL ready without reading its configuration.
void warm_up_cms();

} // namespace kwit::inspector
