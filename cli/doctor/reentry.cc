// The re-entry: mail for an intake domain that got past kwit comes back in by a listener with kwit.
#include "cli/doctor/checks.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli::doctor {

namespace {

constexpr std::string_view past_kwit =
    "mail that gets past kwit (bounces, sendmail(1), requeued mail) ";

/// The re-entry of one domain, looked at.
class Look {
public:
    Look(const Facts& facts, const DomainSettings& domain, Findings& findings)
        : facts_(facts), postfix_(facts.postfix), domain_(domain), findings_(findings) {}

    void run() {
        const auto transport = transport_of(facts_, domain_);
        if (!transport) return no_transport();
        const std::string name = transport->substr(0, transport->find(':'));
        const auto service =
            std::find_if(postfix_.services.begin(), postfix_.services.end(), [&](const auto& some) {
                return some.name == name && some.type == "unix";
            });
        if (service == postfix_.services.end()) return unknown_transport(name);
        if (service->command != "smtp") return wrong_transport(*transport, service->command);
        const Service* const listener = reentry_of(postfix_, *transport);
        if (listener == nullptr) return no_listener(*transport);
        about_deferred(name);
        settings_of(*listener);
    }

private:
    void add(std::string name, std::string where, std::string why, std::string remedy) {
        findings_.push_back(
            {.name = std::move(name),
             .severity = Severity::error,
             .where = std::move(where),
             .why = std::move(why),
             .remedy = std::move(remedy)}
        );
    }

    [[nodiscard]] std::string line() const {
        return fmt::format("\"{} kwit-missed:[127.0.0.1]:10026\"", domain_.name);
    }

    [[nodiscard]] std::string where_transport() const {
        return where_is(postfix_, "transport_maps");
    }

    void no_transport() {
        const std::string now = postfix_.value("transport_maps");
        const std::string table =
            fmt::format("texthash:{}/kwit/transport", postfix_.directory.string());
        const auto known = elements(now);
        const bool has_table = std::find(known.begin(), known.end(), table) != known.end();
        add("reentry-missing",
            where_transport(),
            fmt::format("{}for {} is sent away, bounced or lost", past_kwit, domain_.name),
            has_table ? fmt::format("add the line {} to {}", line(), table)
                      : mend(postfix_, "transport_maps", table + (now.empty() ? "" : ", " + now)));
    }

    void unknown_transport(const std::string& name) {
        add("reentry-service-missing",
            fmt::format("{}: {}", where_transport(), domain_.name),
            fmt::format(
                "master.cf has no service \"{}\": {}waits until it bounces", name, past_kwit
            ),
            fmt::format("master.cf: {} unix - - y - - smtp", name));
    }

    void wrong_transport(const std::string& transport, const std::string& command) {
        add("reentry-transport",
            fmt::format("{}: {} {}", where_transport(), domain_.name, transport),
            fmt::format(
                "{}goes to {}: {}",
                past_kwit,
                command,
                command == "discard" ? "it is lost"
                : command == "error" ? "smtpd refuses every recipient before kwit is asked"
                                     : "it never comes to kwit"
            ),
            fmt::format("the line has to be {}", line()));
    }

    void no_listener(const std::string& transport) {
        add("reentry-listener-missing",
            fmt::format("{}: {} {}", where_transport(), domain_.name, transport),
            fmt::format(
                "this does not lead to an smtpd of this machine: {}leaves or waits until it "
                "bounces",
                past_kwit
            ),
            fmt::format(
                "the line has to be {}, and master.cf needs the listener 127.0.0.1:10026 of the "
                "example (/usr/share/doc/kwit/examples/master.cf)",
                line()
            ));
    }

    void about_deferred(const std::string& name) {
        const auto deferred = elements(postfix_.value("defer_transports"));
        if (std::find(deferred.begin(), deferred.end(), name) == deferred.end()) return;
        std::string rest;
        for (const std::string& word : deferred)
            if (word != name) rest += (rest.empty() ? "" : ", ") + word;
        add("reentry-deferred",
            where_is(postfix_, "defer_transports"),
            fmt::format("{}stays in the queue until it bounces", past_kwit),
            mend(postfix_, "defer_transports", rest));
    }

    void demand(
        const Service& listener,
        const char* name,
        const char* parameter,
        const char* value,
        std::string why
    ) {
        add(name,
            where_is(postfix_, parameter, &listener) + " (listener " + listener.label() + ")",
            std::move(why),
            mend_service(postfix_, parameter, value, listener));
    }

    void settings_of(const Service& listener) {
        if (!is_loopback(listener))
            add("reentry-public",
                "master.cf " + listener.label(),
                "strangers reach the re-entry, where results one hop further down are believed and "
                "header_checks do not run",
                fmt::format("master.cf: begin the line with 127.0.0.1:{}", port_of(listener.name)));
        about_listener(facts_, listener, findings_);
        if (!is_yes(postfix_.value("soft_bounce", &listener)))
            demand(
                listener,
                "reentry-soft-bounce",
                "soft_bounce",
                "yes",
                "what kwit refuses here is bounced at once, to somebody who may never have written "
                "to us"
            );
        if (postfix_.value("milter_macro_daemon_name", &listener) != "kwit-reentry")
            demand(
                listener,
                "reentry-daemon-name",
                "milter_macro_daemon_name",
                "kwit-reentry",
                "kwit does not know that one more Received line stands above the results of our "
                "border: registered senders are refused here"
            );
        about_checks(listener);
        if (!elements(postfix_.value("local_header_rewrite_clients", &listener)).empty())
            findings_.push_back(
                {.name = "reentry-rewrites",
                 .severity = Severity::warning,
                 .where = where_is(postfix_, "local_header_rewrite_clients", &listener),
                 .why = "headers of mail that comes back in are rewritten: it is not what was sent",
                 .remedy = mend_service(postfix_, "local_header_rewrite_clients", "", listener)}
            );
    }

    void about_checks(const Service& listener) {
        const auto overrides = elements(postfix_.value("receive_override_options", &listener));
        const bool unchecked =
            std::find(overrides.begin(), overrides.end(), "no_header_body_checks") !=
            overrides.end();
        if (unchecked || postfix_.value("header_checks").empty() ||
            facts_.settings.trust.authserv_ids.empty())
            return;
        std::string list = "no_header_body_checks";
        for (const std::string& word : overrides)
            list += "," + word;
        demand(
            listener,
            "reentry-header-checks",
            "receive_override_options",
            list.c_str(),
            "header_checks remove the results of our own border here: registered senders are "
            "refused"
        );
    }

    const Facts& facts_;
    const Postfix& postfix_;
    const DomainSettings& domain_;
    Findings& findings_;
};

} // namespace

void about_reentry(const Facts& facts, Findings& findings) {
    for (const DomainSettings& domain : facts.settings.domains)
        Look(facts, domain, findings).run();
}

} // namespace kwit::cli::doctor
