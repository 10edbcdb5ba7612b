// `kwit doctor`: reads the configuration of Postfix and of kwit, and names what can lose or
// misjudge mail. The checks are in cli/doctor/.
#include "cli/commands.hh"
#include "cli/doctor/facts.hh"
#include "cli/doctor/read.hh"
#include "core/base/file.hh"
#include "core/base/json.hh"
#include "core/inspect/pool.hh"
#include "core/intake/archive_door.hh"
#include "core/intake/client.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace kwit::cli {

namespace {

using doctor::Finding;
using doctor::Findings;
using doctor::Severity;

struct Options {
    std::string postfix;
};

Arguments bind(Options& options) {
    return {
        {"--postfix DIRECTORY",
         &options.postfix,
         "where main.cf and master.cf are; left out: where Postfix itself looks"},
    };
}

std::string_view name_of(Severity severity) {
    return severity == Severity::error ? "error" : "warning";
}

/// Becomes the archive's owner on the way, so files of others are read before.
doctor::Own look_at_ourselves(const Context& context) {
    constexpr auto patience = std::chrono::seconds(5);
    const Settings& settings = context.settings;
    doctor::Own own;
    if (const auto greeted = greet(settings.milter.socket, patience); !greeted)
        own.silent = greeted.error().what;
    auto usable = take_owners_identity(context, Access::read_only);
    if (const auto inspector = inspect::Pool::probe(settings.inspector); !inspector)
        own.inspector = {inspector.error().what, inspector.error().remedy};
    if (usable) usable = ArchiveDoor::probe(settings.archive);
    if (!usable) {
        own.archive = {usable.error().what, usable.error().remedy};
        return own;
    }
    if (const auto free = free_bytes(settings.archive.path)) own.free = *free;
    return own;
}

void add_troubles(const doctor::Troubles& troubles, Findings& findings) {
    for (const auto& [table, said] : troubles)
        findings.push_back(
            {.name = "table-unreadable",
             .severity = Severity::warning,
             .where = table,
             .why = "what is in this table could not be seen, so some of the above may be wrong: " +
                    said,
             .remedy = "run kwit doctor as root"}
        );
}

void print_json(Printer& out, const Findings& findings) {
    for (const Finding& finding : findings)
        out.object(Json{
            {"name", finding.name},
            {"severity", name_of(finding.severity)},
            {"where", finding.where},
            {"why", finding.why},
            {"remedy", finding.remedy}});
}

void print_text(Printer& out, const Findings& findings, std::size_t errors) {
    for (const Finding& finding : findings) {
        out.line(fmt::format("{} {}: {}", name_of(finding.severity), finding.name, finding.where));
        out.line("    " + finding.why);
        out.line("    mend: " + finding.remedy);
    }
    const std::size_t warnings = findings.size() - errors;
    if (findings.empty())
        out.line("nothing is wrong with Postfix and kwit");
    else
        out.line(fmt::format(
            "{} error{}, {} warning{}; after a change: postfix reload",
            errors,
            errors == 1 ? "" : "s",
            warnings,
            warnings == 1 ? "" : "s"
        ));
}

Result<Done> run(Context& context, const Options& options) {
    // Who is neither root nor the owner cannot tell how the archive is.
    if (::geteuid() != 0) TRY(take_owners_identity(context, Access::read_only));
    const auto troubles = std::make_shared<doctor::Troubles>();
    doctor::Facts facts{.settings = context.settings};
    facts.postfix = TRY(doctor::read_postfix(options.postfix, context.settings, troubles));
    // Tables are asked on the way, and only root may read some of them: this comes first.
    Findings findings = doctor::examine(facts);
    facts.own = look_at_ourselves(context);
    doctor::about_ourselves(facts, findings);
    add_troubles(*troubles, findings);
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        return a.severity > b.severity;
    });
    const auto errors = std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::error;
    });
    if (context.out.json())
        print_json(context.out, findings);
    else
        print_text(context.out, findings, static_cast<std::size_t>(errors));
    return errors == 0 ? Done::yes : Done::no;
}

} // namespace

Commands doctor_commands() {
    return {
        command<Options>(
            "doctor",
            "Looks for what can lose or misjudge mail. Reads the configuration of Postfix and "
            "kwit, looks at the disk and the socket, and names the line that mends it. Changes "
            "nothing. Exit code 1 when there is an error.",
            "kwit doctor",
            bind,
            run
        ),
    };
}

} // namespace kwit::cli
