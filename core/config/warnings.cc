// What a configuration allows but an admin should think about.
#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "core/base/time.hh"
#include "core/config/config.hh"
#include "core/config/syntax.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

using Lines = std::vector<std::string>;

void about_socket(const MilterSettings& milter, Lines& lines) {
    constexpr unsigned others_write = 0002;
    const auto socket = syntax::socket(milter.socket);
    if (socket && !socket->host.empty()) {
        lines.push_back(fmt::format(
            "milter.socket is {}: {} can connect and forge logins; a unix socket keeps all but "
            "its group out",
            milter.socket,
            syntax::is_loopback(socket->host) ? "every user of this machine"
                                              : "everyone whom no firewall keeps out"
        ));
    } else if ((milter.socket_mode & others_write) != 0) {
        lines.push_back(fmt::format(
            "milter.socket_mode is {:04o}: every user of this machine can connect and forge "
            "logins; \"0660\" with socket_group = \"postfix\" keeps all but Postfix out",
            milter.socket_mode
        ));
    }
}

void about_user(const MilterSettings& milter, uid_t uid, Lines& lines) {
    if (uid == 0 && (milter.user.empty() || milter.user == "root"))
        lines.emplace_back("kwit runs as root: name a user of its own in milter.user");
}

void about_policy(const Policy& policy, const TrustSettings& trust, Lines& lines) {
    if (policy.authentication == Authentication::required && trust.authserv_ids.empty())
        lines.push_back(fmt::format(
            "policy {} requires authentication, but trust.authserv_ids is empty: only SASL logins, "
            "client certificates and secrets in the address count, and all other mail to its "
            "addresses is refused",
            policy.name
        ));
    if (policy.senders == Senders::registered && policy.authentication == Authentication::off)
        lines.push_back(fmt::format(
            "policy {} takes registered senders without authentication: a From: line alone proves "
            "nothing",
            policy.name
        ));
}

void about_log(const LogSettings& log, Lines& lines) {
    std::error_code unknown;
    if (log.sink == "syslog" && !std::filesystem::exists("/dev/log", unknown))
        lines.emplace_back(
            "log.sink is syslog, but there is no /dev/log: every line is lost until a syslog "
            "service runs"
        );
}

void about_zones(const std::vector<DomainSettings>& domains, Lines& lines) {
    for (const DomainSettings& domain : domains)
        if (const auto zone = check_zone(domain.timezone); !zone)
            lines.push_back(fmt::format(
                "mail to {} waits: {}; {}", domain.name, zone.error().what, zone.error().remedy
            ));
}

/// Of "Name <local@host>" or "local@host".
std::string host_of(std::string_view mailbox) {
    if (mailbox.ends_with('>')) mailbox.remove_suffix(1);
    return lower(behind_at(mailbox));
}

void about_answers(const std::vector<DomainSettings>& domains, Lines& lines) {
    for (const DomainSettings& domain : domains)
        for (const DomainSettings& intake : domains)
            if (host_of(domain.reply_to) == intake.name)
                lines.push_back(fmt::format(
                    "domain {}: reply_to {} is in an intake domain: people's answers to notices "
                    "reach nobody",
                    domain.name,
                    domain.reply_to
                ));
}

void about_forwards(const OutboxSettings& outbox, Lines& lines) {
    if (outbox.per_day.forward_bytes < outbox.forward_max)
        lines.push_back(fmt::format(
            "outbox.forward_bytes_per_day ({}) is less than outbox.forward_max ({}): a mail "
            "between the two never goes with the notice of its failure",
            syntax::size_text(outbox.per_day.forward_bytes),
            syntax::size_text(outbox.forward_max)
        ));
}

} // namespace

std::vector<std::string> warnings(const Settings& settings, uid_t uid) {
    Lines lines;
    about_socket(settings.milter, lines);
    about_user(settings.milter, uid, lines);
    about_log(settings.log, lines);
    about_zones(settings.domains, lines);
    about_answers(settings.domains, lines);
    about_forwards(settings.outbox, lines);
    for (const auto& [name, policy] : settings.policies)
        about_policy(policy, settings.trust, lines);
    return lines;
}

} // namespace kwit
