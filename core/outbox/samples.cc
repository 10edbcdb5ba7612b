#include "core/outbox/samples.hh"

#include "core/base/text.hh"
#include "core/model/period.hh"
#include "core/outbox/card.hh"
#include "core/outbox/guide.hh"
#include "core/outbox/html.hh"
#include "core/outbox/plain.hh"
#include "core/outbox/together.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::outbox {

namespace {

constexpr std::string_view row_id = "01JDA0000000000000000000R1";
constexpr std::string_view receipt_id = "01JDA0000000000000000000C1";
constexpr std::string_view person = "anna@kunde.example";
constexpr std::string_view supplier = "billing@supplier.example";
constexpr std::string_view office = "books@office.example";
constexpr std::string_view code = "932498";
constexpr std::size_t max_name = 120;
constexpr std::size_t zeros = 64; // digits of a SHA-256

/// What all samples are made with.
class Maker {
public:
    Maker(
        const DomainSettings& domain,
        std::string locale,
        const Settings& settings,
        const Texts& texts,
        Time time
    )
        : domain_(domain), locale_(std::move(locale)), settings_(settings), texts_(texts),
          time_(time) {}

    [[nodiscard]] NoticeFacts confirmation() const {
        NoticeFacts facts = tagged(NoticeKind::confirmation);
        file(facts, "faktura 17.pdf", category());
        file(facts, "faktura 18.pdf", category());
        return facts;
    }

    [[nodiscard]] NoticeFacts correction() const {
        NoticeFacts facts = tagged(NoticeKind::correction);
        const std::string read = fmt::format("{} {} {}", category(), slashed(), code);
        facts.receipt.verdict = Verdict::failed;
        facts.receipt.subject = read;
        facts.receipt.suggestion = subject();
        facts.receipt.findings.push_back(
            {.reason = Reason::subject_malformed,
             .detail = "category-code",
             .values = {{"read", read}}}
        );
        return facts;
    }

    [[nodiscard]] NoticeFacts import() const {
        NoticeFacts facts = open(NoticeKind::import);
        file(facts, "invoice-4711.pdf", "ER");
        return facts;
    }

    [[nodiscard]] NoticeFacts failure() const {
        NoticeFacts facts = open(NoticeKind::failure);
        file(facts, "invoice-4711.pdf", "ER");
        facts.receipt.verdict = Verdict::partial;
        facts.receipt.parts.push_back(
            {.number = 3,
             .name = "terms.docx",
             .media_type = "application/octet-stream",
             .size = 12'000,
             .disposition = Disposition::refused,
             .reason = "part-not-accepted"}
        );
        facts.receipt.findings.push_back(
            {.reason = Reason::part_not_accepted,
             .detail = "office",
             .values = {{"accepted", "PDF"}, {"name", "terms.docx"}},
             .part = 3}
        );
        return facts;
    }

    [[nodiscard]] NoticeFacts together(Held held) const {
        std::vector<NoticeFacts> notices{import(), failure()};
        for (NoticeFacts& facts : notices)
            facts.row.held = held;
        if (held == Held::digest) notices.back() = notices.front();
        return of(letter_together(notices, settings_, texts_));
    }

    [[nodiscard]] NoticeFacts test() const {
        return of(test_letter(client(), std::string(office), domain_, texts_.of(domain_.name)));
    }

    [[nodiscard]] Result<NoticeFacts> card() const {
        const Sender anna{
            .client = client().id, .email = std::string(person), .code = std::string(code)};
        const ImportAddress address{
            .address = tagged_address(), .client = client().id, .policy = "tagged"};
        const Card card = TRY(make_card(client(), {address}, {anna}, settings_, texts_, time_));
        const auto letter = letter_to(anna, card, texts_);
        if (letter) return of(*letter);
        return fail(Kind::refused, "the policy tagged has no subjects that a card could show", "");
    }

private:
    [[nodiscard]] Client client() const {
        return {.id = "10023", .name = "Kunde sp. z o.o.", .locale = locale_};
    }

