#include "core/outbox/body.hh"

#include "core/base/text.hh"
#include "core/model/period.hh"
#include "core/outbox/plain.hh"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_name = 120;      // characters of a file's name
constexpr std::size_t max_subject = 200;   // of the mail's subject in our text
constexpr std::size_t max_in_subject = 80; // of it in our own subject
constexpr std::size_t max_sentence = 2000;
constexpr std::size_t max_choices = 20; // categories that the corrected subject is shown for

std::string slashed(const std::string& period) {
    const auto parsed = Period::parse(period);
    return parsed ? parsed->slashed() : period;
}

/// Each once, in order.
std::vector<std::string> distinct(std::vector<std::string> words) {
    std::set<std::string> seen;
    std::erase_if(words, [&](const std::string& word) { return !seen.insert(word).second; });
    return words;
}

template <typename Field>
std::vector<std::string> each(const std::vector<Document>& documents, Field field) {
    std::vector<std::string> words;
    words.reserve(documents.size());
    for (const Document& document : documents)
        words.push_back(field(document));
    return distinct(std::move(words));
}

/// A suggestion names all categories where none was read: "[FK|FZ] 11/2026 (1)" is one for each.
std::vector<std::string> choices_of(const std::string& suggestion) {
    const std::size_t end = suggestion.find(']');
    const std::string_view whole = suggestion;
    if (!whole.starts_with('[') || end == std::string::npos) return {suggestion};
    std::vector<std::string> choices;
    for (const std::string_view category : split(whole.substr(1, end - 1), '|'))
        choices.push_back(fmt::format("[{}{}", category, whole.substr(end)));
    if (choices.size() > max_choices) choices.resize(max_choices);
    return choices;
}

/// "FZ" of "[FZ] 11/2026 (1)".
std::string category_in(const std::string& subject) {
    return subject.substr(1, subject.find(']') - 1);
}

std::string brief(const std::string& sha256) {
    constexpr std::size_t for_people = 12;
    return sha256.substr(0, for_people);
}

const Policy* policy_of(const NoticeFacts& facts, const Settings& settings) {
    if (!facts.address) return nullptr;
    const auto policy = settings.policies.find(facts.address->policy);
    return policy == settings.policies.end() ? nullptr : &policy->second;
}

Tone tone_of(Disposition disposition) {
    switch (disposition) {
    case Disposition::filed:
    case Disposition::annex:
        return Tone::good;
    case Disposition::refused:
        return Tone::bad;
    case Disposition::duplicate:
    case Disposition::decoration:
    case Disposition::body:
    case Disposition::container:
    case Disposition::signature:
    case Disposition::ignored:
        return Tone::muted;
    }
    return Tone::plain;
}

/// Bodies are no files that anybody waits to see filed.
bool is_item(const PartRecord& part) {
    return part.disposition != Disposition::body;
}

/// A provider's question whether mail may be forwarded: nothing went wrong.
bool is_question(const NoticeFacts& facts) {
    const auto& findings = facts.receipt.findings;
    return facts.row.kind == NoticeKind::failure && facts.receipt.verdict == Verdict::failed &&
           !findings.empty() && findings.front().reason == Reason::forwarding_confirmation;
}

} // namespace

Voice::Voice(
    const NoticeFacts& facts,
    const DomainSettings& domain,
    const Settings& settings,
    const Texts& texts
)
    : facts_(facts), domain_(domain), texts_(texts),
      locale_(
          facts.client && !facts.client->locale.empty() ? facts.client->locale : domain.locale
      ) {
    if (const Policy* const policy = policy_of(facts, settings))
        guide_.emplace(*policy, texts, locale_);
}

std::string Voice::say(std::string_view key, const Values& values) const {
    return texts_.text(locale_, fmt::format("notice.{}", key), values);
}

std::string Voice::sentence(const Finding& finding) const {
    return one_line(texts_.sentence(locale_, finding), max_sentence);
}

/// Which of the texts of a kind: "" when all is well or nothing was filed, else "-partial",
/// "-refused", "-forwarding".
std::string Voice::variant() const {
    if (is_question(facts_)) return "-forwarding";
    if (facts_.receipt.verdict == Verdict::partial) return "-partial";
    return facts_.receipt.verdict == Verdict::refused ? "-refused" : "";
}

std::string Voice::mail_subject(std::size_t max) const {
    const std::string subject = one_line(facts_.receipt.subject, max);
    return subject.empty() ? say("no-subject") : subject;
}

/// "FZ 11/2024"; documents that were edited since may differ.
std::string Voice::what() const {
    return join(
        each(
            facts_.documents,
            [](const Document& document) {
                return one_line(document.category + " " + slashed(document.period), max_name);
            }
        ),
        ", "
    );
}

