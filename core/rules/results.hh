// What the results of one authority (our border, or an ARC sealer) say about who wrote a mail. They
// count only as far as the mail bears them out: a signature that leaves out what makes the meaning
// of the mail could be put under another one.
#pragma once

#include "core/model/envelope.hh"
#include "core/model/facts.hh"
#include "core/model/settings.hh"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::rules {

/// The results, and what they are checked against. Refers to the facts of one mail.
struct Testimony {
    std::vector<const MethodResult*> results;
    const Envelope* envelope; ///< null: of an earlier hop, whose envelope we do not know
    std::span<const SignatureFacts> signatures;
    const std::vector<std::string>& signed_headers; ///< what a signature must cover
};

/// What is asked for: somebody who vouches for this domain.
struct Wanted {
    std::string_view domain;
    Alignment alignment = Alignment::relaxed;
    bool spf_suffices = false;
};

struct Voucher {
    std::string method; ///< "dmarc", "dkim", "spf"
    std::string note;   ///< for people: "dkim pass for mail.kunde.example"
};

/// DMARC of the very domain, else an aligned DKIM signature, else aligned SPF of the envelope
/// sender where that suffices. A DMARC failure ends it. DMARC rests on DKIM or SPF: where it can be
/// seen that neither of them would count by itself, it does not count either. `doubts` collects why
/// a pass did not count.
std::optional<Voucher>
author_vouched(const Testimony& testimony, const Wanted& wanted, std::vector<std::string>& doubts);

/// DKIM of the domain or one below it, else SPF of an envelope sender there.
std::optional<Voucher>
host_vouched(const Testimony& testimony, std::string_view domain, std::vector<std::string>& doubts);

/// What keeps a signature from counting, for people; empty: nothing.
std::string
flaw_of(const SignatureFacts& signature, const std::vector<std::string>& signed_headers);

/// Whether two domains are the same, or (relaxed) parts of one registrable domain. Anything that is
/// not cleanly a domain name is aligned with nothing.
bool aligned(std::string_view one, std::string_view other, Alignment alignment);

/// Whether the domain is the other one or stands below it; both as domain_key().
bool is_within(std::string_view domain, std::string_view other);

} // namespace kwit::rules
