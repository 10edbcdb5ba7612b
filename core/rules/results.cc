#include "core/rules/results.hh"

#include "core/base/domain.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::rules {

namespace {

/// The one value of a property; nothing when it is absent or there twice, which can be read in two
/// ways.
std::optional<std::string> property(const MethodResult& result, std::string_view name) {
    std::optional<std::string> value;
    for (const ResultProperty& one : result.properties) {
        if (one.name != name) continue;
        if (value) return std::nullopt;
        value = one.value;
    }
    return value;
}

bool has_property(const MethodResult& result, std::string_view name) {
    return std::any_of(
        result.properties.begin(),
        result.properties.end(),
        [name](const ResultProperty& one) { return one.name == name; }
    );
}

/// The domain of "anna@kunde.example", "@kunde.example" or "kunde.example"; nothing when any of it
/// is not clean, so that no quoting or comment in an address passes for a domain.
std::optional<std::string> domain_of(std::string_view value) {
    if (value.find('@') == std::string_view::npos) return domain_key(value);
    if (value.front() == '@') return domain_key(value.substr(1));
    const auto address = EmailAddress::parse(value);
    if (!address) return std::nullopt;
    return address->domain();
}

/// Whose signature a result speaks of. header.d given twice does not fall back on header.i.
std::optional<std::string> signer_of(const MethodResult& result) {
    const bool has_d = has_property(result, "header.d");
    const auto value = property(result, has_d ? "header.d" : "header.i");
    if (!value) return std::nullopt;
    return has_d ? domain_key(*value) : domain_of(*value);
}

/// The envelope sender's domain, if the result speaks of just that one: a null sender is checked by
/// its HELO name, which proves nothing about the author.
std::optional<std::string> mail_from_of(const MethodResult& result, const Envelope* envelope) {
    const auto value = property(result, "smtp.mailfrom");
    if (!value) return std::nullopt;
    auto domain = domain_of(*value);
    if (envelope == nullptr) return domain;
    const auto sender = EmailAddress::parse(envelope->sender);
    if (!sender || !domain || *domain != sender->domain()) return std::nullopt;
    return domain;
}

/// header.from is the domain of From: as the checker read it (RFC 7489 §11.1); another one means
/// that it read another author than we do.
bool is_from(const MethodResult& result, std::string_view author) {
    const auto value = property(result, "header.from");
    const auto domain = value ? domain_of(*value) : std::nullopt;
    return domain && domain == domain_key(author);
}

bool is(const MethodResult& result, std::string_view method, std::string_view word) {
    return result.method == method && result.result == word;
}

bool has_result(const Testimony& testimony, std::string_view method, std::string_view word) {
    return std::any_of(
        testimony.results.begin(),
        testimony.results.end(),
        [&](const MethodResult* result) { return is(*result, method, word); }
    );
}

/// Whether the result may speak of this signature. A selector or the beginning of b= tells apart
/// several of one domain (RFC 6008); what cannot be read may be any.
bool may_speak_of(const MethodResult& result, const SignatureFacts& signature) {
    if (!signature.readable) return true;
    const auto signer = signer_of(result);
    const bool by_d = has_property(result, "header.d");
    if (!signer) return false;
    if (by_d ? *signer != signature.domain : !is_within(*signer, signature.domain)) return false;
    const auto selector = property(result, "header.s");
    if (selector && lower(*selector) != signature.selector) return false;
    const auto begin = property(result, "header.b");
    return !begin || signature.signature.starts_with(*begin);
}

/// What keeps the passing result from counting; empty: nothing. Where several signatures may be
/// meant, all must be good. Without any the mail has nothing to hold against the border's word.
std::string flaw_behind(const MethodResult& result, const Testimony& testimony) {
    if (testimony.signatures.empty()) return {};
    bool found = false;
    for (const SignatureFacts& signature : testimony.signatures) {
        if (!may_speak_of(result, signature)) continue;
        found = true;
        std::string flaw = flaw_of(signature, testimony.signed_headers);
        if (!flaw.empty()) return flaw;
    }
    return found ? std::string() : "none of the signatures in the mail is the one that passed";
}

/// What DKIM says of one domain.
struct Signed {
    std::optional<std::string> by{}; ///< who signed all that matters
    bool told = false;               ///< there are results at all
};

template <typename Fits>
Signed signed_by(const Testimony& testimony, Fits fits, std::vector<std::string>& doubts) {
    Signed out;
    for (const MethodResult* result : testimony.results) {
        if (result->method != "dkim") continue;
        out.told = true;
        if (result->result != "pass" || out.by) continue;
        const auto signer = signer_of(*result);
        if (!signer || !fits(*signer)) continue;
        const std::string flaw = flaw_behind(*result, testimony);
        if (flaw.empty())
            out.by = signer;
        else
            doubts.push_back(fmt::format("dkim pass for {} does not count: {}", *signer, flaw));
    }
    return out;
}

template <typename Fits>
std::optional<std::string> sent_from(const Testimony& testimony, Fits fits) {
    for (const MethodResult* result : testimony.results) {
        if (!is(*result, "spf", "pass")) continue;
        auto domain = mail_from_of(*result, testimony.envelope);
        if (domain && fits(*domain)) return domain;
    }
    return std::nullopt;
}

bool dmarc_passed(const Testimony& testimony, std::string_view author) {
    return std::any_of(
        testimony.results.begin(),
        testimony.results.end(),
        [&](const MethodResult* result) {
            return is(*result, "dmarc", "pass") && is_from(*result, author);
        }
    );
}

/// Whether a signature in the mail may be what DMARC rests on and would not count by itself.
bool may_rest_on_flaw(const Testimony& testimony, const Wanted& wanted) {
    return std::any_of(
        testimony.signatures.begin(),
        testimony.signatures.end(),
        [&](const SignatureFacts& signature) {
            const bool candidate =
                !signature.readable || aligned(signature.domain, wanted.domain, wanted.alignment);
            return candidate && !flaw_of(signature, testimony.signed_headers).empty();
        }
    );
}

} // namespace