Voice::Values Voice::values(std::size_t max_length) const {
    const std::size_t count = facts_.receipt.documents.size();
    const std::string documents = fmt::format("documents-{}", plural_form(count, locale_));
    const std::string& sender = facts_.receipt.sender;
    return {
        {"documents", say(documents, {{"count", std::to_string(count)}})},
        {"what", one_line(what(), max_in_subject)},
        {"subject", mail_subject(max_length)},
        {"sender", sender.empty() ? say("no-sender") : one_line(sender, max_name)},
        {"address", facts_.receipt.address},
        {"client", one_line(facts_.client ? facts_.client->name : facts_.receipt.client, max_name)},
        {"receipt", facts_.receipt.id}};
}

std::string Voice::subject() const {
    const std::string kind(name_of(facts_.row.kind));
    return one_line(say(kind + ".subject" + variant(), values(max_in_subject)), max_subject);
}

Content Voice::content(Original original) const {
    const std::string kind(name_of(facts_.row.kind));
    const bool told_why =
        facts_.row.kind == NoticeKind::correction || facts_.row.kind == NoticeKind::failure;
    Content content{
        Paragraph{.text = say("greeting")},
        Paragraph{
            .text = say(kind + ".opening" + variant(), values(max_subject)),
            .tone = tone_of(facts_.receipt.verdict)}};
    if (told_why) add_reasons(content);
    if (facts_.row.kind == NoticeKind::correction) content.emplace_back(corrected());
    content.emplace_back(about());
    content.emplace_back(items());
    add_notes(content);
    content.emplace_back(Paragraph{.text = by_hand(original)});
    if (facts_.row.kind == NoticeKind::correction) add_guidelines(content);
    content.emplace_back(Paragraph{.text = farewell(domain_, texts_, locale_), .tone = Tone::muted}
    );
    return content;
}

// ── what it is about ─────────────────────────────────────────────────────────────────────────────

std::string Voice::label_of(const std::string& category) const {
    return guide_ ? guide_->label_of(category) : std::string();
}

std::string Voice::category_line(const std::string& category) const {
    return guide_ ? guide_->labelled(category) : one_line(category, max_name);
}

/// Company, address, category, period… one a line.
Lines Voice::about() const {
    const Receipt& receipt = facts_.receipt;
    std::vector<std::string> categories =
        each(facts_.documents, [this](const Document& d) { return category_line(d.category); });
    if (categories.empty() && facts_.address && !facts_.address->symbol.empty())
        categories.push_back(category_line(facts_.address->symbol));
    const std::vector<std::string> periods =
        each(facts_.documents, [](const Document& d) { return slashed(d.period); });
    const Values all = values(max_subject);
    Lines about;
    const auto add = [&](std::string_view key, const Values& values) {
        about.lines.push_back(say(key, values));
    };
    add("about.client", {{"client", all.at("client")}, {"id", receipt.client}});
    add("about.address", {{"address", receipt.address}});
    if (!categories.empty()) add("about.category", {{"category", join(categories, ", ")}});
    if (!periods.empty()) add("about.period", {{"period", join(periods, ", ")}});
    add("about.sender", {{"sender", all.at("sender")}});
    add("about.subject", {{"subject", all.at("subject")}});
    add("about.received", {{"received", local_text(receipt.received_at, domain_.timezone)}});
    add("about.receipt", {{"receipt", receipt.id}});
    return about;
}

/// What is wrong with the mail as a whole; what is wrong with a part stands beside it.
void Voice::add_reasons(Content& content) const {
    const auto listed = [this](const Finding& finding) {
        return std::any_of(
            facts_.receipt.parts.begin(),
            facts_.receipt.parts.end(),
            [&](const PartRecord& part) { return is_item(part) && finding.part == part.number; }
        );
    };
    for (const Finding& finding : facts_.receipt.findings)
        if (!listed(finding)) content.emplace_back(Paragraph{.text = sentence(finding)});
}

std::string Voice::why(const PartRecord& part) const {
    // By hand, before this mail could be sent: why it was not filed is of no use any more.
    if (!part.document.empty()) return {};
    const auto& findings = facts_.receipt.findings;
    const auto told = std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.part == part.number;
    });
    if (told != findings.end()) return sentence(*told);
    const auto reason = reason_named(part.reason);
    return reason ? sentence({.reason = *reason}) : std::string();
}

/// What the part came out of, as a way into it: "weiter.eml > re.zip"; empty for an attachment.
std::string Voice::holder(const PartRecord& part) const {
    const auto& parts = facts_.receipt.parts;
    const auto found = std::find_if(parts.begin(), parts.end(), [&part](const PartRecord& other) {
        return part.in != 0 && other.number == part.in;
    });
    if (found == parts.end()) return {};
    constexpr std::string_view mail = "mail > ";
    std::string_view path = found->path;
    if (path.starts_with(mail)) path.remove_prefix(mail.size());
    return one_line(path, max_name);
}