    [[nodiscard]] std::string tagged_address() const {
        return fmt::format("{}+1543030448@{}", domain_.base, domain_.name);
    }

    [[nodiscard]] std::string category() const {
        const auto policy = settings_.policies.find("tagged");
        const bool has = policy != settings_.policies.end() && !policy->second.categories.empty();
        return has ? policy->second.categories.front() : "FK";
    }

    [[nodiscard]] std::string period() const {
        const auto month = month_in(time_, domain_.timezone);
        const auto period = month ? Period::of(*month) : Period::parse("2026-11");
        return period ? period->text() : "2026-11";
    }

    /// "11/2026" of "2026-11".
    [[nodiscard]] std::string slashed() const {
        const std::string month = period();
        return month.substr(5) + "/" + month.substr(0, 4);
    }

    [[nodiscard]] std::string subject() const {
        return fmt::format("[{}] {} ({})", category(), slashed(), code);
    }

    [[nodiscard]] NoticeFacts base(NoticeKind kind) const {
        NoticeFacts facts;
        facts.row.id = row_id;
        facts.row.kind = kind;
        facts.row.receipt = receipt_id;
        facts.row.created_at = time_;
        facts.receipt.id = receipt_id;
        facts.receipt.received_at = time_;
        facts.receipt.client = client().id;
        facts.receipt.verdict = Verdict::imported;
        facts.receipt.size = 70'000;
        facts.receipt.parts.push_back(
            {.number = 1, .media_type = "text/plain", .size = 6, .disposition = Disposition::body}
        );
        facts.client = client();
        return facts;
    }

    [[nodiscard]] NoticeFacts tagged(NoticeKind kind) const {
        NoticeFacts facts = base(kind);
        facts.row.to = person;
        facts.receipt.address = tagged_address();
        facts.receipt.sender = person;
        facts.receipt.subject = subject();
        facts.receipt.message_id = "<1@kunde.example>";
        facts.address = ImportAddress{
            .address = facts.receipt.address, .client = client().id, .policy = "tagged"};
        facts.sender =
            Sender{.client = client().id, .email = std::string(person), .code = std::string(code)};
        return facts;
    }

    [[nodiscard]] NoticeFacts open(NoticeKind kind) const {
        NoticeFacts facts = base(kind);
        facts.row.to = office;
        facts.receipt.address = "k7m2q9x4tc-rechnungen@" + domain_.name;
        facts.receipt.sender = supplier;
        facts.receipt.subject = "Invoice 4711";
        facts.receipt.message_id = "<4711@supplier.example>";
        facts.address = ImportAddress{
            .address = facts.receipt.address,
            .client = client().id,
            .policy = "open",
            .symbol = "ER"};
        facts.original_size = sample_original(facts).size();
        facts.receipt.original = std::string(zeros, '0');
        return facts;
    }

    void file(NoticeFacts& facts, const std::string& name, const std::string& category) const {
        const std::size_t number = facts.receipt.documents.size() + 1;
        const std::string id = fmt::format("01JDA0000000000000000000D{}", number);
        const std::string sha256(64, static_cast<char>('a' + number - 1));
        facts.receipt.documents.push_back(id);
        facts.receipt.parts.push_back(
            {.number = static_cast<std::uint32_t>(number + 1),
             .name = name,
             .media_type = "application/pdf",
             .size = 48'213,
             .sha256 = sha256,
             .disposition = Disposition::filed,
             .document = id}
        );
        facts.documents.push_back(
            {.id = id,
             .category = category,
             .period = period(),
             .sha256 = sha256,
             .size = 48'213,
             .filename = name}
        );
    }

    [[nodiscard]] NoticeFacts of(const Letter& letter) const {
        NoticeFacts facts;
        facts.row.id = row_id;
        facts.row.kind = letter.kind;
        facts.row.to = letter.to;
        facts.row.created_at = time_;
        facts.row.domain = letter.domain;
        facts.row.subject = letter.subject;
        facts.row.text = letter.text;
        facts.row.html = letter.html;
        facts.row.locale = letter.locale;
        facts.row.to_sender = letter.to_sender;
        return facts;
    }

