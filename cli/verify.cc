#include "core/archive/verify.hh"

#include "cli/commands.hh"
#include "cli/meter.hh"
#include "cli/values.hh"
#include "cli/verified.hh"

namespace kwit::cli {

namespace {

struct Verify {
    std::optional<std::size_t> jobs{};
    std::optional<std::string> sample{};
    std::optional<std::string> since{};
    bool progress = false;
};

Result<VerifyScope> scope_of(const Verify& options, Time now) {
    VerifyScope scope;
    scope.jobs = TRY(parse_jobs(options.jobs));
    if (options.sample) scope.share = TRY(parse_share("--sample", *options.sample));
    if (options.since) scope.since = TRY(parse_since("--since", *options.since, now));
    return scope;
}

Result<Done> run(Context& context, const Verify& options) {
    const VerifyScope scope = TRY(scope_of(options, context.by.at));
    const auto archive = TRY(open_archive(context, Access::read_only, Reading::in_order));
    Meter meter(options.progress ? Meter::Show::wanted : Meter::Show::on_a_terminal);
    const VerifyReport report =
        TRY(verify(*archive, scope, [&meter](std::uint64_t done, std::uint64_t total) {
            meter.show(done, total);
        }));
    print_verified(context.out, report, Unreferenced::listed);
    return report.faults.empty() ? Done::yes : Done::no;
}

Arguments verify_arguments(Verify& o) {
    return {
        {"--sample SHARE", &o.sample, "hash only this part of the objects, by chance: 1%"},
        {"--since TIME", &o.since, "hash only what came in since then: 2026-11-21, or 30d"},
        {"--jobs N", &o.jobs, "so many threads read and hash (else one for each processor)"},
        {"--progress", &o.progress, "how far it has come, also when nobody sits before it"}};
}

} // namespace

Commands verify_commands() {
    return {
        command<Verify>(
            "verify",
            "Proves that nothing is lost or altered. Hashes every object again, looks whether "
            "every "
            "row's object is there, and follows the chain of the journal. Changes nothing, and can "
            "run beside the milter. With --sample or --since only some objects are hashed; all "
            "else "
            "is looked at as always. Exit code 1 and the names of what is damaged.",
            "kwit verify --since 7d",
            verify_arguments,
            run
        ),
    };
}

} // namespace kwit::cli
