#include "cli/doctor/checks.hh"

#include "cli/context.hh"
#include "core/base/text.hh"
#include "core/config/syntax.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli::doctor {

namespace {

bool is_separator(char c) {
    return is_space(c) || c == ',';
}

std::string without_braces(std::string_view text) {
    text = trim(text);
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}')
        text = trim(text.substr(1, text.size() - 2));
    return std::string(text);
}

/// The list without blanks, which postconf -P does not take.
std::string compact(std::string_view list) {
    std::vector<std::string> words;
    for (const std::string& word : elements(list))
        words.push_back(
            word.front() == '{' ? fmt::format("{{{}}}", compact(without_braces(word))) : word
        );
    return join(words, ",");
}

/// A sub-configuration: the endpoint, then name=value.
Milter parse_milter(const std::string& text) {
    Milter milter{.text = text, .endpoint = {}, .options = {}};
    for (const std::string& word : elements(without_braces(text))) {
        const std::string plain = without_braces(word); // { name = value with blanks }
        const auto equals = plain.find('=');
        if (milter.endpoint.empty())
            milter.endpoint = plain;
        else if (equals != std::string::npos)
            milter.options[std::string(trim(plain.substr(0, equals)))] =
                trim(plain.substr(equals + 1));
    }
    return milter;
}

std::string queue_directory(const Postfix& postfix) {
    return postfix.value("queue_directory");
}

std::string plain_path(const std::filesystem::path& path) {
    return path.lexically_normal().string();
}

std::string known_host(std::string_view host) {
    return same_word(host, "localhost") ? "127.0.0.1" : lower(host);
}

/// "127.0.0.1" of "127.0.0.1:10026" and "[::1]:25"; empty: every address.
std::string host_of(std::string_view place) {
    const auto colon = place.rfind(':');
    if (colon == std::string_view::npos) return {};
    std::string_view host = place.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    return known_host(host);
}

bool is_loopback_host(std::string_view host) {
    return host == "::1" || syntax::is_loopback(host);
}

} // namespace

std::string Postfix::value(const std::string& parameter, const Service* service) const {
    if (service != nullptr)
        if (const auto own = service->options.find(parameter); own != service->options.end())
            return own->second;
    const auto found = main.find(parameter);
    return found == main.end() ? std::string() : found->second;
}

std::vector<std::string> elements(std::string_view list) {
    std::vector<std::string> found;
    std::string element;
    int depth = 0;
    for (const char c : list) {
        if (c == '{') ++depth;
        if (c == '}') --depth;
        if (depth > 0 || !is_separator(c)) {
            element += c;
        } else if (!element.empty()) {
            found.push_back(std::move(element));
            element.clear();
        }
    }
    if (!element.empty()) found.push_back(std::move(element));
    return found;
}

std::vector<Milter> parse_milters(std::string_view list) {
    std::vector<Milter> milters;
    for (const std::string& element : elements(list))
        milters.push_back(parse_milter(element));
    return milters;
}

std::string place_of(const Milter& milter, const Service& service, const Postfix& postfix) {
    constexpr std::string_view unix_prefix = "unix:";
    constexpr std::string_view inet_prefix = "inet:";
    const std::string& endpoint = milter.endpoint;
    if (endpoint.starts_with(unix_prefix)) {
        const std::string path = endpoint.substr(unix_prefix.size());
        // Not chrooted, smtpd still works in the queue directory.
        const bool below = service.chroot || !path.starts_with('/');
        return "unix:" + plain_path(below ? queue_directory(postfix) + "/" + path : path);
    }
    if (!endpoint.starts_with(inet_prefix)) return endpoint;
    const std::string_view rest = std::string_view(endpoint).substr(inet_prefix.size());
    return fmt::format("inet:{}:{}", host_of(rest), port_of(rest));
}

std::string kwit_socket(const Settings& settings) {
    const auto socket = syntax::socket(settings.milter.socket);
    if (!socket) return settings.milter.socket;
    if (socket->host.empty()) return "unix:" + plain_path(socket->path);
    return fmt::format("inet:{}:{}", known_host(socket->host), socket->port);
}

std::string kwit_entry(const Facts& facts, const Service& service) {
    std::string endpoint = kwit_socket(facts.settings);
    const std::string inside = "unix:" + plain_path(queue_directory(facts.postfix));
    if (service.chroot && endpoint.starts_with(inside + "/"))
        endpoint = "unix:" + endpoint.substr(inside.size());
    return fmt::format(
        "{{ {}, default_action=tempfail, command_timeout=60s, content_timeout=300s }}", endpoint
    );
}