std::optional<Voucher>
author_vouched(const Testimony& testimony, const Wanted& wanted, std::vector<std::string>& doubts) {
    if (has_result(testimony, "dmarc", "fail")) {
        doubts.emplace_back("dmarc fail");
        return std::nullopt;
    }
    const auto fits = [&](std::string_view domain) {
        return aligned(domain, wanted.domain, wanted.alignment);
    };
    const Signed dkim = signed_by(testimony, fits, doubts);
    const auto spf = sent_from(testimony, fits);
    const bool dmarc = dmarc_passed(testimony, wanted.domain);
    // A border that tells nothing but DMARC is taken at its word, unless the mail speaks against
    // it.
    const bool dmarc_alone = dmarc && !dkim.told && !has_result(testimony, "spf", "pass") &&
                             wanted.alignment == Alignment::relaxed &&
                             !may_rest_on_flaw(testimony, wanted);
    const bool spf_counts = spf && wanted.spf_suffices;
    if (dmarc_alone || (dmarc && (dkim.by || spf_counts)))
        return Voucher{"dmarc", fmt::format("dmarc pass for {}", wanted.domain)};
    if (dkim.by) return Voucher{"dkim", fmt::format("dkim pass for {}", *dkim.by)};
    if (spf_counts) return Voucher{"spf", fmt::format("spf pass for {}", *spf)};
    if (dmarc)
        doubts.emplace_back("dmarc pass does not count: it rests on no signature that counts");
    if (spf)
        doubts.push_back(fmt::format("spf pass for {} does not suffice for this policy", *spf));
    return std::nullopt;
}

std::optional<Voucher> host_vouched(
    const Testimony& testimony, std::string_view domain, std::vector<std::string>& doubts
) {
    const auto fits = [domain](std::string_view one) { return is_within(one, domain); };
    const Signed dkim = signed_by(testimony, fits, doubts);
    if (dkim.by) return Voucher{"dkim", fmt::format("dkim pass for {}", *dkim.by)};
    const auto spf = sent_from(testimony, fits);
    if (!spf) return std::nullopt;
    return Voucher{"spf", fmt::format("spf pass for {}", *spf)};
}

std::string
flaw_of(const SignatureFacts& signature, const std::vector<std::string>& signed_headers) {
    if (!signature.readable) return "a signature in the mail cannot be read";
    if (!signature.whole_body) return "its signature has l=, so that more could be appended";
    std::vector<std::string> missing;
    for (const std::string& name : signature.uncovered)
        if (std::find(signed_headers.begin(), signed_headers.end(), name) != signed_headers.end())
            missing.push_back(name);
    if (missing.empty()) return {};
    return fmt::format("its signature does not cover {}", join(missing, ", "));
}

bool aligned(std::string_view one, std::string_view other, Alignment alignment) {
    const auto a = domain_key(one);
    const auto b = domain_key(other);
    if (!a || !b) return false;
    if (*a == *b) return true;
    if (alignment == Alignment::strict) return false;
    const auto organisation = registrable_domain(*a);
    return organisation && organisation == registrable_domain(*b);
}

bool is_within(std::string_view domain, std::string_view other) {
    if (domain == other) return true;
    return domain.size() > other.size() + 1 && domain.ends_with(other) &&
           domain[domain.size() - other.size() - 1] == '.';
}

} // namespace kwit::rules
