// Whether Postfix takes mail for the intake domains at all, and leaves the answer to kwit.
#include "cli/doctor/checks.hh"
#include "core/base/file.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit::cli::doctor {

namespace {

/// A class of domains, and the tables that say who exists there; empty tables: everybody.
struct Class {
    const char* domains;
    const char* recipients;
};

constexpr std::array classes{
    Class{"relay_domains", "relay_recipient_maps"},
    Class{"mydestination", "local_recipient_maps"},
    Class{"virtual_mailbox_domains", "virtual_mailbox_maps"},
    Class{"virtual_alias_domains", "virtual_alias_maps"}};

constexpr std::size_t max_list_file = 1U << 20U;

/// The lines of a file that a Postfix list names, without comments.
std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    const auto text = read_whole(path, max_list_file);
    if (!text) return lines;
    for (const std::string_view line : split(*text, '\n'))
        if (const auto word = trim(line); !word.empty() && word.front() != '#')
            lines.emplace_back(word);
    return lines;
}

/// Whether a list of domains (names, files, tables) has this one.
bool lists(const Postfix& postfix, const std::string& list, const std::string& domain) {
    for (const std::string& element : elements(list)) {
        if (same_word(element, domain)) return true;
        if (element.starts_with('/')) {
            const auto lines = lines_of(element);
            if (std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
                    return same_word(line, domain);
                }))
                return true;
        } else if (element.find(':') != std::string::npos && postfix.lookup(element, domain)) {
            return true;
        }
    }
    return false;
}

/// relay_domains takes the subdomains of what it names, too.
bool lists_parent(const Postfix& postfix, const std::string& list, std::string_view domain) {
    for (auto dot = domain.find('.'); dot != std::string_view::npos; dot = domain.find('.')) {
        domain.remove_prefix(dot + 1);
        if (lists(postfix, list, std::string(domain))) return true;
    }
    return false;
}

std::vector<Class> classes_of(const Postfix& postfix, const std::string& domain) {
    std::vector<Class> found;
    for (const Class& some : classes) {
        const std::string list = postfix.value(some.domains);
        if (lists(postfix, list, domain) ||
            (&some == classes.data() && lists_parent(postfix, list, domain)))
            found.push_back(some);
    }
    return found;
}

/// The ways in which Postfix looks a recipient up.
std::vector<std::string> keys_of(const std::string& address) {
    const auto at = address.rfind('@');
    const std::string local = address.substr(0, at);
    const std::string domain = address.substr(at);
    return {address, local.substr(0, local.find('+')) + domain, domain};
}

bool exists(const Postfix& postfix, const std::string& tables, const std::string& address) {
    for (const std::string& table : elements(tables))
        for (const std::string& key : keys_of(address))
            if (postfix.lookup(table, key)) return true;
    return false;
}

void about_recipients(
    const Postfix& postfix, const DomainSettings& domain, const Class& its, Findings& findings
) {
    const std::string tables = postfix.value(its.recipients);
    if (tables.empty()) return;
    const auto all = probes(domain);
    const auto refused = std::find_if(all.begin(), all.end(), [&](const std::string& address) {
        return !exists(postfix, tables, address);
    });
    if (refused == all.end()) return;
    findings.push_back(
        {.name = "recipients-refused",
         .severity = Severity::error,
         .where = where_is(postfix, its.recipients),
         .why = fmt::format(
             "Postfix refuses {} (\"User unknown\") before kwit is asked{}",
             *refused,
             refused->starts_with("bounce+") ? ": bounces of our notices are lost" : ""
         ),
         .remedy = fmt::format(
             "{}move {} to relay_domains",
             // A virtual alias would send the mail elsewhere.
             std::string_view(its.recipients) == "virtual_alias_maps"
                 ? std::string()
                 : fmt::format(
                       "add the line \"@{} x\" to a table of {}, or ", domain.name, its.recipients
                   ),
             domain.name
         )}
    );
}

struct Rewriting {
    std::string table;
    std::string key;
    std::string to;
};

/// Where a table of the parameter sends an address that kwit wants to see.
std::optional<Rewriting>
rewriting_in(const Postfix& postfix, const char* parameter, const std::string& address) {
    for (const std::string& table : elements(postfix.value(parameter)))
        for (const std::string& key : keys_of(address))
            if (auto to = postfix.lookup(table, key); to && !same_word(*to, key))
                return Rewriting{table, key, *std::move(to)};
    return std::nullopt;
}

/// cleanup rewrites addresses before it asks for their transport.
void about_rewriting(
    const Postfix& postfix, const DomainSettings& domain, const char* parameter, Findings& findings
) {
    for (const std::string& address : probes(domain)) {
        const auto found = rewriting_in(postfix, parameter, address);
        if (!found) continue;
        findings.push_back(
            {.name = "addresses-rewritten",
             .severity = Severity::error,
             .where = where_is(postfix, parameter),
             .why = fmt::format(
                 "{} sends {} to {}: bounces of our notices, and mail that Postfix takes in "
                 "itself, pass kwit by",
                 found->table,
                 found->key,
                 found->to
             ),
             .remedy = fmt::format("take {} out of {}", found->key, found->table)}
        );
        return;
    }
}

void about_postmaster(const Postfix& postfix, const DomainSettings& domain, Findings& findings) {
    const std::string address = "postmaster@" + domain.name;
    for (const std::string& table : elements(postfix.value("virtual_alias_maps")))
        if (postfix.lookup(table, address)) return;
    findings.push_back(
        {.name = "postmaster-nowhere",
         .severity = Severity::warning,
         .where = where_is(postfix, "virtual_alias_maps"),
         .why = fmt::format("mail for {} has nobody to go to and waits in the queue", address),
         .remedy = fmt::format(
             "add the line \"{} postmaster@example.com\" (a person of yours) to a table of "
             "virtual_alias_maps",
             address
         )}
    );
}

void about_domain(const Postfix& postfix, const DomainSettings& domain, Findings& findings) {
    const auto in = classes_of(postfix, domain.name);
    if (in.empty()) {
        const std::string now = postfix.value("relay_domains");
        findings.push_back(
            {.name = "domain-not-taken",
             .severity = Severity::error,
             .where = where_is(postfix, "relay_domains"),
             .why = fmt::format(
                 "Postfix takes no mail for {} from outside (\"Relay access denied\")", domain.name
             ),
             .remedy =
                 mend(postfix, "relay_domains", (now.empty() ? "" : now + ", ") + domain.name)}
        );
        return;
    }
    if (in.size() > 1)
        findings.push_back(
            {.name = "domain-in-two-classes",
             .severity = Severity::warning,
             .where = where_is(postfix, in[1].domains),
             .why = fmt::format(
                 "{} is in {}, too: which recipients exist is decided by either",
                 domain.name,
                 in[0].domains
             ),
             .remedy = fmt::format("take {} out of {}", domain.name, in[1].domains)}
        );
    about_recipients(postfix, domain, in.front(), findings);
    for (const char* const parameter :
         {"virtual_alias_maps", "canonical_maps", "recipient_canonical_maps"})
        about_rewriting(postfix, domain, parameter, findings);
    about_postmaster(postfix, domain, findings);
}

} // namespace

void about_domains(const Facts& facts, Findings& findings) {
    for (const DomainSettings& domain : facts.settings.domains)
        about_domain(facts.postfix, domain, findings);
}

} // namespace kwit::cli::doctor
