// The intake domains: [[domain]].
#include "core/base/domain.hh"
#include "core/base/time.hh"
#include "core/config/forms.hh"
#include "core/config/logo.hh"
#include "core/config/readers.hh"
#include "core/config/syntax.hh"
#include "core/config/texts.hh"

namespace kwit::config {

namespace {

/// What a domain's mails look like: the office's name, signature and logo.
void read_look(Section& section, DomainSettings& domain) {
    section.read(
        "office",
        domain.office,
        text_form(
            fmt::format("a name of at most {} bytes on one line", syntax::max_office),
            syntax::is_office
        )
    );
    section.read(
        "signature",
        domain.signature,
        text_form(
            fmt::format(
                "a text of at most {} lines and {} bytes",
                syntax::max_signature_lines,
                syntax::max_signature
            ),
            syntax::signature
        )
    );
    std::string path;
    if (!section.read("logo", path, text_form("an absolute path", syntax::is_absolute))) return;
    auto logo = read_logo(path);
    if (logo)
        domain.logo = std::make_shared<const Logo>(*std::move(logo));
    else
        section.problem("logo", fmt::format("{}; {}", logo.error().what, logo.error().remedy));
}

/// Which words, in which form and when a domain's mails go out.
void read_mails(Section& section, DomainSettings& domain) {
    using Corrections = DomainSettings::Corrections;
    std::string path;
    if (section.read(
            "texts",
            path,
            text_form("the absolute path of a directory that exists", syntax::is_directory)
        ))
        domain.texts = path;
    section.read(
        "corrections",
        domain.corrections,
        word_form<Corrections>(
            {{"alternative", Corrections::alternative}, {"report", Corrections::report}}
        )
    );
    section.read("digest_at", domain.digest_at, time_of_day_form());
}

DomainSettings read_domain(Section section) {
    DomainSettings domain;
    if (section.find("name") == nullptr)
        section.problem("name", R"(expected a domain name like "in.example.com", found nothing)");
    const auto is_zone = [](std::string_view text) {
        // Without the data of any zone nobody can say; mail waits until it is there.
        return !has_zones() || check_zone(std::string(text)).has_value();
    };
    section.read(
        "name", domain.name, text_form(R"(a domain name like "in.example.com")", domain_key)
    );
    section.read("locale", domain.locale, word_form(Texts::locales()));
    section.read(
        "timezone",
        domain.timezone,
        text_form(R"(a time zone of the IANA database like "Europe/Warsaw")", is_zone)
    );
    section.read(
        "from",
        domain.from,
        text_form(R"(a sender like "Office <office@example.com>")", syntax::mailbox)
    );
    section.read(
        "reply_to",
        domain.reply_to,
        text_form(R"(an e-mail address like "office@example.com")", syntax::mailbox)
    );
    section.read(
        "base",
        domain.base,
        text_form(
            fmt::format(
                "the local part of tagged addresses: at most {} of a-z, 0-9, dot, hyphen and "
                "underscore, neither postmaster nor bounce",
                syntax::max_base
            ),
            syntax::is_local_base
        )
    );
    section.read(
        "alignment",
        domain.alignment,
        word_form<Alignment>({{"relaxed", Alignment::relaxed}, {"strict", Alignment::strict}})
    );
    read_look(section, domain);
    read_mails(section, domain);
    // Mail to the postmaster of an intake domain always reaches a person.
    if (domain.from.empty()) domain.from = "postmaster@" + domain.name;
    section.finish();
    return domain;
}

} // namespace

void read_domains(Section& top, std::vector<DomainSettings>& domains) {
    const toml_tree::Entry* const entry = top.find("domain");
    const auto* const array =
        entry == nullptr ? nullptr : std::get_if<toml_tree::Array>(&entry->value.content);
    if (array == nullptr || array->empty()) {
        top.problem(
            "domain",
            fmt::format(
                "expected at least one [[domain]] with a name, found {}",
                entry == nullptr ? "none" : toml_tree::describe(entry->value)
            )
        );
        return;
    }
    for (const toml_tree::Value& item : *array) {
        const auto* const table = std::get_if<toml_tree::Table>(&item.content);
        if (table == nullptr) {
            top.problem("domain", "expected a table, [[domain]], found " + describe(item));
            continue;
        }
        DomainSettings domain = read_domain(Section(*table, item.line, "domain", top.problems()));
        const auto same = [&](const DomainSettings& other) { return other.name == domain.name; };
        if (!domain.name.empty() && std::any_of(domains.begin(), domains.end(), same)) {
            Section(*table, item.line, "domain", top.problems())
                .problem(
                    "name", fmt::format("expected each domain once, found {} again", domain.name)
                );
        }
        domains.push_back(std::move(domain));
    }
}

} // namespace kwit::config
