#include "core/mime/signature.hh"

#include "core/base/domain.hh"
#include "core/base/text.hh"
#include "core/mime/auth_results.hh"
#include "core/mime/lexer.hh"
#include "core/mime/tag_list.hh"
#include "core/model/settings.hh"

#include <algorithm>
#include <array>

namespace kwit::mime {

namespace {

using Fields = std::span<const HeaderField>;

/// The highest instance of an ARC chain (RFC 8617 §4.2.1).
constexpr std::uint64_t max_instance = 50;

bool is_named(const HeaderField& field, std::string_view name) {
    return same_word(trim(field.name), name);
}

std::string without_space(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (!is_space(c)) out += c;
    return out;
}

/// Of signable_headers: in the mail, and not in the list h=.
std::vector<std::string> uncovered_by(std::string_view list, Fields fields) {
    std::vector<std::string> covered;
    for (const std::string_view name : split(list, ':'))
        covered.push_back(lower(trim(name)));
    std::vector<std::string> out;
    for (const std::string_view name : signable_headers) {
        const bool there = std::any_of(fields.begin(), fields.end(), [name](const auto& field) {
            return is_named(field, name);
        });
        const bool is_covered = std::find(covered.begin(), covered.end(), name) != covered.end();
        if (there && !is_covered) out.emplace_back(name);
    }
    return out;
}

/// Not readable when a tag is missing that must be there (RFC 6376 §3.5).
SignatureFacts signature_of(const TagList& tags, Fields fields) {
    constexpr std::array<std::string_view, 6> needed = {"a", "b", "bh", "d", "h", "s"};
    for (const std::string_view name : needed)
        if (tags.find(name) == nullptr || tags.find(name)->empty()) return {};
    const auto domain = domain_key(*tags.find("d"));
    const auto selector = domain_key(*tags.find("s"));
    if (!domain || !selector) return {};
    return {
        .readable = true,
        .domain = *domain,
        .selector = *selector,
        .signature = without_space(*tags.find("b")),
        .whole_body = tags.find("l") == nullptr,
        .uncovered = uncovered_by(*tags.find("h"), fields)};
}

SignatureFacts read_signature(const HeaderField& field, Fields fields) {
    const auto tags = TagList::parse(field.value);
    if (!tags) return {};
    const std::string* const version = tags->find("v");
    if (version == nullptr || *version != "1") return {};
    return signature_of(*tags, fields);
}

/// An ARC header with white space behind its name (RFC 5322 §4.5.8): a verifier may not take it for
/// one, so that nobody has checked it.
bool is_loose_arc(const HeaderField& field) {
    const std::string_view name = trim(field.name);
    return name.size() != field.name.size() && lower(name).starts_with("arc-");
}

std::optional<std::uint64_t> instance_in(std::string_view digits) {
    const auto number = parse_number(digits);
    const bool fits = number && *number >= 1 && *number <= max_instance;
    return fits ? number : std::nullopt;
}

/// An ARC header with its number in the chain.
struct Link {
    std::uint64_t instance;
    TagList tags;
};

std::optional<Link> read_link(const HeaderField& field) {
    auto tags = TagList::parse(field.value);
    if (!tags || tags->find("i") == nullptr) return std::nullopt;
    const auto instance = instance_in(*tags->find("i"));
    if (!instance) return std::nullopt;
    return Link{*instance, *std::move(tags)};
}

/// "i=1; id; …": what follows the number reads like Authentication-Results (RFC 8617 §4.1.1).
struct Found {
    std::uint64_t instance;
    std::optional<AuthenticationResults> results;
};

std::optional<Found> read_found(const HeaderField& field) {
    const std::string text = unfold(field.value);
    Lexer in(text);
    if (!in.skip_cfws() || !in.take('i') || !in.skip_cfws() || !in.take('=') || !in.skip_cfws())
        return std::nullopt;
    const auto instance = instance_in(in.take_while(is_digit));
    if (!instance || !in.skip_cfws() || !in.take(';')) return std::nullopt;
    return Found{*instance, parse_authentication_results(in.rest())};
}

/// The seal with the highest number; nothing when there are two of it, or one that cannot be read.
std::optional<Link> newest_seal(Fields fields) {
    std::optional<Link> newest;
    bool unclear = false;
    for (const HeaderField& field : fields) {
        if (!is_named(field, "arc-seal")) continue;
        auto link = read_link(field);
        if (!link) return std::nullopt;
        if (newest && newest->instance > link->instance) continue;
        unclear = newest && newest->instance == link->instance;
        newest = std::move(link);
    }
    return unclear ? std::nullopt : newest;
}

std::optional<AuthenticationResults> results_of(std::uint64_t instance, Fields fields) {
    std::optional<AuthenticationResults> results;
    bool seen = false;
    for (const HeaderField& field : fields) {
        if (!is_named(field, "arc-authentication-results")) continue;
        auto found = read_found(field);
        // One that cannot be read could be the second of this number.
        if (!found || (seen && found->instance == instance)) return std::nullopt;
        if (found->instance != instance) continue;
        seen = true;
        results = std::move(found->results);
    }
    return results;
}

/// The one ARC-Message-Signature of that number; not readable when there is another one.
std::optional<SignatureFacts> message_signature(std::uint64_t instance, Fields fields) {
    std::optional<SignatureFacts> signature;
    for (const HeaderField& field : fields) {
        if (!is_named(field, "arc-message-signature")) continue;
        const auto link = read_link(field);
        if (!link) return SignatureFacts{};
        if (link->instance != instance) continue;
        if (signature) return SignatureFacts{};
        signature = signature_of(link->tags, fields);
    }
    return signature;
}

} // namespace

std::vector<SignatureFacts> read_signatures(Fields fields) {
    std::vector<SignatureFacts> out;
    for (const HeaderField& field : fields) {
        if (!is_named(field, "dkim-signature")) continue;
        if (out.size() == max_signatures) {
            out.emplace_back();
            break;
        }
        out.push_back(read_signature(field, fields));
    }
    return out;
}

std::optional<ArcSet> read_arc(Fields fields) {
    if (std::any_of(fields.begin(), fields.end(), is_loose_arc)) return std::nullopt;
    const auto seal = newest_seal(fields);
    if (!seal || seal->tags.find("d") == nullptr) return std::nullopt;
    auto sealer = domain_key(*seal->tags.find("d"));
    if (!sealer) return std::nullopt;
    return ArcSet{
        .sealer = *std::move(sealer),
        .results = results_of(seal->instance, fields),
        .message = message_signature(seal->instance, fields)};
}

} // namespace kwit::mime
