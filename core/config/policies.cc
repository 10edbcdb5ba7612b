// The policies: [policy.NAME] over the two that exist without being written.
#include "core/base/code_points.hh"
#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "core/config/config.hh"
#include "core/config/forms.hh"
#include "core/config/readers.hh"
#include "core/config/texts.hh"
#include "core/model/file_pattern.hh"

#include <algorithm>
#include <array>

namespace kwit {

namespace {

struct Label {
    std::string_view locale;
    std::string_view category;
    std::string_view text;
};

constexpr std::array built_in_labels = {
    Label{"de", "FK", "Kostenrechnung"},
    Label{"de", "FZ", "Einkaufsrechnung"},
    Label{"de", "FS", "Verkaufsrechnung"},
    Label{"de", "INNE", "sonstige Unterlagen (z. B. Verträge, Protokolle)"},
    Label{"en", "FK", "cost invoice"},
    Label{"en", "FZ", "purchase invoice"},
    Label{"en", "FS", "sales invoice"},
    Label{"en", "INNE", "other documents (e.g. contracts, protocols)"},
    Label{"pl", "FK", "faktura kosztowa"},
    Label{"pl", "FZ", "faktura zakupowa"},
    Label{"pl", "FS", "faktura sprzedażowa"},
    Label{"pl", "INNE", "inne dokumenty (np. umowy, protokoły)"},
};

/// Every category gets a label in every locale: its own, the built-in one, or just its code.
void complete_labels(Policy& policy) {
    for (auto& [locale, labels] : policy.labels)
        std::erase_if(labels, [&](const auto& label) {
            const auto& known = policy.categories;
            return std::find(known.begin(), known.end(), label.first) == known.end();
        });
    for (const std::string& category : policy.categories) {
        for (const Label& label : built_in_labels)
            if (label.category == category)
                policy.labels[std::string(label.locale)].try_emplace(category, label.text);
        for (const std::string& locale : Texts::locales())
            policy.labels[locale].try_emplace(category, category);
    }
}

} // namespace

Policy tagged_policy() {
    Policy policy{
        .name = "tagged",
        .route = Route::subject,
        .senders = Senders::registered,
        .authentication = Authentication::required,
        .categories = {"FK", "FZ", "FS", "INNE"},
        .formats = {Format::pdf, Format::jpeg, Format::png, Format::tiff},
        .on_failure = OnFailure::reply,
        .tell_sender = true,
    };
    complete_labels(policy);
    return policy;
}

Policy open_policy() {
    return {
        .name = "open",
        .route = Route::address,
        .senders = Senders::anyone,
        .authentication = Authentication::off,
        .formats = {Format::pdf},
        .on_failure = OnFailure::forward,
        .tell_notify = true,
    };
}

namespace config {

namespace {

constexpr std::size_t max_name = 32;
constexpr std::size_t max_category = 16;
constexpr std::size_t max_label = 100;

bool is_policy_name(std::string_view name) {
    return !name.empty() && name.size() <= max_name && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
           });
}

bool is_category(std::string_view text) {
    const bool fits = !text.empty() && text.size() <= max_category &&
                      std::all_of(text.begin(), text.end(), [](char c) {
                          return is_alpha(c) || is_digit(c) || c == '-' || c == '_';
                      });
    return fits;
}

/// Subjects are read without regard to case, so codes must differ by more.
void check_cases(Section& section, const std::vector<std::string>& categories) {
    for (std::size_t i = 0; i < categories.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (same_word(categories[i], categories[j]))
                section.problem(
                    "categories",
                    fmt::format(
                        "expected codes that differ by more than case, found {} and {}",
                        categories[j],
                        categories[i]
                    )
                );
}

bool is_label(std::string_view text) {
    bool tame = !trim(text).empty() && text.size() <= max_label;
    each_code_point(text, [&](char32_t c) {
        tame = tame && !is_control(c) && !is_bidi_control(c);
    });
    return tame;
}

/// Formats that a document can have; programs, containers and web pages are none.
Form<Format> format_form() {
    std::vector<std::pair<std::string, Format>> words;
    for (const Format format :
         {Format::pdf,
          Format::jpeg,
          Format::png,
          Format::tiff,
          Format::gif,
          Format::bmp,
          Format::webp,
          Format::heic,
          Format::office,
          Format::rtf,
          Format::xml,
          Format::xml_invoice,
          Format::text})
        words.emplace_back(name_of(format), format);
    return word_form(std::move(words));
}

Form<Route> route_form() {
    return word_form<Route>({{"subject", Route::subject}, {"address", Route::address}});
}

/// The values that keys not written have.
Policy start_of(Section& section, const std::string& name) {
    Policy policy = name == "open" ? open_policy() : tagged_policy();
    if (name != "open" && name != "tagged") {
        // What route it is decides what the other keys mean, so it is looked at first.
        const toml_tree::Entry* const route = section.find("route");
        if (route != nullptr && route_form().read(route->value) == Route::address)
            policy = open_policy();
    }
    policy.name = name;
    return policy;
}

enum class Told { sender, notify };

void read_choices(Section& section, Policy& policy) {
    section.read("route", policy.route, route_form());
    section.read(
        "senders",
        policy.senders,
        word_form<Senders>({{"registered", Senders::registered}, {"anyone", Senders::anyone}})
    );
    section.read(
        "authentication",
        policy.authentication,
        word_form<Authentication>(
            {{"required", Authentication::required},
             {"preferred", Authentication::preferred},
             {"off", Authentication::off}}
        )
    );
    section.read("spf_suffices", policy.spf_suffices, truth_form());
    section.read("secret_suffices", policy.secret_suffices, truth_form());
    if (policy.secret_suffices && policy.route == Route::address)
        section.problem(
            "secret_suffices",
            "expected false with route = \"address\", whose addresses have no place for a secret"
        );
    section.read(
        "on_failure",
        policy.on_failure,
        word_form<OnFailure>(
            {{"reject", OnFailure::reject},
             {"reply", OnFailure::reply},
             {"forward", OnFailure::forward}}
        )
    );
    section.read(
        "active_content",
        policy.active_content,
        word_form<ActiveContent>(
            {{"refuse", ActiveContent::refuse},
             {"flag", ActiveContent::flag},
             {"ignore", ActiveContent::ignore}}
        )
    );
    std::vector<Told> told;
    const auto told_form = word_form<Told>({{"sender", Told::sender}, {"notify", Told::notify}});
    if (!section.read_list("on_success", told, told_form)) return;
    policy.tell_sender = std::find(told.begin(), told.end(), Told::sender) != told.end();
    policy.tell_notify = std::find(told.begin(), told.end(), Told::notify) != told.end();
}

void read_annex(Section& section, Policy& policy) {
    const auto form = text_form(
        fmt::format(
            R"(a pattern of file names like "*agb*": at most {} bytes in one line without slashes, )"
            R"(and more than * and ?, which every name would fit)",
            max_pattern
        ),
        is_pattern
    );
    section.read_list("annex", policy.annex, form);
    if (policy.annex.size() > max_patterns)
        section.problem(
            "annex", fmt::format("expected at most {}, found {}", max_patterns, policy.annex.size())
        );
}

void read_lists(Section& section, Policy& policy) {
    const auto category_form = text_form(
        fmt::format(R"(a code like "FK": at most {} letters, digits, "-" and "_")", max_category),
        is_category
    );
    if (section.read_list("categories", policy.categories, category_form) &&
        policy.route == Route::address && !policy.categories.empty())
        section.problem(
            "categories",
            "expected none with route = \"address\", where the category is the address's symbol"
        );
    if (policy.route == Route::subject && policy.categories.empty())
        section.problem("categories", "expected at least one with route = \"subject\", found none");
    check_cases(section, policy.categories);
    section.read_list("formats", policy.formats, format_form());
    if (policy.formats.empty()) section.problem("formats", "expected at least one, found none");
    read_annex(section, policy);
}

void read_locale_labels(
    Section section, const Policy& policy, std::map<std::string, std::string>& labels
) {
    const auto form =
        text_form(fmt::format("a label of at most {} bytes in one line", max_label), is_label);
    for (const std::string& category : policy.categories)
        section.read(category, labels[category], form);
    std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
    section.finish();
}

void read_labels(Section& section, Policy& policy) {
    if (const toml_tree::Entry* const entry = section.table("labels")) {
        Section labels(
            table_of(*entry), entry->line, section.name_of("labels"), section.problems()
        );
        policy.labels.clear();
        for (const std::string& locale : Texts::locales()) {
            if (const toml_tree::Entry* const of_locale = labels.table(locale))
                read_locale_labels(
                    Section(
                        table_of(*of_locale),
                        of_locale->line,
                        labels.name_of(locale),
                        section.problems()
                    ),
                    policy,
                    policy.labels[locale]
                );
        }
        labels.finish();
    }
    complete_labels(policy);
}

/// The key of the two that was written, for the line of the message.
std::string_view written(Section& section, std::string_view first, std::string_view second) {
    return section.find(first) != nullptr ? first : second;
}

/// A reply may go only to somebody who is known and has shown to be the one (no mail to people we
/// do not know).
void check_replies(Section& section, const Policy& policy) {
    const bool anyone = policy.senders == Senders::anyone;
    if (!anyone && policy.authentication != Authentication::off) return;
    const std::string_view cause = anyone ? "senders" : "authentication";
    const std::string_view because = anyone ? "senders = \"anyone\"" : "authentication = \"off\"";
    if (policy.on_failure == OnFailure::reply)
        section.problem(
            written(section, "on_failure", cause),
            fmt::format(
                "expected on_failure = \"reject\" or \"forward\" with {}, found \"reply\"{}: a "
                "reply goes only to registered and authenticated senders",
                because,
                section.find("on_failure") == nullptr ? ", its default" : ""
            )
        );
    if (policy.tell_sender)
        section.problem(
            written(section, "on_success", cause),
            fmt::format(
                "expected on_success without \"sender\" with {}, found it{}: a confirmation goes "
                "only to registered and authenticated senders",
                because,
                section.find("on_success") == nullptr ? ", its default" : ""
            )
        );
}

Policy read_policy(Section section, const std::string& name) {
    Policy policy = start_of(section, name);
    read_choices(section, policy);
    read_lists(section, policy);
    read_labels(section, policy);
    check_replies(section, policy);
    section.finish();
    return policy;
}

} // namespace

void read_policies(Section& top, std::map<std::string, Policy>& policies) {
    policies["tagged"] = tagged_policy();
    policies["open"] = open_policy();
    const toml_tree::Entry* const all = top.table("policy");
    if (all == nullptr) return;
    for (const toml_tree::Entry& entry : table_of(*all)) {
        Section named(table_of(*all), all->line, "policy", top.problems());
        if (!is_policy_name(entry.key)) {
            named.problem(
                entry.key,
                fmt::format("expected a name of at most {} of a-z, 0-9 and hyphen", max_name)
            );
        } else if (named.table(entry.key) != nullptr) {
            policies[entry.key] = read_policy(
                Section(table_of(entry), entry.line, named.name_of(entry.key), top.problems()),
                entry.key
            );
        }
    }
}

} // namespace config

} // namespace kwit
