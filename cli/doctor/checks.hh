// What the checks of `kwit doctor` share: milter lists, listeners, and the commands that mend
// things.
#pragma once

#include "cli/doctor/facts.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::cli::doctor {

/// One milter of a list such as smtpd_milters.
struct Milter {
    std::string text;     ///< as it is written
    std::string endpoint; ///< "unix:/kwit/kwit.sock"
    Values options;       ///< default_action …
};

/// The elements of a Postfix list: separated by commas and blanks, braces keep together.
std::vector<std::string> elements(std::string_view list);

std::vector<Milter> parse_milters(std::string_view list);

/// Where a milter is on this machine, as a service sees it; comparable with kwit_socket().
std::string place_of(const Milter& milter, const Service& service, const Postfix& postfix);

/// kwit's socket, comparable with place_of(): "unix:/path" or "inet:127.0.0.1:8893".
std::string kwit_socket(const Settings& settings);

/// How smtpd_milters has to name kwit for a service.
std::string kwit_entry(const Facts& facts, const Service& service);

bool has_kwit(std::string_view milters, const Service& service, const Facts& facts);

/// Reached from this machine alone.
bool is_loopback(const Service& service);

/// The port of an inet service, or of "[127.0.0.1]:10026".
std::string port_of(std::string_view place);

/// The listener that a URL or nexthop of this machine leads to; null when there is none.
const Service* listener_at(const Postfix& postfix, std::string_view place);

/// The listener that kwit's notices are handed to; null when there is none.
const Service* submit_listener(const Facts& facts);

/// The transport that an intake domain's mail is sent by; nothing when no table says so.
std::optional<std::string> transport_of(const Facts& facts, const DomainSettings& domain);

/// "transport:nexthop" -> the listener that it leads back to; null when there is none.
const Service* reentry_of(const Postfix& postfix, std::string_view transport);

/// Addresses of an intake domain that kwit wants to see.
std::vector<std::string> probes(const DomainSettings& domain);

/// The command that sets a parameter for the service, or for all when it has none of its own.
std::string mend(
    const Postfix& postfix,
    const std::string& parameter,
    const std::string& value,
    const Service* service = nullptr
);

/// The same, always for the service alone.
std::string mend_service(
    const Postfix& postfix,
    const std::string& parameter,
    const std::string& value,
    const Service& service
);

/// "main.cf: in_flow_delay = 1s" or "master.cf smtp/inet: …"
std::string
where_is(const Postfix& postfix, const std::string& parameter, const Service* service = nullptr);

bool is_yes(std::string_view value);

/// The number before a unit; nothing when there is none.
std::optional<std::uint64_t> number_in(std::string_view value);

// The checks, in the order of a mail's way; each adds what it finds.
void about_listener(const Facts& facts, const Service& service, Findings& findings); // listeners.cc
void about_listeners(const Facts& facts, Findings& findings);
void about_socket(const Facts& facts, Findings& findings);
void about_header_checks(const Facts& facts, Findings& findings); // headers.cc
void about_domains(const Facts& facts, Findings& findings);       // domains.cc
void about_reentry(const Facts& facts, Findings& findings);       // reentry.cc
void about_submit(const Facts& facts, Findings& findings);        // submit.cc
void about_limits(const Facts& facts, Findings& findings);        // limits.cc

} // namespace kwit::cli::doctor
