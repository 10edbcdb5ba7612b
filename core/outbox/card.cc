#include "core/outbox/card.hh"

#include "core/base/json.hh"
#include "core/base/text.hh"
#include "core/model/period.hh"
#include "core/outbox/guide.hh"
#include "core/outbox/html.hh"
#include "core/outbox/plain.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_name = 120; // characters of a name
constexpr std::string_view indent = "   ";

/// An address of a domain that left the configuration is spoken of in the defaults.
DomainSettings domain_of(const ImportAddress& address, const Settings& settings) {
    const std::string name(behind_at(address.address));
    const DomainSettings* const known = settings.domain(name);
    return known != nullptr ? *known : DomainSettings{.name = name};
}

Result<Policy> policy_of(const ImportAddress& address, const Settings& settings) {
    const auto policy = settings.policies.find(address.policy);
    if (policy != settings.policies.end()) return policy->second;
    return fail(
        Kind::misuse,
        fmt::format(
            "import address {} has the policy \"{}\", which is not configured",
            address.address,
            address.policy
        ),
        fmt::format(
            "add [policy.{}] to the configuration, or: kwit address set {} --policy NAME",
            address.policy,
            address.address
        )
    );
}

std::string
subject_with(const std::string& category, const std::string& period, const std::string& code) {
    return fmt::format("[{}] {} ({})", category, period, code);
}

std::vector<CardSubject>
subjects_of(const CardAddress& address, const Guide& guide, const std::string& code) {
    std::vector<CardSubject> subjects;
    for (const std::string& category : address.policy.categories) {
        const std::string subject = subject_with(category, address.period, code);
        subjects.push_back(
            {.category = category,
             .label = guide.label_of(category),
             .subject = subject,
             .mailto = mailto(address.address.address, subject)}
        );
    }
    return subjects;
}

const CardSender* find_sender(const CardAddress& address, const std::string& email) {
    const auto found =
        std::find_if(address.senders.begin(), address.senders.end(), [&](const CardSender& one) {
            return one.sender.email == email;
        });
    return found == address.senders.end() ? nullptr : &*found;
}

} // namespace

const CardSender* reader_of(const Card& card, const CardAddress& address) {
    return find_sender(address, card.reader);
}

std::string example_of(const Card& card, const CardAddress& address, const Texts& texts) {
    const auto& categories = address.policy.categories;
    if (categories.empty()) return {};
    const CardSender* const reader = reader_of(card, address);
    const std::string code =
        reader == nullptr ? texts.text(card.locale, "guideline.code-word") : reader->sender.code;
    return subject_with(categories.front(), address.period, code);
}

namespace {

// ── in words ─────────────────────────────────────────────────────────────────────────────────────

/// What a card is worded with. Refers to its arguments.
class Words {
public:
    Words(const Card& card, const Texts& texts) : card_(card), texts_(texts) {}

    [[nodiscard]] std::string say(std::string_view key, const Texts::Values& values = {}) const {
        return texts_.text(card_.locale, key, values);
    }

    [[nodiscard]] std::string line(std::string_view key, const Texts::Values& values = {}) const {
        return say(key, values) + "\n";
    }

    [[nodiscard]] std::string client_name() const {
        return one_line(card_.client.name.empty() ? card_.client.id : card_.client.name, max_name);
    }

    [[nodiscard]] std::string company() const {
        return line("notice.about.client", {{"client", client_name()}, {"id", card_.client.id}});
    }

    /// The address and what there is to know of it, but for how its policy wants documents.
    [[nodiscard]] Lines head(const CardAddress& address) const {
        Lines head;
        const auto add = [&](std::string_view key, const Texts::Values& values) {
            head.lines.push_back(say(key, values));
        };
        add("notice.about.address", {{"address", address.address.address}});
        if (!address.address.label.empty())
            add("card.label", {{"label", one_line(address.address.label, max_name)}});
        if (!address.address.symbol.empty())
            add("notice.about.category",
                {{"category", guide(address).labelled(address.address.symbol)}});
        const std::string state = state_of(address);
        if (!state.empty()) head.lines.push_back(state);
        return head;
    }

