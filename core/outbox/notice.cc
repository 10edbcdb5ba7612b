#include "core/outbox/notice.hh"

#include "core/archive/letters.hh"
#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "core/model/email_address.hh"
#include "core/outbox/body.hh"
#include "core/outbox/html.hh"
#include "core/outbox/plain.hh"

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
    if (!is_letter(facts.row.kind)) return std::string(behind_at(facts.receipt.address));
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

/// Whether people get what comes back of it, and not kwit.
bool is_for_people(NoticeKind kind) {
    return is_letter(kind) && kind != NoticeKind::digest && kind != NoticeKind::summary;
}

/// RFC 3834 §3.1, and what keeps Exchange from answering; a letter that cannot be delivered has to
/// come back to people, so all but non-delivery reports.
std::string automatic_fields(NoticeKind kind) {
    return field("Auto-Submitted", is_to_sender(kind) ? "auto-replied" : "auto-generated") +
           field(
               "X-Auto-Response-Suppress",
               is_for_people(kind) ? "DR, RN, NRN, OOF, AutoReply" : "All"
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

/// A report tells that a mail was not delivered, so it is one only where nothing was filed.
bool is_report(const NoticeFacts& facts, const DomainSettings& domain) {
    return domain.corrections == DomainSettings::Corrections::report &&
           facts.row.kind == NoticeKind::correction && facts.receipt.verdict == Verdict::failed;
}

/// RFC 3464 §2: fields of the mail, an empty line, fields of its recipient. What was wrong is told
/// in English and ASCII there; no server said it, so its type is our own.
std::string status_of(const NoticeFacts& facts, const DomainSettings& domain) {
    const Receipt& receipt = facts.receipt;
    const Reason reason =
        receipt.findings.empty() ? Reason::no_document : receipt.findings.front().reason;
    return fmt::format(
        "Reporting-MTA: dns; {}\n"
        "Arrival-Date: {}\n"
        "X-Kwit-Receipt: {}\n"
        "\n"
        "Final-Recipient: rfc822; {}\n"
        "Action: failed\n"
        "Status: {}\n"
        "Diagnostic-Code: x-kwit; {}\n",
        domain.name,
        rfc5322(receipt.received_at),
        receipt.id,
        receipt.address,
        reply_code_of(reason).enhanced,
        code_of(reason)
    );
}

/// What people call the office.
std::string office_of(const DomainSettings& domain) {
    if (!domain.office.empty()) return domain.office;
    const std::size_t open = domain.from.rfind('<');
    const std::string_view name =
        open == std::string::npos ? std::string_view() : trim(domain.from).substr(0, open);
    return trim(name).empty() ? domain.name : std::string(trim(name));
}

/// The same words twice, with what stands around them in each form.
struct Words {
    std::string locale;
    std::string text;
    std::string html; ///< of the words alone
};

void dress(Notice& notice, const Words& words, const DomainSettings& domain) {
    notice.text = words.text;
    // The mark by which mail programs know a signature (RFC 3676 §4.3).
    if (!domain.signature.empty()) notice.text += "\n-- \n" + domain.signature + "\n";
    if (domain.logo) {
        notice.logo = domain.logo;
        notice.content_id = fmt::format("logo.{}@{}", notice.id, domain.name);
    }
    notice.html = html_page(
        {.locale = words.locale,
         .title = notice.subject,
         .office = office_of(domain),
         .signature = domain.signature,
         .logo = notice.logo.get(),
         .content_id = notice.content_id},
        words.html
    );
}

/// The envelope sender of a letter.
std::string
sender_of(const OutboxRow& row, const DomainSettings& domain, const Settings& settings) {
    if (is_for_people(row.kind)) return people_of(domain, settings);
    return row.to_sender ? std::string() : bounce_address(row, domain);
}

Notice letter(const NoticeFacts& facts, const DomainSettings& domain, const Settings& settings) {
    const OutboxRow& row = facts.row;
    Notice notice{
        .id = row.id,
        .sender = sender_of(row, domain, settings),
        .to = row.to,
        .helo = domain.name,
        .headers = headers_of(facts, domain, row.subject),
        .subject = row.subject};
    const Words words{
        .locale = row.locale.empty() ? domain.locale : row.locale,
        .text = row.text,
        .html = row.html.empty() ? html_of(content_of(row.text)) : row.html};
    dress(notice, words, domain);
    return notice;
}

} // namespace

Result<Notice> render(const NoticeFacts& facts, const Settings& settings, const Texts& texts) {
    TRY(check_recipient(facts.row.to, settings));
    const DomainSettings domain = domain_of(facts, settings);
    if (is_letter(facts.row.kind)) return letter(facts, domain, settings);
    const Voice voice(facts, domain, settings, texts.of(domain.name));
    const Voice::Original original = original_of(facts, settings.outbox.forward_max);
    Notice notice{
        .id = facts.row.id,
        .sender = is_to_sender(facts.row.kind) ? "" : bounce_address(facts.row, domain),
        .to = facts.row.to,
        .helo = domain.name,
        .queue_id = facts.receipt.queue_id,
        .subject = voice.subject()};
    notice.headers = headers_of(facts, domain, notice.subject);
    const Content content = voice.content(original);
    dress(
        notice,
        {.locale = voice.locale(), .text = plain_text(content), .html = html_of(content)},
        domain
    );
    if (is_report(facts, domain)) notice.status = status_of(facts, domain);
    if (original == Voice::Original::attached)
        notice.attach = TRY(Digest::parse(facts.receipt.original));
    return notice;
}

std::string page_for_browser(const Notice& notice) {
    if (!notice.logo) return notice.html;
    const std::string reference = logo_reference(notice.content_id);
    std::string page = notice.html;
    const std::size_t at = page.find(reference);
    if (at == std::string::npos) return page;
    std::string picture = base64_lines(as_bytes(notice.logo->bytes));
    std::erase_if(picture, [](char c) { return c == '\r' || c == '\n'; });
    return page.replace(
        at,
        reference.size(),
        fmt::format("src=\"data:{};base64,{}\"", notice.logo->media_type, picture)
    );
}

} // namespace kwit::outbox
