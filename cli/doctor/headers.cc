// Whose Authentication-Results reach kwit: those of strangers must not, those of our own milters
// must.
#include "cli/doctor/checks.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit::cli::doctor {

namespace {

constexpr std::string_view harmless = "mx.example.com"; // for when there is no id of ours

/// How a stranger may write a result of ours; all of them mean the same to kwit.
std::vector<std::string> forgeries(const TrustSettings& trust) {
    const std::string id =
        trust.authserv_ids.empty() ? std::string(harmless) : trust.authserv_ids.front();
    std::vector<std::string> forms;
    for (const char* const form :
         {"Authentication-Results: {}; dkim=pass",
          "authentication-results: {}; dkim=pass",
          "Authentication-Results : {}; dkim=pass",
          "Authentication-Results: (x) {}; dkim=pass",
          "Authentication-Results: \"{}\"; dkim=pass",
          "Authentication-Results:\n\t{}; dkim=pass"})
        forms.push_back(fmt::format(fmt::runtime(form), id));
    return forms;
}

bool strips(const std::string& action) {
    const std::string word = upper(std::string_view(action).substr(0, action.find_first_of(" \t")));
    constexpr std::array actions{"IGNORE", "STRIP", "REJECT", "DISCARD"};
    return std::any_of(actions.begin(), actions.end(), [&](const char* known) {
        return word == known;
    });
}

/// The first header that these tables let pass; nothing when they strip all.
std::optional<std::string>
first_passed(const Postfix& postfix, const std::string& tables, const TrustSettings& trust) {
    for (const std::string& header : forgeries(trust)) {
        std::optional<std::string> action;
        for (const std::string& table : elements(tables))
            if ((action = postfix.lookup(table, header))) break;
        if (!action || !strips(*action)) return header;
    }
    return std::nullopt;
}

/// The cleanup service that a listener hands its mail to.
const Service* cleanup_of(const Postfix& postfix, const Service& listener) {
    const std::string name = postfix.value("cleanup_service_name", &listener);
    const auto found =
        std::find_if(postfix.services.begin(), postfix.services.end(), [&](const Service& service) {
            return service.name == name && service.type != "inet" && service.command == "cleanup";
        });
    return found == postfix.services.end() ? nullptr : &*found;
}

void about_strangers(const Facts& facts, const Service& listener, Findings& findings) {
    const Postfix& postfix = facts.postfix;
    const auto overrides = elements(postfix.value("receive_override_options", &listener));
    const std::string why =
        "anybody can write a result in the name of our border, and kwit would believe it";
    if (std::find(overrides.begin(), overrides.end(), "no_header_body_checks") != overrides.end()) {
        std::string rest;
        for (const std::string& word : overrides)
            if (word != "no_header_body_checks") rest += (rest.empty() ? "" : ", ") + word;
        findings.push_back(
            {.name = "results-not-stripped",
             .severity = Severity::error,
             .where = where_is(postfix, "receive_override_options", &listener),
             .why = "header_checks do not run here: " + why,
             .remedy = mend(postfix, "receive_override_options", rest, &listener)}
        );
        return;
    }
    const Service* const cleanup = cleanup_of(postfix, listener);
    const std::string tables = postfix.value("header_checks", cleanup);
    const auto passed = first_passed(postfix, tables, facts.settings.trust);
    if (!passed) return;
    const std::string table =
        fmt::format("regexp:{}/kwit/header_checks", postfix.directory.string());
    std::string shown = *passed;
    std::replace(shown.begin(), shown.end(), '\n', ' ');
    findings.push_back(
        {.name = "results-not-stripped",
         .severity = Severity::error,
         .where = where_is(postfix, "header_checks", cleanup),
         .why = fmt::format("\"{}\" from outside passes: {}", shown, why),
         .remedy = mend(
             postfix, "header_checks", tables.empty() ? table : table + ", " + tables, cleanup
         )}
    );
}

/// Our own results, which milters before kwit write.
void about_our_own(const Facts& facts, Findings& findings) {
    const Postfix& postfix = facts.postfix;
    const std::string tables = postfix.value("milter_header_checks");
    for (const std::string& table : elements(tables)) {
        const auto action = postfix.lookup(table, forgeries(facts.settings.trust).front());
        if (!action || !strips(*action)) continue;
        findings.push_back(
            {.name = "own-results-stripped",
             .severity = Severity::error,
             .where = where_is(postfix, "milter_header_checks"),
             .why = "what our own milters find out about a sender is removed, and kwit refuses "
                    "registered senders",
             .remedy = "take the rule for Authentication-Results out of " + table}
        );
    }
}

void about_attached(const Facts& facts, Findings& findings) {
    const Postfix& postfix = facts.postfix;
    const std::string tables = postfix.value("nested_header_checks");
    for (const std::string& table : elements(tables)) {
        if (!postfix.lookup(table, forgeries(facts.settings.trust).front())) continue;
        findings.push_back(
            {.name = "attached-mails-changed",
             .severity = Severity::warning,
             .where = where_is(postfix, "nested_header_checks"),
             .why = "headers are removed from mails that are attached to mails: what is filed is "
                    "not what was sent",
             .remedy = mend(postfix, "nested_header_checks", "")}
        );
        return;
    }
}

void about_writers(const Facts& facts, Findings& findings) {
    const bool hopeful = std::any_of(
        facts.settings.policies.begin(),
        facts.settings.policies.end(),
        [](const auto& named) { return named.second.authentication != Authentication::off; }
    );
    if (!hopeful || facts.settings.trust.hops > 0) return;
    for (const Service& service : facts.postfix.services) {
        const auto milters = parse_milters(facts.postfix.value("smtpd_milters", &service));
        const bool another = std::any_of(milters.begin(), milters.end(), [&](const Milter& one) {
            return place_of(one, service, facts.postfix) != kwit_socket(facts.settings);
        });
        if (service.command == "smtpd" && !is_loopback(service) && another) return;
    }
    findings.push_back(
        {.name = "nobody-writes-results",
         .severity = Severity::warning,
         .where = where_is(facts.postfix, "smtpd_milters"),
         .why = "trust.authserv_ids names our border, but no milter stands before kwit that could "
                "write its results: only logins, certificates and secrets authenticate a sender",
         .remedy = "put opendkim, opendmarc or rspamd before kwit in smtpd_milters"}
    );
}

} // namespace

void about_header_checks(const Facts& facts, Findings& findings) {
    if (facts.settings.trust.authserv_ids.empty()) return; // nobody's results are believed
    for (const Service& service : facts.postfix.services)
        if (service.command == "smtpd" && service.type != "unix" && !is_loopback(service))
            about_strangers(facts, service, findings);
    about_our_own(facts, findings);
    about_attached(facts, findings);
    about_writers(facts, findings);
}

} // namespace kwit::cli::doctor
