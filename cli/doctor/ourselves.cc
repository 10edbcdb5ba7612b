// kwit's own side: is it there, can it write, is there room.
#include "cli/doctor/checks.hh"
#include "core/config/config.hh"
#include "core/config/syntax.hh"

#include <fmt/format.h>

namespace kwit::cli::doctor {

namespace {

void about_room(const Facts& facts, Findings& findings) {
    if (!facts.own.free) return;
    const std::uint64_t wanted = facts.settings.archive.min_free;
    const std::uint64_t free = *facts.own.free;
    if (free >= 2 * wanted) return;
    const bool full = free < wanted;
    findings.push_back(
        {.name = full ? "disk-full" : "disk-nearly-full",
         .severity = full ? Severity::error : Severity::warning,
         .where = facts.settings.archive.path.string(),
         .why = fmt::format(
             "{} bytes are free, and mail to import addresses is put off (452) below {}: senders' "
             "servers give up after some days",
             free,
             syntax::size_text(wanted)
         ),
         .remedy = "make room on that disk"}
    );
}

} // namespace

void about_ourselves(const Facts& facts, Findings& findings) {
    if (facts.own.silent)
        findings.push_back(
            {.name = "milter-silent",
             .severity = Severity::error,
             .where = facts.settings.milter.socket,
             .why = fmt::format("all mail waits: {}", *facts.own.silent),
             .remedy = "systemctl start kwit-milter; its log says what keeps it from starting"}
        );
    if (facts.own.archive)
        findings.push_back(
            {.name = "archive-unusable",
             .severity = Severity::error,
             .where = facts.settings.archive.path.string(),
             .why = fmt::format(
                 "mail to import addresses is put off (451): {}", facts.own.archive->first
             ),
             .remedy = facts.own.archive->second}
        );
    if (facts.own.inspector)
        findings.push_back(
            {.name = "inspector-unusable",
             .severity = Severity::error,
             .where = "kwit-inspector",
             .why = fmt::format(
                 "mail with PDF files to import addresses is put off (451): {}",
                 facts.own.inspector->first
             ),
             .remedy = facts.own.inspector->second}
        );
    about_room(facts, findings);
    // Whoever runs the doctor is not who runs the milter: only what the file says counts.
    constexpr uid_t somebody = 1;
    for (const std::string& warning : warnings(facts.settings, somebody))
        findings.push_back(
            {.name = "configuration",
             .severity = Severity::warning,
             .where = "kwit.toml",
             .why = warning,
             .remedy = "see kwit.toml(5)"}
        );
}

} // namespace kwit::cli::doctor
