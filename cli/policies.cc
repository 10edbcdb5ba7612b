#include "cli/policies.hh"

#include "core/base/domain.hh"
#include "core/base/text.hh"
#include "core/config/nearest.hh"

#include <fmt/format.h>

namespace kwit::cli {

std::vector<std::string> domain_names(const Settings& settings) {
    std::vector<std::string> names;
    for (const DomainSettings& domain : settings.domains)
        names.push_back(domain.name);
    return names;
}

Result<const Policy*> policy_named(const Settings& settings, const std::string& name) {
    const auto policy = settings.policies.find(name);
    if (policy != settings.policies.end()) return &policy->second;
    std::vector<std::string> names;
    for (const auto& [known, ignored] : settings.policies)
        names.push_back(known);
    const auto nearest = nearest_word(name, names);
    return fail(
        Kind::misuse,
        fmt::format(R"(there is no policy "{}" in the configuration)", name),
        nearest ? fmt::format(R"(did you mean "{}"?)", *nearest)
                : "the policies are " + join(names, ", ")
    );
}

NeedsNotify needs_notify(const Settings& settings) {
    return [&settings](const ImportAddress& address) {
        const auto policy = settings.policies.find(address.policy);
        return policy != settings.policies.end() && policy->second.route == Route::address;
    };
}

Result<const DomainSettings*> domain_named(const Settings& settings, const std::string& name) {
    const std::string all = join(domain_names(settings), ", ");
    if (name.empty()) {
        if (settings.domains.size() == 1) return &settings.domains.front();
        return fail(
            Kind::misuse,
            fmt::format("{} intake domains are configured", settings.domains.size()),
            settings.domains.empty() ? "add a [[domain]] to the configuration"
                                     : "say which with --domain: " + all
        );
    }
    const DomainSettings* const domain = settings.domain(domain_key(name).value_or(name));
    if (domain != nullptr) return domain;
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" is no intake domain of the configuration)", name),
        "the intake domains are " + all
    );
}

} // namespace kwit::cli