Item Voice::item(std::size_t number, const PartRecord& part) const {
    const std::string name = one_line(part.name, max_name);
    Item item{
        .number = std::to_string(number),
        .name = name.empty() ? say("part.unnamed", {{"type", one_line(part.media_type, max_name)}})
                             : name,
        .aside = size_text(part.size, locale_),
        .outcome = say(fmt::format("part.{}", name_of(part.disposition))),
        .tone = tone_of(part.disposition)};
    item.line =
        say("part.line",
            {{"number", item.number},
             {"name", item.name},
             {"size", item.aside},
             {"outcome", item.outcome}});
    const std::string around = holder(part);
    if (!around.empty()) item.below.push_back(say("part.inside", {{"holder", around}}));
    const Values proof = {{"document", part.document}, {"sha256", brief(part.sha256)}};
    if (!part.document.empty())
        item.below.push_back(say("part.document", proof));
    else if (!part.sha256.empty())
        item.below.push_back(say("part.sha256", {{"sha256", proof.at("sha256")}}));
    const std::string reason = why(part);
    if (!reason.empty()) item.below.push_back(reason);
    return item;
}

Items Voice::items() const {
    Items items{
        .intro = say("part.intro"),
        .name_title = say("part.name-title"),
        .outcome_title = say("part.outcome-title")};
    std::size_t number = 0;
    for (const PartRecord& part : facts_.receipt.parts)
        if (is_item(part) && ++number <= max_items) items.items.push_back(item(number, part));
    if (number > max_items)
        items.more =
            say("part.more",
                {{"count", std::to_string(number - max_items)}, {"receipt", facts_.receipt.id}});
    return items;
}

/// Empty for a flag that is of no interest to people.
std::string Voice::note(const std::string& flag) const {
    const std::string key = "flag." + flag;
    if (!texts_.has(locale_, "notice." + key)) return {};
    // Whoever reads a notice is of the office or proved to be a sender, and may know it.
    if (flag == "address-replaced" && !facts_.successor.empty())
        return say("flag.address-replaced-by", {{"address", facts_.successor}});
    return say(key);
}

void Voice::add_notes(Content& content) const {
    for (const std::string& flag : facts_.receipt.flags)
        content.emplace_back(Paragraph{.text = note(flag), .tone = Tone::doubtful});
}

// ── how to go on ─────────────────────────────────────────────────────────────────────────────────

Choice Voice::choice(const std::string& subject) const {
    Choice choice{
        .subject = one_line(subject, max_subject),
        .label = one_line(label_of(category_in(subject)), max_name),
        .link = mailto(facts_.receipt.address, subject)};
    choice.line =
        say(choice.label.empty() ? "correction.corrected" : "correction.corrected-labelled",
            {{"subject", choice.subject}, {"label", choice.label}});
    choice.link_line = say("correction.link", {{"link", choice.link}});
    return choice;
}

Choices Voice::corrected() const {
    const std::string& suggestion = facts_.receipt.suggestion;
    if (suggestion.empty()) return {};
    const std::vector<std::string> subjects = choices_of(suggestion);
    Choices choices{
        .intro = {say("correction.read", {{"subject", mail_subject(max_subject)}})},
        .button = say("correction.button")};
    if (subjects.size() > 1) choices.intro.push_back(say("correction.choose"));
    for (const std::string& subject : subjects)
        choices.choices.push_back(choice(subject));
    return choices;
}

void Voice::add_guidelines(Content& content) const {
    if (!guide_) return;
    const std::string& suggestion = facts_.receipt.suggestion;
    Guide::About about{
        .example = suggestion.empty() ? facts_.receipt.subject : choices_of(suggestion).front()};
    if (facts_.sender) {
        about.code = facts_.sender->code;
        about.sender = facts_.receipt.sender; // the entry may be of a whole domain
    }
    content.emplace_back(guide_->lines(about));
}

/// How what was not filed can be entered by hand; of a failure alone.
std::string Voice::by_hand(Original original) const {
    const Values values = {
        {"receipt", facts_.receipt.id}, {"size", size_text(facts_.receipt.size, locale_)}};
    if (facts_.row.kind != NoticeKind::failure) return {};
    switch (original) {
    case Original::none:
        return {};
    case Original::attached:
        return say(
            is_question(facts_) ? "failure.attached-forwarding" : "failure.attached", values
        );
    case Original::too_large:
        return say("failure.too-large", values);
    case Original::gone:
        return say("failure.gone", values);
    }
    return {};
}

} // namespace kwit::outbox
