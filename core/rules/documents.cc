#include "core/rules/documents.hh"

#include "core/base/text.hh"
#include "core/model/file_pattern.hh"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace kwit::rules {

namespace {

template <typename List, typename Value>
bool contains(const List& list, const Value& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

/// "xml" stands for every XML file, and so for an invoice.
bool takes(const Policy& policy, Format format) {
    if (format == Format::empty) return false;
    return contains(policy.formats, format) ||
           (format == Format::xml_invoice && contains(policy.formats, Format::xml));
}

/// The same of a part; what nobody has looked into yet may be an invoice.
bool takes(const Policy& policy, const PartFacts& part) {
    if (part.nested_mail) return false;
    const bool may_be = part.format == Format::xml && !part.xml;
    return takes(policy, part.format) || (may_be && takes(policy, Format::xml_invoice));
}

/// For the sentence: the name of the file, or what it was declared as.
std::string shown_name(const PartFacts& part) {
    return part.name.empty() ? part.media_type : part.name;
}

/// In lower case without the dot: "pdf" of "Rechnung.PDF".
std::string extension_of(const PartFacts& part) {
    const std::size_t dot = part.name.rfind('.');
    return dot == std::string::npos ? std::string() : lower(part.name.substr(dot + 1));
}

PartOutcome outcome(const PartFacts& part, Disposition disposition) {
    return {.number = part.number, .disposition = disposition};
}

PartOutcome refused(const PartFacts& part, Finding finding) {
    finding.part = part.number;
    return {
        .number = part.number, .disposition = Disposition::refused, .finding = std::move(finding)};
}

// ── what belongs to the mail and not to the books ────────────────────────────────────────────────

/// The texts of the mail, also those that some programs write between and behind attachments. Text
/// under a file name, or presented as an attachment, is a file.
bool is_body(const PartFacts& part) {
    constexpr std::array texts = {
        Format::unknown,
        Format::empty,
        Format::text,
        Format::html,
        Format::xml,
        Format::xml_invoice,
        Format::executable};
    if (!contains(texts, part.format)) return false; // a PDF is a PDF wherever it stands
    const bool text_type = part.media_type == "text/plain" || part.media_type == "text/html";
    const bool nameless =
        part.name.empty() && part.presentation != Presentation::attachment && text_type;
    return part.place == Place::body || (nameless && part.place != Place::signature);
}

/// A small picture that an HTML text shows or that stands inline, not one that a person attached.
/// Never a TIFF: that is a scan. One whose size is not known may be large.
bool is_decoration(const PartFacts& part) {
    constexpr std::array pictures = {
        Format::png, Format::gif, Format::jpeg, Format::bmp, Format::webp};
    const bool shown = part.referenced || part.presentation == Presentation::inline_;
    const auto is_small = [](std::uint32_t side) { return side > 0 && side < decoration_side; };
    return shown && contains(pictures, part.format) && part.size < decoration_limit &&
           is_small(part.width) && is_small(part.height);
}

struct Companion {
    std::string_view media_type;
    std::string_view ending; // of the name, where the type is only application/octet-stream
    Disposition disposition;
};

constexpr std::array companions = {
    Companion{"application/pkcs7-signature", ".p7s", Disposition::signature},
    Companion{"application/x-pkcs7-signature", ".p7s", Disposition::signature},
    // Only this .asc: "faktura.pdf.asc" may as well be the encrypted file.
    Companion{"application/pgp-signature", "signature.asc", Disposition::signature},
    Companion{"application/pgp-keys", ".sig", Disposition::signature},
    Companion{"text/calendar", ".ics", Disposition::ignored},
    Companion{"application/ics", ".ics", Disposition::ignored},
    Companion{"text/vcard", ".vcf", Disposition::ignored},
    Companion{"text/x-vcard", ".vcf", Disposition::ignored},
    Companion{"text/directory", ".vcf", Disposition::ignored},
};

/// Signatures, invitations and visiting cards travel with mails; nobody means them as documents. A
/// spreadsheet that calls itself one is a file that somebody may miss.
std::optional<Disposition> companion(const PartFacts& part) {
    constexpr std::array plausible = {Format::unknown, Format::text, Format::empty};
    if (!contains(plausible, part.format)) return std::nullopt;
    if (part.place == Place::signature) return Disposition::signature;
    const bool untyped = part.media_type == "application/octet-stream";
    const std::string name = lower(part.name);
    const auto* const row =
        std::find_if(companions.begin(), companions.end(), [&](const Companion& one) {
            return one.media_type == part.media_type || (untyped && name.ends_with(one.ending));
        });
    if (row == companions.end()) return std::nullopt;
    return row->disposition;
}

// ── what a file claims to be ─────────────────────────────────────────────────────────────────────

struct Claim {
    std::string_view word; // extension or media type
    Format format;
};

constexpr std::array claims = {
    Claim{"pdf", Format::pdf},
    Claim{"application/pdf", Format::pdf},
    Claim{"application/x-pdf", Format::pdf},
    Claim{"jpg", Format::jpeg},
    Claim{"jpeg", Format::jpeg},
    Claim{"image/jpeg", Format::jpeg},
    Claim{"image/jpg", Format::jpeg},
    Claim{"image/pjpeg", Format::jpeg},
    Claim{"png", Format::png},
    Claim{"image/png", Format::png},
    Claim{"tif", Format::tiff},
    Claim{"tiff", Format::tiff},
    Claim{"image/tiff", Format::tiff},
    Claim{"gif", Format::gif},
    Claim{"image/gif", Format::gif},
    Claim{"bmp", Format::bmp},
    Claim{"image/bmp", Format::bmp},
    Claim{"webp", Format::webp},
    Claim{"image/webp", Format::webp},
    Claim{"heic", Format::heic},
    Claim{"image/heic", Format::heic},
    Claim{"xml", Format::xml},
    Claim{"text/xml", Format::xml},
    Claim{"application/xml", Format::xml},
    Claim{"xml", Format::xml_invoice},
    Claim{"text/xml", Format::xml_invoice},
    Claim{"application/xml", Format::xml_invoice},
};

/// The accepted format that name or declared type promises.
std::optional<Format> claimed(const PartFacts& part, const Policy& policy) {
    for (const std::string& word : {extension_of(part), part.media_type})
        for (const Claim& claim : claims)
            if (claim.word == word && takes(policy, claim.format)) return claim.format;
    return std::nullopt;
}

/// Content that has no business under the name of a picture or a PDF. Another picture format is no
/// deceit, and is answered with what to do about it; nor is XML that is no invoice.
bool is_disguise(Format content, Format claimed) {
    if (content == Format::xml && claimed == Format::xml_invoice) return false;
    constexpr std::array pictures = {
        Format::pdf,
        Format::jpeg,
        Format::png,
        Format::tiff,
        Format::gif,
        Format::bmp,
        Format::webp,
        Format::heic};
    return !contains(pictures, content);
}

// ── why a file is not taken ──────────────────────────────────────────────────────────────────────

std::string_view detail_of(Damage damage) {
    switch (damage) {
    case Damage::base64_junk:
    case Damage::base64_incomplete:
        return "base64";
    case Damage::quoted_printable:
        return "quoted-printable";
    case Damage::encoding_unknown:
        return "unknown";
    case Damage::truncated:
        return "truncated";
    }
    return "unknown";
}

PartOutcome damaged(const PartFacts& part) {
    return refused(
        part,
        {.reason = Reason::encoding_damaged,
         .detail = std::string(detail_of(part.damage.front())),
         .values = {{"name", shown_name(part)}}}
    );
}

std::string_view detail_of(const PartFacts& part) {
    if (part.nested_mail) return "mail";
    switch (part.format) {
    case Format::heic:
        return "heic";
    case Format::office:
        return "office";
    case Format::zip:
        return "zip";
    case Format::tnef:
        return "tnef";
    case Format::unknown:
        return "unknown";
    default:
        return "format";
    }
}

std::string content_of(const PartFacts& part) {
    const bool known = part.format != Format::unknown && !part.nested_mail;
    return known ? upper(name_of(part.format)) : part.media_type;
}

PartOutcome not_accepted(const PartFacts& part, const Policy& policy) {
    return refused(
        part,
        {.reason = Reason::part_not_accepted,
         .detail = std::string(detail_of(part)),
         .values =
             {{"accepted", accepted_formats(policy)},
              {"name", shown_name(part)},
              {"read", content_of(part)}}}
    );
}

PartOutcome unwanted(const PartFacts& part, const Policy& policy) {
    const auto claim = claimed(part, policy);
    if (!claim || part.nested_mail) return not_accepted(part, policy);
    // Damage explains why the content is not what it was to be.
    if (!part.damage.empty()) return damaged(part);
    if (!is_disguise(part.format, *claim)) return not_accepted(part, policy);
    return refused(
        part,
        {.reason = Reason::type_mismatch,
         .values =
             {{"claimed", upper(name_of(*claim))},
              {"name", shown_name(part)},
              {"read", content_of(part)}}}
    );
}

// ── inside a document ────────────────────────────────────────────────────────────────────────────

/// XML that somebody takes for an invoice but that is not read as one.
std::optional<Finding> judge_inside_xml(const PartFacts& part, const Policy& policy) {
    if (!part.xml) return std::nullopt;
    Finding finding{
        .reason = Reason::part_not_accepted,
        .values = {{"accepted", accepted_formats(policy)}, {"name", shown_name(part)}}};
    switch (part.xml->state) {
    case XmlFacts::State::invoice:
    case XmlFacts::State::other:
        return std::nullopt;
    case XmlFacts::State::dtd:
        finding.detail = "xml-dtd";
        return finding;
    case XmlFacts::State::damaged:
        finding.detail = "xml-damaged";
        finding.values.emplace("said", part.xml->said);
        return finding;
    }
    return std::nullopt;
}

/// Nothing: it is taken. What was not looked into is not refused for what is in it.
std::optional<Finding> judge_inside(const PartFacts& part, const Policy& policy) {
    // Who takes any XML takes it as it is; others may have had it looked into.
    if (part.format == Format::xml && takes(policy, Format::xml)) return std::nullopt;
    const std::string name = shown_name(part);
    if (part.uninspectable)
        return Finding{.reason = Reason::uninspectable, .values = {{"name", name}}};
    if (!part.pdf) return std::nullopt;
    switch (part.pdf->state) {
    case PdfFacts::State::encrypted:
        return Finding{.reason = Reason::pdf_encrypted, .values = {{"name", name}}};
    case PdfFacts::State::damaged:
        return Finding{
            .reason = Reason::pdf_damaged, .values = {{"name", name}, {"said", part.pdf->said}}};
    case PdfFacts::State::readable:
        break;
    }
    if (part.pdf->active.empty() || policy.active_content != ActiveContent::refuse)
        return std::nullopt;
    return Finding{
        .reason = Reason::pdf_active_content,
        .values = {{"name", name}, {"found", join(part.pdf->active, ", ")}}};
}

// ── encrypted mails ──────────────────────────────────────────────────────────────────────────────

bool is_smime_envelope(const PartFacts& part) {
    const bool type = part.media_type == "application/pkcs7-mime" ||
                      part.media_type == "application/x-pkcs7-mime";
    // Under another name it is a signed file, such as the Italian invoice.xml.p7m.
    return type && (part.name.empty() || same_word(part.name, "smime.p7m"));
}

/// "pgp" or "smime" for a part that holds the encrypted mail, or the note that one follows (RFC
/// 3156 §4).
std::string_view encryption_of(const PartFacts& part, const PartFacts* before) {
    constexpr std::string_view pgp = "application/pgp-encrypted";
    const bool follows = before != nullptr && before->media_type == pgp &&
                         part.media_type == "application/octet-stream";
    if (part.media_type == pgp || follows) return "pgp";
    return is_smime_envelope(part) ? "smime" : "";
}

// ── what holds other files, and what came out of it ──────────────────────────────────────────────

/// What programs that pack files put beside them, by its name: a document may be called so, too.
bool is_clutter(const PartFacts& part) {
    constexpr std::array names = {".DS_Store", "Thumbs.db", "desktop.ini"};
    const std::string& raw = part.raw_name;
    return part.in != 0 && (raw.starts_with("__MACOSX/") || contains(names, part.name));
}

PartOutcome refused_as(const PartFacts& part, Reason reason, std::string_view detail) {
    return refused(
        part,
        {.reason = reason, .detail = std::string(detail), .values = {{"name", shown_name(part)}}}
    );
}

/// A member whose bytes are not there.
PartOutcome judge_withheld(const PartFacts& part, const Policy& policy) {
    switch (*part.withheld) {
    case Withheld::encrypted:
        return refused_as(part, Reason::container_encrypted, "member");
    case Withheld::damaged:
        return refused_as(part, Reason::encoding_damaged, "member");
    case Withheld::link:
    case Withheld::method:
        break;
    }
    PartOutcome judged = not_accepted(part, policy);
    judged.finding->detail = *part.withheld == Withheld::link ? "link" : "method";
    return judged;
}

PartOutcome judge_opening(const PartFacts& part) {
    switch (part.opening->state) {
    case Opening::State::opened:
        break;
    case Opening::State::encrypted:
        if (part.holds == Holder::cms)
            return refused(part, {.reason = Reason::mail_encrypted, .detail = "smime"});
        return refused_as(part, Reason::container_encrypted, "");
    case Opening::State::damaged: {
        PartOutcome judged = refused_as(part, Reason::encoding_damaged, "container");
        judged.finding->values.emplace("said", part.opening->said);
        return judged;
    }
    case Opening::State::over_members:
        return refused_as(part, Reason::container_over_budget, "members");
    case Opening::State::over_unpacked:
        return refused_as(part, Reason::container_over_budget, "unpacked");
    case Opening::State::over_ratio:
        return refused_as(part, Reason::container_over_budget, "ratio");
    }
    return outcome(part, is_body(part) ? Disposition::body : Disposition::container);
}

/// What is in it has outcomes of its own. Without an opening the mail goes no further: it is
/// ambiguous, or over a limit.
PartOutcome judge_holder(const PartFacts& part) {
    if (!part.damage.empty()) return damaged(part);
    if (part.uninspectable) return refused_as(part, Reason::uninspectable, "");
    return part.opening ? judge_opening(part) : outcome(part, Disposition::container);
}

// ── the order of the questions ───────────────────────────────────────────────────────────────────

/// A part whose content is not of an accepted format, or is not looked into.
PartOutcome judge_other(const PartFacts& part, const PartFacts* before, const Policy& policy) {
    if (const auto encryption = encryption_of(part, before); !encryption.empty())
        return refused(part, {.reason = Reason::mail_encrypted, .detail = std::string(encryption)});
    if (part.nested_mail) return not_accepted(part, policy);
    if (const auto disposition = companion(part)) return outcome(part, *disposition);
    const bool empty = part.size == 0 || part.format == Format::empty;
    if (empty && part.damage.empty()) return outcome(part, Disposition::ignored);
    if (auto finding = judge_inside_xml(part, policy); finding && part.damage.empty())
        return refused(part, *std::move(finding));
    // What damage has made of a document is not known by its content.
    if (is_clutter(part) && part.damage.empty()) return outcome(part, Disposition::ignored);
    return unwanted(part, policy);
}

bool is_annex(const PartFacts& part, const Policy& policy) {
    return std::any_of(policy.annex.begin(), policy.annex.end(), [&](const std::string& pattern) {
        return matches_pattern(part.name, pattern);
    });
}

/// What the office wants ignored, and what is in it; asked in order, as what holds others stands
/// before them.
class Ignored {
public:
    explicit Ignored(const std::set<Digest>& decorations) : decorations_(decorations) {}

    bool takes(const PartFacts& part) {
        const bool marked = part.digest && decorations_.contains(*part.digest);
        if (!marked && !holders_.contains(part.in)) return false;
        if (part.holds != Holder::none) holders_.insert(part.number);
        return true;
    }

private:
    const std::set<Digest>& decorations_;
    std::set<std::uint32_t> holders_{};
};

PartOutcome
judge_part(const PartFacts& part, const PartFacts* before, const Policy& policy, bool ignored) {
    const bool within = part.in != 0;
    if (ignored && (within || part.holds != Holder::none))
        return outcome(part, Disposition::decoration);
    if (part.withheld) return judge_withheld(part, policy);
    if (part.holds != Holder::none) return judge_holder(part);
    if (is_body(part)) return outcome(part, Disposition::body);
    if (ignored || is_decoration(part)) return outcome(part, Disposition::decoration);
    if (!takes(policy, part)) return judge_other(part, before, policy);
    if (!part.damage.empty()) return damaged(part);
    if (auto finding = judge_inside(part, policy)) return refused(part, *std::move(finding));
    return outcome(part, is_annex(part, policy) ? Disposition::annex : Disposition::filed);
}

/// What is found of the parts that become documents, by their content.
class Filed {
public:
    /// Under two kinds of name it is a document.
    void note(const PartFacts& part, Disposition disposition) {
        if (disposition == Disposition::filed && part.digest) documents_.insert(*part.digest);
    }

    /// When all were noted: the part's outcome beside the parts before it.
    void settle(const PartFacts& part, PartOutcome& judged) {
        if (!becomes_document(judged.disposition) || !part.digest) return;
        const auto [same, is_first] = first_.try_emplace(*part.digest, part.number);
        judged.disposition =
            documents_.contains(*part.digest) ? Disposition::filed : Disposition::annex;
        if (is_first) return;
        judged.disposition = Disposition::duplicate;
        judged.same_as = same->second;
    }

private:
    std::set<Digest> documents_{};
    std::map<Digest, std::uint32_t> first_{};
};

} // namespace

std::vector<PartOutcome> judge_parts(
    std::span<const PartFacts> parts, const Policy& policy, const std::set<Digest>& decorations
) {
    std::vector<PartOutcome> outcomes;
    Filed filed;
    Ignored ignored(decorations);
    const PartFacts* before = nullptr;
    for (const PartFacts& part : parts) {
        if (before != nullptr && before->in != part.in) before = nullptr;
        outcomes.push_back(judge_part(part, before, policy, ignored.takes(part)));
        filed.note(part, outcomes.back().disposition);
        before = &part;
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        filed.settle(parts[i], outcomes[i]);
    return outcomes;
}

std::optional<Finding>
judge_file(const PartFacts& file, const PartFacts* before, const Policy& policy) {
    if (file.size == 0 || file.format == Format::empty)
        return Finding{
            .reason = Reason::no_document, .values = {{"accepted", accepted_formats(policy)}}};
    if (const auto encryption = encryption_of(file, before); !encryption.empty())
        return Finding{.reason = Reason::mail_encrypted, .detail = std::string(encryption)};
    if (!takes(policy, file)) {
        auto finding = judge_inside_xml(file, policy);
        return finding ? finding : unwanted(file, policy).finding;
    }
    if (!file.damage.empty()) return damaged(file).finding;
    return judge_inside(file, policy);
}

bool is_looked_into(const PartFacts& part, const Policy& policy) {
    return part.format == Format::pdf ||
           (part.format == Format::xml && contains(policy.formats, Format::xml_invoice));
}

Flags flags_of(const PartFacts& part, const Policy& policy) {
    Flags flags;
    if (!part.pdf) return flags;
    if (part.pdf->repaired) flags.emplace_back("repaired");
    if (part.pdf->owner_password) flags.emplace_back("owner-password");
    if (!part.pdf->active.empty() && policy.active_content != ActiveContent::ignore)
        flags.emplace_back("active-content");
    return flags;
}

std::string accepted_formats(const Policy& policy) {
    std::vector<std::string> names;
    for (const Format format : policy.formats)
        names.push_back(upper(name_of(format)));
    return join(names, ", ");
}

} // namespace kwit::rules
