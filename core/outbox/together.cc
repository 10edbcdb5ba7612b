#include "core/outbox/together.hh"

#include "core/archive/letters.hh"
#include "core/base/text.hh"
#include "core/outbox/body.hh"
#include "core/outbox/guide.hh"
#include "core/outbox/html.hh"
#include "core/outbox/notice.hh"
#include "core/outbox/plain.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::outbox {

namespace {

// In characters; two hundred notices of this length make a letter that the archive takes.
constexpr std::size_t max_subject = 200;
constexpr std::size_t max_files = 200;    // of their names
constexpr std::size_t max_sentence = 200; // of a reason
constexpr std::size_t max_reasons = 3;    // of a notice

/// The language that all clients share, else the domain's.
std::string locale_of(const std::vector<NoticeFacts>& notices, const DomainSettings& domain) {
    const auto locale = [&](const NoticeFacts& facts) {
        const bool own = facts.client && !facts.client->locale.empty();
        return own ? facts.client->locale : domain.locale;
    };
    const std::string first = locale(notices.front());
    const bool all = std::all_of(notices.begin(), notices.end(), [&](const NoticeFacts& facts) {
        return locale(facts) == first;
    });
    return all ? first : domain.locale;
}

/// What one such letter is worded with. Refers to its arguments.
class Together {
public:
    Together(
        const std::vector<NoticeFacts>& notices,
        const DomainSettings& domain,
        const Settings& settings,
        const Texts& texts
    )
        : notices_(notices), domain_(domain), settings_(settings), texts_(texts),
          locale_(locale_of(notices, domain)),
          kind_(first().held == Held::digest ? NoticeKind::digest : NoticeKind::summary) {}

    [[nodiscard]] Letter letter() const {
        const Content words = content();
        return {
            .kind = kind_,
            .to = first().to,
            .client = {},
            .domain = domain_.name,
            .subject = one_line(say("subject", counts()), max_subject),
            .text = plain_text(words),
            .html = html_of(words),
            .locale = locale_,
            .to_sender = is_to_sender(first().kind)};
    }

private:
    using Values = Texts::Values;

    [[nodiscard]] const OutboxRow& first() const { return notices_.front().row; }

    [[nodiscard]] std::string say(std::string_view key, const Values& values = {}) const {
        return texts_.text(locale_, fmt::format("notice.{}.{}", name_of(kind_), key), values);
    }

    [[nodiscard]] std::string tell(std::string_view key, const Values& values = {}) const {
        return texts_.text(locale_, fmt::format("notice.together.{}", key), values);
    }

    [[nodiscard]] Values counts() const {
        std::size_t documents = 0;
        for (const NoticeFacts& facts : notices_)
            documents += facts.receipt.documents.size();
        const std::string form =
            fmt::format("notice.documents-{}", plural_form(documents, locale_));
        return {
            {"documents", texts_.text(locale_, form, {{"count", std::to_string(documents)}})},
            {"count", std::to_string(notices_.size())}};
    }

    [[nodiscard]] Content content() const {
        Content content{
            Paragraph{.text = texts_.text(locale_, "notice.greeting")},
            Paragraph{
                .text = say("opening", counts()),
                .tone = kind_ == NoticeKind::digest ? Tone::good : Tone::doubtful},
            items()};
        if (!is_to_sender(first().kind))
            content.emplace_back(Paragraph{.text = tell("on-server"), .tone = Tone::muted});
        content.emplace_back(Paragraph{
            .text = farewell(domain_, texts_, locale_), .tone = Tone::muted});
        return content;
    }

    [[nodiscard]] Items items() const {
        Items items{
            .intro = tell("intro"),
            .name_title = tell("name-title"),
            .outcome_title = tell("outcome-title")};
        for (const NoticeFacts& facts : notices_)
            items.items.push_back(item(items.items.size() + 1, facts));
        return items;
    }

    [[nodiscard]] Item item(std::size_t number, const NoticeFacts& facts) const {
        NoticeFacts same = facts;
        if (same.client) same.client->locale = locale_;
        const Receipt& receipt = facts.receipt;
        Item item{
            .number = std::to_string(number),
            .name = Voice(same, domain_, settings_, texts_).subject(),
            .aside = local_text(receipt.received_at, domain_.timezone),
            .outcome = tell(name_of(receipt.verdict)),
            .tone = tone_of(receipt.verdict)};
        item.line = tell(
            "line",
            {{"number", item.number},
             {"name", item.name},
             {"received", item.aside},
             {"outcome", item.outcome}}
        );
        item.below.push_back(from(receipt));
        add_reasons(receipt.findings, item.below);
        const std::string files = files_of(facts);
        if (!files.empty()) item.below.push_back(tell("files", {{"files", files}}));
        item.below.push_back(tell("receipt", {{"receipt", receipt.id}}));
        return item;
    }

    /// Which mail it is about: what was filed of several may be called the same.
    [[nodiscard]] std::string from(const Receipt& receipt) const {
        const std::string& sender = receipt.sender.empty() ? receipt.envelope_from : receipt.sender;
        return one_line(
            tell("from", {{"sender", sender}, {"subject", receipt.subject}}), max_sentence
        );
    }

    void add_reasons(const std::vector<Finding>& findings, std::vector<std::string>& lines) const {
        const std::size_t shown = std::min(findings.size(), max_reasons);
        for (std::size_t i = 0; i < shown; ++i)
            lines.push_back(one_line(texts_.sentence(locale_, findings[i]), max_sentence));
        if (findings.size() > shown)
            lines.push_back(
                tell("more-reasons", {{"count", std::to_string(findings.size() - shown)}})
            );
    }

    /// The names of what was filed.
    static std::string files_of(const NoticeFacts& facts) {
        std::vector<std::string> names;
        for (const Document& document : facts.documents)
            names.push_back(document.filename);
        return one_line(join(names, ", "), max_files);
    }

    const std::vector<NoticeFacts>& notices_;
    const DomainSettings& domain_;
    const Settings& settings_;
    const Texts& texts_;
    std::string locale_;
    NoticeKind kind_;
};

} // namespace

std::string domain_of_notice(const NoticeFacts& facts) {
    return std::string(behind_at(facts.receipt.address));
}

Letter letter_together(
    const std::vector<NoticeFacts>& notices, const Settings& settings, const Texts& texts
) {
    const std::string name = domain_of_notice(notices.front());
    const DomainSettings* const known = settings.domain(name);
    const DomainSettings domain = known != nullptr ? *known : DomainSettings{.name = name};
    return Together(notices, domain, settings, texts.of(name)).letter();
}

} // namespace kwit::outbox
