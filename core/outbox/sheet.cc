#include "core/outbox/sheet.hh"

#include "core/base/text.hh"
#include "core/outbox/guide.hh"
#include "core/outbox/plain.hh"
#include "core/outbox/vcard.hh"

#include <fmt/format.h>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_name = 120; // characters of a name

/// What the sentences of one address are said with. Refers to its arguments.
class Words {
public:
    Words(const Texts& texts, const std::string& locale) : texts_(texts), locale_(locale) {}

    [[nodiscard]] std::string say(std::string_view key, const Texts::Values& values = {}) const {
        return texts_.text(locale_, fmt::format("sheet.{}", key), values);
    }

private:
    const Texts& texts_;
    const std::string& locale_;
};

std::string_view key_of(OnFailure on_failure) {
    switch (on_failure) {
    case OnFailure::reject:
        return "reject";
    case OnFailure::reply:
        return "reply";
    case OnFailure::forward:
        return "forward";
    }
    return "reject";
}

void add_success(const Policy& policy, const Words& words, std::vector<std::string>& sentences) {
    if (policy.tell_sender) sentences.push_back(words.say("told-sender"));
    if (policy.tell_notify) sentences.push_back(words.say("told-notify"));
    if (!policy.tell_sender && !policy.tell_notify) sentences.push_back(words.say("told-nobody"));
}

std::string name_of(const Client& client) {
    return one_line(client.name.empty() ? client.id : client.name, max_name);
}

/// What an address book shows: whose documents, and which where there are several addresses.
std::string contact_name(const Card& card, const CardAddress& address, const Words& words) {
    const std::string name = words.say("card-name", {{"client", name_of(card.client)}});
    const std::string label = one_line(address.address.label, max_name);
    return label.empty() ? name : fmt::format("{} ({})", name, label);
}

/// How documents are sent there: with the code of the one who reads it, else with nobody's.
std::string guide_to(const Card& card, const CardAddress& address, const Texts& texts) {
    Guide::About about{.example = example_of(card, address, texts)};
    if (const CardSender* const reader = reader_of(card, address)) {
        about.code = reader->sender.code;
        about.sender = reader->sender.email;
    }
    return Guide(address.policy, texts, card.locale).text(about);
}

} // namespace

std::vector<std::string>
policy_in_words(const CardAddress& address, const Texts& texts, const std::string& locale) {
    const Policy& policy = address.policy;
    const Words words(texts, locale);
    const std::string category = Guide(policy, texts, locale).labelled(address.address.symbol);
    std::vector<std::string> sentences = {
        policy.route == Route::subject ? words.say("route-subject")
                                       : words.say("route-address", {{"category", category}})};
    if (policy.authentication == Authentication::required)
        sentences.push_back(words.say("authentication-required"));
    if (policy.authentication == Authentication::preferred)
        sentences.push_back(words.say("authentication-preferred"));
    sentences.push_back(words.say(key_of(policy.on_failure)));
    add_success(policy, words, sentences);
    return sentences;
}

std::string plain_link(const CardAddress& address) {
    if (address.policy.route == Route::subject) return {};
    const std::string link = mailto(address.address.address, "");
    return link.substr(0, link.find('?'));
}

std::string sheet_of(const Card& card, const Texts& texts) {
    std::string text = text_of(card, texts);
    const Words words(texts, card.locale);
    for (const CardAddress& address : card.addresses) {
        const std::string link = plain_link(address);
        if (!link.empty()) text += words.say("link", {{"link", link}}) + "\n";
        text += "\n" + words.say("policy") + "\n";
        for (const std::string& sentence : policy_in_words(address, texts, card.locale))
            text += fmt::format("- {}\n", sentence);
    }
    return text;
}

std::string vcard_of(const Card& card, const Texts& texts) {
    const Words words(texts, card.locale);
    std::string cards;
    for (const CardAddress& address : card.addresses)
        cards += vcard(
            {.name = contact_name(card, address, words),
             .email = address.address.address,
             .organisation = name_of(card.client),
             .note = guide_to(card, address, texts),
             .changed_at = address.address.created_at}
        );
    return cards;
}

} // namespace kwit::outbox