    const DomainSettings& domain_;
    std::string locale_;
    const Settings& settings_;
    const Texts& texts_;
    Time time_;
};

Result<const DomainSettings*> domain_of(const Settings& settings, const std::string& name) {
    if (name.empty() && !settings.domains.empty()) return &settings.domains.front();
    const DomainSettings* const domain = settings.domain(lower(name));
    if (domain != nullptr) return domain;
    std::vector<std::string> known;
    for (const DomainSettings& one : settings.domains)
        known.push_back(one.name);
    return fail(
        Kind::misuse,
        fmt::format("there is no intake domain {}", name),
        "there are " + join(known, ", ")
    );
}

Result<void> check_locale(const std::string& locale) {
    const auto locales = Texts::locales();
    if (locale.empty() || std::find(locales.begin(), locales.end(), locale) != locales.end())
        return {};
    return fail(
        Kind::misuse,
        fmt::format("there are no texts in the language \"{}\"", locale),
        "there are " + join(locales, ", ")
    );
}

} // namespace

std::vector<std::string> sample_kinds() {
    return {"confirmation", "correction", "import", "failure", "digest", "summary", "card", "test"};
}

Result<NoticeFacts>
sample(const SampleOrder& order, const Settings& settings, const Texts& texts, Time time) {
    TRY(check_locale(order.locale));
    const DomainSettings* const domain = TRY(domain_of(settings, order.domain));
    const Maker maker(
        *domain, order.locale.empty() ? domain->locale : order.locale, settings, texts, time
    );
    const auto kind = notice_kind_named(order.kind);
    switch (kind.value_or(NoticeKind::report)) {
    case NoticeKind::confirmation:
        return maker.confirmation();
    case NoticeKind::correction:
        return maker.correction();
    case NoticeKind::import:
        return maker.import();
    case NoticeKind::failure:
        return maker.failure();
    case NoticeKind::digest:
        return maker.together(Held::digest);
    case NoticeKind::summary:
        return maker.together(Held::cap);
    case NoticeKind::card:
        return maker.card();
    case NoticeKind::test:
        return maker.test();
    case NoticeKind::report:
        break;
    }
    return fail(
        Kind::misuse,
        fmt::format("there is no preview of \"{}\"", order.kind),
        kind ? "kwit report prints a report" : "there are " + join(sample_kinds(), ", ")
    );
}

std::string sample_original(const NoticeFacts& facts) {
    return fmt::format(
        "From: {}\r\n"
        "To: {}\r\n"
        "Subject: {}\r\n"
        "Message-ID: {}\r\n"
        "Date: {}\r\n"
        "\r\n"
        "The mail as its sender wrote it stands here, with its attachments.\r\n",
        facts.receipt.sender,
        facts.receipt.address,
        facts.receipt.subject,
        facts.receipt.message_id,
        rfc5322(facts.receipt.received_at)
    );
}

Letter test_letter(
    const Client& client, const std::string& to, const DomainSettings& domain, const Texts& texts
) {
    const std::string locale = client.locale.empty() ? domain.locale : client.locale;
    const Texts::Values values = {{"client", one_line(client.name, max_name)}};
    const Content content{
        Paragraph{.text = texts.text(locale, "notice.greeting")},
        Paragraph{.text = texts.text(locale, "notice.test.opening", values), .tone = Tone::good},
        Paragraph{.text = farewell(domain, texts, locale), .tone = Tone::muted}};
    return {
        .kind = NoticeKind::test,
        .to = to,
        .client = client.id,
        .domain = domain.name,
        .subject = texts.text(locale, "notice.test.subject", values),
        .text = plain_text(content),
        .html = html_of(content),
        .locale = locale};
}

} // namespace kwit::outbox