    [[nodiscard]] Choices subjects(const CardAddress& address, const CardSender& sender) const {
        if (sender.subjects.empty()) return {};
        Choices choices{
            .intro = {say("card.subjects", {{"period", address.period}})},
            .button = say("notice.correction.button")};
        for (const CardSubject& one : sender.subjects) {
            const std::string label = one_line(one.label, max_name);
            const std::string line =
                label.empty() ? one.subject
                              : say("card.choice", {{"subject", one.subject}, {"label", label}});
            choices.choices.push_back(
                {.line = std::string(indent) + line,
                 .link_line = std::string(indent) + one.mailto,
                 .subject = one.subject,
                 .label = label,
                 .link = one.mailto}
            );
        }
        return choices;
    }

    [[nodiscard]] Guide guide(const CardAddress& address) const {
        return {address.policy, texts_, card_.locale};
    }

    /// For the office: everybody who may send.
    [[nodiscard]] std::string senders(const CardAddress& address) const {
        if (address.policy.route == Route::address)
            return line(
                address.policy.senders == Senders::anyone ? "card.anyone" : "card.registered"
            );
        if (address.senders.empty()) return "\n" + line("card.no-sender");
        std::string text;
        for (const CardSender& one : address.senders) {
            const std::string name = one_line(one.sender.name, max_name);
            text += name.empty() ? fmt::format("\n{}\n", one.sender.email)
                                 : fmt::format("\n{} <{}>\n", name, one.sender.email);
            text += line("card.code", {{"code", one.sender.code}}) +
                    plain_text({subjects(address, one)});
        }
        return text;
    }

private:
    [[nodiscard]] std::string state_of(const CardAddress& address) const {
        switch (address.state) {
        case AddressState::disabled:
            return say("card.disabled");
        case AddressState::expired:
            return say("card.expired");
        case AddressState::enabled:
        case AddressState::replaced:
            break;
        }
        if (!address.address.expires_at) return {};
        const std::string until = local_text(*address.address.expires_at, address.domain.timezone);
        return say("card.expires", {{"until", until}});
    }

    const Card& card_;
    const Texts& texts_;
};

// ── as JSON ──────────────────────────────────────────────────────────────────────────────────────

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json to_json(const CardSender& one) {
    Json subjects = Json::array();
    for (const CardSubject& subject : one.subjects)
        subjects.push_back(
            {{"category", subject.category},
             {"label", text_or_null(subject.label)},
             {"subject", subject.subject},
             {"mailto", subject.mailto}}
        );
    const bool none = one.subjects.empty();
    return {
        {"name", text_or_null(one.sender.name)},
        {"email", one.sender.email},
        {"code", one.sender.code},
        {"subject", none ? Json() : Json(one.subjects.front().subject)},
        {"mailto", none ? Json() : Json(one.subjects.front().mailto)},
        {"subjects", subjects}};
}

Json to_json(const Card& card, const CardAddress& address, const Texts& texts) {
    const Guide guide(address.policy, texts, card.locale);
    Json categories = Json::array();
    for (const std::string& category : address.policy.categories)
        categories.push_back(
            {{"category", category}, {"label", text_or_null(guide.label_of(category))}}
        );
    Json formats = Json::array();
    for (const Format format : address.policy.formats)
        formats.push_back(name_of(format));
    Json senders = Json::array();
    for (const CardSender& one : address.senders)
        senders.push_back(to_json(one));
    const auto& expires = address.address.expires_at;
    return {
        {"address", address.address.address},
        {"policy", address.address.policy},
        {"label", text_or_null(address.address.label)},
        {"symbol", text_or_null(address.address.symbol)},
        {"state", name_of(address.state)},
        {"expires_at", expires ? Json(rfc3339(*expires)) : Json()},
        {"categories", categories},
        {"formats", formats},
        {"guidelines", guide.text({.example = example_of(card, address, texts)})},
        {"senders", senders}};
}

/// All of the address but its senders.
Result<CardAddress> address_of(const ImportAddress& address, const Settings& settings, Time time) {
    CardAddress one{.address = address};
    one.domain = domain_of(address, settings);
    one.policy = TRY(policy_of(address, settings));
    one.state = state_of(address, time);
    const YearMonth month = TRY(month_in(time, one.domain.timezone));
    one.period = TRY(Period::of(month)).slashed();
    return one;
}

void add_senders(
    CardAddress& address,
    const std::vector<Sender>& senders,
    const Texts& texts,
    const std::string& locale
) {
    if (address.policy.route != Route::subject) return;
    const Guide guide(address.policy, texts, locale);
    for (const Sender& sender : senders)
        address.senders.push_back({sender, subjects_of(address, guide, sender.code)});
}

} // namespace

