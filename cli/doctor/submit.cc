// Where kwit's own mails go in, and the ways that must not lead to kwit.
#include "cli/doctor/checks.hh"
#include "core/config/syntax.hh"

#include <fmt/format.h>

namespace kwit::cli::doctor {

namespace {

/// "127.0.0.1:10025" of [outbox] submit, when that is this machine.
std::optional<std::string> own_place(const Settings& settings) {
    constexpr std::string_view prefix = "smtp://";
    if (!settings.outbox.submit.starts_with(prefix)) return std::nullopt;
    std::string place = settings.outbox.submit.substr(prefix.size());
    Service probe{.name = place, .type = "inet"};
    return is_loopback(probe) ? std::optional(std::move(place)) : std::nullopt;
}

/// The list of milters without kwit.
std::string without_kwit(const Facts& facts, const std::string& list, const Service& service) {
    std::string rest;
    for (const Milter& milter : parse_milters(list))
        if (place_of(milter, service, facts.postfix) != kwit_socket(facts.settings))
            rest += (rest.empty() ? "" : ", ") + milter.text;
    return rest;
}

void about_listener_of_notices(const Facts& facts, const std::string& place, Findings& findings) {
    const Postfix& postfix = facts.postfix;
    const Service* const listener = submit_listener(facts);
    if (listener == nullptr) {
        findings.push_back(
            {.name = "submit-listener-missing",
             .severity = Severity::error,
             .where = "kwit.toml: outbox.submit = " + facts.settings.outbox.submit,
             .why = "no smtpd of this Postfix listens there: notices wait and die, nobody is told "
                    "what became of a mail",
             .remedy = fmt::format(
                 "master.cf: {} inet n - y - - smtpd -o smtpd_milters= (and the other lines of "
                 "/usr/share/doc/kwit/examples/master.cf)",
                 place
             )}
        );
        return;
    }
    if (!is_loopback(*listener))
        findings.push_back(
            {.name = "submit-public",
             .severity = Severity::error,
             .where = "master.cf " + listener->label(),
             .why = "others than this machine reach the listener without kwit: their mail for "
                    "import addresses is not judged while they are connected",
             .remedy = fmt::format("master.cf: begin the line with {}", place)}
        );
    const std::string milters = postfix.value("smtpd_milters", listener);
    if (!has_kwit(milters, *listener, facts)) return;
    findings.push_back(
        {.name = "submit-has-kwit",
         .severity = Severity::error,
         .where =
             where_is(postfix, "smtpd_milters", listener) + " (listener " + listener->label() + ")",
         .why = "kwit's own notices go through kwit: while it is busy or stopping they cannot be "
                "handed in",
         .remedy = mend_service(
             postfix, "smtpd_milters", without_kwit(facts, milters, *listener), *listener
         )}
    );
}

} // namespace

void about_submit(const Facts& facts, Findings& findings) {
    if (const auto place = own_place(facts.settings))
        about_listener_of_notices(facts, *place, findings);
    const Postfix& postfix = facts.postfix;
    Service cleanup{.name = "cleanup", .type = "unix", .command = "cleanup"};
    for (const Service& service : postfix.services)
        if (service.label() == cleanup.label()) cleanup = service;
    const std::string milters = postfix.value("non_smtpd_milters");
    if (!has_kwit(milters, cleanup, facts)) return;
    findings.push_back(
        {.name = "kwit-in-non-smtpd-milters",
         .severity = Severity::error,
         .where = where_is(postfix, "non_smtpd_milters"),
         .why =
             "to Postfix a refusal there is a mistake of the configuration: the mail stays in the "
             "queue and nobody is told; such mail comes to kwit by the re-entry",
         .remedy = mend(postfix, "non_smtpd_milters", without_kwit(facts, milters, cleanup))}
    );
}

} // namespace kwit::cli::doctor
