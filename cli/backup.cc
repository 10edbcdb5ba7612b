#include "core/archive/backup.hh"

#include "cli/commands.hh"
#include "cli/meter.hh"
#include "cli/values.hh"
#include "cli/verified.hh"
#include "core/archive/restore.hh"
#include "core/base/identity.hh"
#include "core/base/json.hh"

#include <fmt/format.h>
#include <unistd.h>

namespace kwit::cli {

namespace {

/// Trouble with the other directory is not trouble with the archive: the answer is no.
template <typename T>
Result<T> or_no(Result<T> result) {
    if (!result && result.error().kind == Kind::temporary) result.error().kind = Kind::refused;
    return result;
}

Meter::Show shown(bool progress) {
    return progress ? Meter::Show::wanted : Meter::Show::on_a_terminal;
}

Progress told_to(Meter& meter) {
    return [&meter](std::uint64_t done, std::uint64_t total) { meter.show(done, total); };
}

Result<std::filesystem::path> whole_path(const std::string& text) {
    std::error_code trouble;
    auto path = std::filesystem::absolute(text, trouble).lexically_normal();
    if (trouble || text.empty())
        return fail(Kind::misuse, fmt::format(R"("{}" is no directory)", text));
    return path.has_filename() ? path : path.parent_path();
}

// ── backup ───────────────────────────────────────────────────────────────────────────────────────

struct MakeBackup {
    std::string directory;
    bool copy = false;
    bool prune = false;
    bool progress = false;
};

void print_backup(Printer& out, const BackupReport& report, const BackupOptions& options) {
    print_faults(out, report.faults);
    if (out.json()) {
        out.object(Json{
            {"what", "summary"},
            {"objects", report.objects},
            {"bytes", report.bytes},
            {"linked", report.linked},
            {"copied", report.copied},
            {"present", report.present},
            {"pruned", report.pruned},
            {"pruned_bytes", report.pruned_bytes},
            {"n", report.head.n},
            {"sha256", report.head.sha256},
            {"faults", report.faults.size()}});
        return;
    }
    out.line(fmt::format(
        "{} objects ({}): {} linked, {} copied, {} there before; journal head {} {}",
        report.objects,
        readable_size(report.bytes),
        report.linked,
        report.copied,
        report.present,
        report.head.n,
        report.head.sha256
    ));
    if (options.prune && report.faults.empty())
        out.line(
            fmt::format("pruned {} objects ({})", report.pruned, readable_size(report.pruned_bytes))
        );
    if (!report.faults.empty())
        out.line(fmt::format(
            "the backup lacks {} objects that the archive has lost: kwit verify",
            report.faults.size()
        ));
}

Result<Done> backup(Context& context, const MakeBackup& command) {
    const std::filesystem::path directory = TRY(whole_path(command.directory));
    const auto archive = TRY(open_archive(context, Access::read_only, Reading::in_order));
    Meter meter(shown(command.progress));
    const BackupOptions options{.copy = command.copy, .prune = command.prune};
    const BackupReport report =
        TRY(or_no(make_backup(*archive, directory, options, told_to(meter))));
    print_backup(context.out, report, options);
    return report.faults.empty() ? Done::yes : Done::no;
}

Arguments backup_arguments(MakeBackup& o) {
    return {
        {"DIR",
         &o.directory,
         "a directory outside of the archive: empty, yet to be made, or a backup",
         Need::required},
        {"--copy", &o.copy, "copy objects also where a hard link would do"},
        {"--prune", &o.prune, "remove from the backup what its index does not name any more"},
        {"--progress", &o.progress, "how far it has come, also when nobody sits before it"}};
}

// ── restore ──────────────────────────────────────────────────────────────────────────────────────

struct RestoreBackup {
    std::string directory;
    bool check = false;
    bool force = false;
    std::optional<std::size_t> jobs{};
    bool progress = false;
};

/// The archive may be gone: whoever owns the backup can read it.
Result<void> take_identity_for(const std::filesystem::path& directory) {
    const auto owner = owner_of(directory);
    return owner && ::geteuid() == 0 ? become(*owner) : Result<void>();
}

Result<Done> check(Context& context, const RestoreBackup& command) {
    const std::filesystem::path directory = TRY(whole_path(command.directory));
    VerifyScope scope;
    scope.jobs = TRY(parse_jobs(command.jobs));
    TRY(take_identity_for(directory));
    const Fd held = TRY(or_no(hold_backup(directory)));
    const auto copy = TRY(open_backup(directory, context.settings.archive));
    Meter meter(shown(command.progress));
    const VerifyReport report = TRY(or_no(verify(*copy, scope, told_to(meter))));
    print_verified(context.out, report, Unreferenced::counted);
    return report.faults.empty() ? Done::yes : Done::no;
}

void print_restored(Printer& out, const RestoreReport& report, const Settings& settings) {
    print_faults(out, report.backup.faults);
    const VerifyReport& backup = report.backup;
    if (out.json()) {
        out.object(Json{
            {"what", "summary"},
            {"restored", report.restored},
            {"objects", backup.objects},
            {"bytes", backup.bytes},
            {"copied", report.copied},
            {"present", report.present},
            {"receipts", backup.receipts},
            {"documents", backup.documents},
            {"journal_entries", backup.journal_entries},
            {"faults", backup.faults.size()}});
        return;
    }
    if (!report.restored) {
        out.line(fmt::format(
            "the backup is damaged in {} places, and nothing was put into place; to restore what "
            "it has: kwit restore --force",
            backup.faults.size()
        ));
        return;
    }
    out.line(fmt::format(
        "restored {}: {} objects ({}), {} receipts, {} documents, {} journal entries",
        settings.archive.path.string(),
        backup.objects,
        readable_size(backup.bytes),
        backup.receipts,
        backup.documents,
        backup.journal_entries
    ));
}

Result<Done> restore(Context& context, const RestoreBackup& command) {
    if (command.check) return check(context, command);
    const std::filesystem::path directory = TRY(whole_path(command.directory));
    TRY(take_owners_identity(context, Access::read_write));
    const Fd held = TRY(or_no(hold_backup(directory)));
    const ArchiveSettings& settings = context.settings.archive;
    const auto copy = TRY(open_backup(directory, settings));
    Meter meter(shown(command.progress));
    const RestoreOptions options{.force = command.force};
    const RestoreReport report =
        TRY(or_no(restore_backup(*copy, settings, options, context.by, told_to(meter))));
    print_restored(context.out, report, context.settings);
    return report.backup.faults.empty() ? Done::yes : Done::no;
}

Arguments restore_arguments(RestoreBackup& o) {
    return {
        {"DIR", &o.directory, "the backup", Need::required},
        {"--check", &o.check, "only prove that the backup is whole: hash all of it"},
        {"--force", &o.force, "restore a damaged backup as well: what it has"},
        {"--jobs N", &o.jobs, "of --check: so many threads (else one for each processor)"},
        {"--progress", &o.progress, "how far it has come, also when nobody sits before it"}};
}

} // namespace

Commands backup_commands() {
    return {
        command<MakeBackup>(
            "backup",
            "Makes a backup of the archive, or brings one up to date. It can run beside the "
            "milter: "
            "the index is copied first, as it is in one moment, then the objects that it names; "
            "what is there already is not copied again. In the same file system objects are hard "
            "links: they outlive a removal, not a bad disk. Interrupted at any point, the backup "
            "is the one before. Exit code 1 when the archive has lost what should be in it.",
            "kwit backup /backup/kwit",
            backup_arguments,
            backup
        ),
        command<RestoreBackup>(
            "restore",
            "Makes the archive anew from a backup. The archive's directory has to be missing or "
            "empty; every object is hashed on its way. With --check the backup is only proved to "
            "be whole.",
            "kwit restore --check /backup/kwit",
            restore_arguments,
            restore
        ),
    };
}

} // namespace kwit::cli