Result<Card> make_card(
    const Client& client,
    const std::vector<ImportAddress>& addresses,
    const std::vector<Sender>& senders,
    const Settings& settings,
    const Texts& texts,
    Time time
) {
    Card card{.client = client, .locale = client.locale, .addresses = {}};
    for (const ImportAddress& address : addresses) {
        if (!address.replaced_by.empty()) continue; // people are to use the new one
        CardAddress one = TRY(address_of(address, settings, time));
        if (card.locale.empty()) card.locale = one.domain.locale;
        add_senders(one, senders, texts, card.locale);
        card.addresses.push_back(std::move(one));
    }
    if (card.locale.empty() && !settings.domains.empty())
        card.locale = settings.domains.front().locale;
    return card;
}

bool is_usable(const CardAddress& address) {
    return address.state == AddressState::enabled && address.policy.route == Route::subject;
}

std::string text_of(const Card& card, const Texts& texts) {
    const Words words(card, texts);
    std::string text = words.company();
    for (const CardAddress& address : card.addresses)
        text += "\n" + plain_text({words.head(address)}) +
                words.guide(address).text({.example = example_of(card, address, texts)}) +
                words.senders(address);
    return text;
}

Json to_json(const Card& card, const Texts& texts) {
    Json addresses = Json::array();
    for (const CardAddress& address : card.addresses)
        addresses.push_back(to_json(card, address, texts));
    return {
        {"client", card.client.id},
        {"name", text_or_null(card.client.name)},
        {"locale", card.locale},
        {"addresses", addresses}};
}

namespace {

/// That of the first address which the sender can use.
const DomainSettings* domain_of(const Sender& sender, const Card& card) {
    const auto first =
        std::find_if(card.addresses.begin(), card.addresses.end(), [&](const CardAddress& address) {
            return find_sender(address, sender.email) != nullptr && is_usable(address);
        });
    return first == card.addresses.end() ? nullptr : &first->domain;
}

} // namespace

std::optional<Letter> letter_to(const Sender& sender, const Card& card, const Texts& texts) {
    const DomainSettings* const domain = domain_of(sender, card);
    if (domain == nullptr) return std::nullopt;
    const Texts& own = texts.of(domain->name);
    const Words words(card, own);
    Content content{
        Paragraph{.text = words.say("notice.greeting")},
        Paragraph{.text = words.say("card.opening", {{"client", words.client_name()}})}};
    for (const CardAddress& address : card.addresses) {
        const CardSender* const one = find_sender(address, sender.email);
        if (one == nullptr || !is_usable(address)) continue;
        const std::string example = one->subjects.empty() ? "" : one->subjects.front().subject;
        content.emplace_back(words.head(address));
        content.emplace_back(words.guide(address).lines(
            {.example = example, .code = sender.code, .sender = sender.email}
        ));
        content.emplace_back(words.subjects(address, *one));
    }
    content.emplace_back(Paragraph{.text = farewell(*domain, own, card.locale), .tone = Tone::muted}
    );
    return Letter{
        .kind = NoticeKind::card,
        .to = sender.email,
        .client = card.client.id,
        .domain = domain->name,
        .subject = words.say("card.subject", {{"client", words.client_name()}}),
        .text = plain_text(content),
        .html = html_of(content),
        .locale = card.locale};
}

} // namespace kwit::outbox