bool has_kwit(std::string_view milters, const Service& service, const Facts& facts) {
    const auto all = parse_milters(milters);
    return std::any_of(all.begin(), all.end(), [&](const Milter& milter) {
        return place_of(milter, service, facts.postfix) == kwit_socket(facts.settings);
    });
}

bool is_loopback(const Service& service) {
    return service.type == "inet" && is_loopback_host(host_of(service.name));
}

std::string port_of(std::string_view place) {
    const auto colon = place.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? place : place.substr(colon + 1);
    if (port == "smtp") return "25";
    if (port == "submission") return "587";
    return std::string(port);
}

const Service* listener_at(const Postfix& postfix, std::string_view place) {
    const auto found =
        std::find_if(postfix.services.begin(), postfix.services.end(), [&](const Service& service) {
            const std::string host = host_of(service.name);
            return service.type == "inet" && service.command == "smtpd" &&
                   port_of(service.name) == port_of(place) &&
                   (host.empty() || host == host_of(place));
        });
    return found == postfix.services.end() ? nullptr : &*found;
}

const Service* submit_listener(const Facts& facts) {
    constexpr std::string_view prefix = "smtp://";
    const std::string& submit = facts.settings.outbox.submit;
    if (!submit.starts_with(prefix)) return nullptr;
    const std::string_view place = std::string_view(submit).substr(prefix.size());
    return is_loopback_host(host_of(place)) ? listener_at(facts.postfix, place) : nullptr;
}

std::optional<std::string> transport_of(const Facts& facts, const DomainSettings& domain) {
    const Postfix& postfix = facts.postfix;
    std::vector<std::string> keys = probes(domain);
    keys.resize(1);
    keys.push_back(domain.name);
    for (const std::string& key : keys)
        for (const std::string& table : elements(postfix.value("transport_maps")))
            if (auto found = postfix.lookup(table, key)) return found;
    return std::nullopt;
}

const Service* reentry_of(const Postfix& postfix, std::string_view transport) {
    const auto colon = transport.find(':');
    if (colon == std::string_view::npos) return nullptr;
    const std::string_view nexthop = transport.substr(colon + 1);
    return is_loopback_host(host_of(nexthop)) ? listener_at(postfix, nexthop) : nullptr;
}

std::vector<std::string> probes(const DomainSettings& domain) {
    return {
        fmt::format("{}+0000000000@{}", domain.base, domain.name),
        fmt::format("aaaaaaaaaa-doctor@{}", domain.name),
        fmt::format("bounce+00000000000000000000000000@{}", domain.name)};
}

std::string mend(
    const Postfix& postfix,
    const std::string& parameter,
    const std::string& value,
    const Service* service
) {
    if (service != nullptr && service->options.contains(parameter))
        return mend_service(postfix, parameter, value, *service);
    const std::string place =
        postfix.is_default ? "" : fmt::format("-c {} ", shell_word(postfix.directory.string()));
    return fmt::format(
        "postconf {}-e {}", place, shell_word(fmt::format("{} = {}", parameter, value))
    );
}

std::string mend_service(
    const Postfix& postfix,
    const std::string& parameter,
    const std::string& value,
    const Service& service
) {
    const std::string place =
        postfix.is_default ? "" : fmt::format("-c {} ", shell_word(postfix.directory.string()));
    return fmt::format(
        "postconf {}-P {}",
        place,
        shell_word(fmt::format("{}/{}={}", service.label(), parameter, compact(value)))
    );
}

std::string where_is(const Postfix& postfix, const std::string& parameter, const Service* service) {
    const bool own = service != nullptr && service->options.contains(parameter);
    return fmt::format(
        "{}: {} = {}",
        own ? "master.cf " + service->label() : "main.cf",
        parameter,
        postfix.value(parameter, service)
    );
}

bool is_yes(std::string_view value) {
    return same_word(value, "yes");
}

std::optional<std::uint64_t> number_in(std::string_view value) {
    const auto end = std::find_if_not(value.begin(), value.end(), is_digit);
    return parse_number(value.substr(0, static_cast<std::size_t>(end - value.begin())));
}

Findings examine(const Facts& facts) {
    Findings all;
    for (const auto check :
         {about_listeners,
          about_socket,
          about_header_checks,
          about_domains,
          about_reentry,
          about_submit,
          about_limits})
        check(facts, all);
    // A setting of main.cf is found again at every listener; once is enough.
    Findings once;
    for (Finding& finding : all) {
        const bool known = std::any_of(once.begin(), once.end(), [&](const Finding& other) {
            return other.name == finding.name && other.remedy == finding.remedy;
        });
        if (!known) once.push_back(std::move(finding));
    }
    return once;
}

} // namespace kwit::cli::doctor
