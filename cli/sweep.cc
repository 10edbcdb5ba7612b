#include "core/archive/sweep.hh"

#include "cli/commands.hh"
#include "cli/values.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

struct Sweep {
    bool remove = false;
};

/// Why it goes, or stays.
std::string why(const Swept& swept) {
    const std::string since = readable_time(swept.since);
    switch (swept.what) {
    case Swept::What::original:
        return fmt::format(
            "of receipt {}, nothing more to be done since {}", join(swept.receipts, ", "), since
        );
    case Swept::What::unreferenced:
        return fmt::format("no row names it, there since {}", since);
    case Swept::What::foreign:
        return "not an object of kwit, it stays";
    }
    return "";
}

void print(Printer& out, const Swept& swept) {
    if (out.json())
        out.object(Json{
            {"what", name_of(swept.what)},
            {"name", swept.name},
            {"size", swept.size},
            {"since", rfc3339(swept.since)},
            {"receipts", swept.receipts}});
    else
        out.line(fmt::format(
            "{}: {} ({}): {}",
            name_of(swept.what),
            swept.name,
            readable_size(swept.size),
            why(swept)
        ));
}

std::string counted(const SweepTotal& total, std::string_view one, std::string_view many) {
    return fmt::format(
        "{} {} ({})", total.count, total.count == 1 ? one : many, readable_size(total.bytes)
    );
}

void print_summary(Printer& out, const SweepReport& report, bool removed, bool forever) {
    if (out.json()) {
        Json summary = {{"what", "summary"}, {"removed", removed}};
        for (const auto& [name, total] :
             {std::pair{"originals", &report.originals},
              std::pair{"unreferenced", &report.unreferenced},
              std::pair{"young", &report.young},
              std::pair{"foreign", &report.foreign}}) {
            summary[name] = total->count;
            summary[std::string(name) + "_bytes"] = total->bytes;
        }
        out.object(summary);
        return;
    }
    const std::string what =
        counted(report.originals, "original", "originals") + " and " +
        counted(report.unreferenced, "unreferenced object", "unreferenced objects");
    if (forever) out.line("originals are kept for ever ([archive] keep_originals)");
    if (report.young.count > 0)
        out.line(
            counted(report.young, "file", "files") + " that no row names may be of mails on their "
                                                     "way in: younger than a day"
        );
    if (removed)
        out.line("removed " + what);
    else
        out.line(what + " can go; to remove them: kwit sweep --delete");
}

Result<Done> run(Context& context, const Sweep& options) {
    const auto archive =
        TRY(options.remove ? open_existing_archive(context)
                           : open_archive(context, Access::read_only));
    const SweepStep tell = [&](const Swept& swept) { print(context.out, swept); };
    const SweepReport report =
        TRY(options.remove ? sweep(*archive, context.by, tell)
                           : look_for_rubbish(*archive, context.by.at, tell));
    print_summary(
        context.out, report, options.remove, !context.settings.archive.keep_originals.has_value()
    );
    return Done::yes;
}

} // namespace

Commands sweep_commands() {
    return {
        command<Sweep>(
            "sweep",
            "Shows what nobody needs any more, and with --delete removes it. That is: originals of "
            "receipts that need nothing more, once [archive] keep_originals is over, and files "
            "that no row names and that are older than a day. Documents, receipts and the journal "
            "stay for ever. Can run beside the milter; what is removed stands in the journal.",
            "kwit sweep --delete",
            [](Sweep& o) {
                return Arguments{{"--delete", &o.remove, "remove it (else it is only shown)"}};
            },
            run
        ),
    };
}

} // namespace kwit::cli
