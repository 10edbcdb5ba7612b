#include "core/outbox/notice.hh"

#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "core/model/email_address.hh"
#include "core/outbox/body.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::outbox {

namespace {

/// Longer ones are no id that a mail program would find again, and cannot be folded.
constexpr std::size_t max_message_id = 200;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// "<left@right>" of printable ASCII with nothing that could end it early (RFC 5322 §3.6.4).
bool is_message_id(std::string_view id) {
    if (id.size() > max_message_id || !id.starts_with('<') || !id.ends_with('>')) return false;
    const std::string_view inner = id.substr(1, id.size() - 2);
    const std::size_t at = inner.find('@');
    return is_ascii(inner) && inner.find_first_of("<>()\"\\,;") == std::string_view::npos &&
           at != std::string_view::npos && at > 0 && at + 1 < inner.size() &&
           inner.find('@', at + 1) == std::string_view::npos;
}

std::string field(std::string_view name, std::string_view body) {
    return fmt::format("{}: {}\r\n", name, body);
}

std::string text_field(std::string_view name, std::string_view text) {
    return field(name, header_text(text, name.size() + 2));
}

/// "Name <address>" of the configuration as a header body.
std::string mailbox_field(std::string_view name, std::string_view mailbox) {
    const std::size_t open = mailbox.rfind('<');
    if (open == std::string_view::npos) return field(name, mailbox);
    const std::string_view address = mailbox.substr(open);
    const std::string phrase = header_phrase(trim(mailbox.substr(0, open)), name.size() + 2);
    if (phrase.empty()) return field(name, address);
    constexpr std::size_t max_line = 76;
    const std::size_t last = phrase.rfind('\n');
    const std::size_t column =
        last == std::string::npos ? name.size() + 2 + phrase.size() : phrase.size() - last - 1;
    const bool fits = column + 1 + address.size() <= max_line;
    return field(name, fmt::format("{}{}{}", phrase, fits ? " " : "\r\n ", address));
}

/// The intake domain that the mail is sent for.
std::string domain_name(const NoticeFacts& facts, const Settings& settings) {
    if (!is_letter(facts.row.kind))
        return facts.receipt.address.substr(facts.receipt.address.rfind('@') + 1);
    if (!facts.row.domain.empty() || settings.domains.empty()) return facts.row.domain;
    return settings.domains.front().name;
}

/// One that was taken out of the configuration has defaults.
DomainSettings domain_of(const NoticeFacts& facts, const Settings& settings) {
    const std::string name = domain_name(facts, settings);
    const DomainSettings* const known = settings.domain(name);
    DomainSettings domain = known != nullptr ? *known : DomainSettings{.name = name};
    if (domain.from.empty()) domain.from = "noreply@" + name;
    return domain;
}

} // namespace

Result<void> check_recipient(const std::string& to, const Settings& settings) {
    const auto address = EmailAddress::parse(to);
    if (!address) return fail(Kind::refused, address.error().what, address.error().remedy);
    if (settings.domain(address->domain()) != nullptr)
        return fail(
            Kind::refused,
            fmt::format("{} is in an intake domain: a notice to it would come back as a mail", to),
            "enter an address of a person"
        );
    if (!is_ascii(to))
        return fail(
            Kind::refused,
            fmt::format("{} cannot be written to: its local part is not ASCII", to),
            "enter an ASCII address"
        );
    return {};
}

namespace {

bool is_to_sender(NoticeKind kind) {
    return kind == NoticeKind::confirmation || kind == NoticeKind::correction;
}

/// RFC 3834 §3.1, and what keeps Exchange from answering; a letter that cannot be delivered has to
/// come back to people, so all but non-delivery reports.
std::string automatic_fields(NoticeKind kind) {
    return field("Auto-Submitted", is_to_sender(kind) ? "auto-replied" : "auto-generated") +
           field(
               "X-Auto-Response-Suppress", is_letter(kind) ? "DR, RN, NRN, OOF, AutoReply" : "All"
           );
}

std::string
headers_of(const NoticeFacts& facts, const DomainSettings& domain, const std::string& subject) {
    std::string headers = mailbox_field("From", domain.from);
    headers += field("To", fmt::format("<{}>", facts.row.to));
    if (!domain.reply_to.empty()) headers += mailbox_field("Reply-To", domain.reply_to);
    headers += text_field("Subject", subject);
    headers += field("Date", rfc5322(facts.row.created_at));
    headers += field("Message-ID", fmt::format("<{}@{}>", facts.row.id, domain.name));
    const std::string& answered = facts.receipt.message_id;
    if (is_message_id(answered))
        headers += field("In-Reply-To", answered) + field("References", answered);
    return headers + automatic_fields(facts.row.kind);
}

Voice::Original original_of(const NoticeFacts& facts, std::uint64_t forward_max) {
    // A mail that was refused for its sender is not passed on.
    if (facts.row.kind != NoticeKind::failure || facts.receipt.verdict == Verdict::refused)
        return Voice::Original::none;
    if (!facts.original_size) return Voice::Original::gone;
    return *facts.original_size <= forward_max ? Voice::Original::attached
                                               : Voice::Original::too_large;
}

std::string bounce_address(const OutboxRow& row, const DomainSettings& domain) {
    return fmt::format("bounce+{}@{}", lower(row.id), domain.name);
}

/// "office@example.com" of "Office <office@example.com>".
std::string_view address_in(std::string_view mailbox) {
    const std::size_t open = mailbox.rfind('<');
    if (open == std::string_view::npos || !mailbox.ends_with('>')) return trim(mailbox);
    return mailbox.substr(open + 1, mailbox.size() - open - 2);
}

/// Where letters that cannot be delivered come back to: people who read mail. Else nowhere.
std::string people_of(const DomainSettings& domain, const Settings& settings) {
    const std::string address(address_in(domain.reply_to));
    return check_recipient(address, settings) ? address : std::string();
}

Notice letter(const NoticeFacts& facts, const DomainSettings& domain, const Settings& settings) {
    return {
        .id = facts.row.id,
        .sender = people_of(domain, settings),
        .to = facts.row.to,
        .helo = domain.name,
        .headers = headers_of(facts, domain, facts.row.subject),
        .subject = facts.row.subject,
        .text = facts.row.text};
}

} // namespace

Result<Notice> render(const NoticeFacts& facts, const Settings& settings, const Texts& texts) {
    TRY(check_recipient(facts.row.to, settings));
    const DomainSettings domain = domain_of(facts, settings);
    if (is_letter(facts.row.kind)) return letter(facts, domain, settings);
    const Voice voice(facts, domain, settings, texts);
    const Voice::Original original = original_of(facts, settings.outbox.forward_max);
    Notice notice{
        .id = facts.row.id,
        .sender = is_to_sender(facts.row.kind) ? "" : bounce_address(facts.row, domain),
        .to = facts.row.to,
        .helo = domain.name,
        .queue_id = facts.receipt.queue_id,
        .subject = voice.subject(),
        .text = voice.text(original)};
    notice.headers = headers_of(facts, domain, notice.subject);
    if (original == Voice::Original::attached)
        notice.attach = TRY(Digest::parse(facts.receipt.original));
    return notice;
}

} // namespace kwit::outbox
