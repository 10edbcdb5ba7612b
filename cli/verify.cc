#include "core/archive/verify.hh"

#include "cli/commands.hh"
#include "cli/values.hh"
#include "core/base/json.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace kwit::cli {

namespace {

/// A line on standard error that is written over again and again, for people who wait; nothing when
/// it is no terminal.
class Meter {
public:
    Meter() : shown_(::isatty(STDERR_FILENO) == 1) {}

    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    Meter(Meter&&) = delete;
    Meter& operator=(Meter&&) = delete;

    ~Meter() {
        if (dirty_) std::fputs("\r\x1b[K", stderr);
    }

    void show(std::uint64_t done, std::uint64_t total) {
        const auto moment = std::chrono::steady_clock::now();
        if (!shown_ || moment < next_) return;
        next_ = moment + std::chrono::milliseconds(200);
        dirty_ = true;
        const std::string text =
            fmt::format("\r{} of {}\x1b[K", readable_size(done), readable_size(total));
        std::fputs(text.c_str(), stderr);
    }

private:
    bool shown_;
    bool dirty_ = false;
    std::chrono::steady_clock::time_point next_{};
};

void print_objects(Printer& out, const VerifyReport& report) {
    for (const Fault& fault : report.faults)
        out.object(Json{{"what", fault.what}, {"name", fault.name}, {"detail", fault.detail}});
    for (const std::string& name : report.unreferenced)
        out.object(Json{{"what", "unreferenced"}, {"name", name}, {"detail", nullptr}});
    out.object(Json{
        {"what", "summary"},
        {"objects", report.objects},
        {"bytes", report.bytes},
        {"receipts", report.receipts},
        {"documents", report.documents},
        {"journal_entries", report.journal_entries},
        {"faults", report.faults.size()},
        {"unreferenced", report.unreferenced.size()}});
}

void print_text(Printer& out, const VerifyReport& report) {
    for (const Fault& fault : report.faults)
        out.line(fmt::format("{}: {}: {}", fault.what, fault.name, fault.detail));
    for (const std::string& name : report.unreferenced)
        out.line(fmt::format("unreferenced: {} (no damage)", name));
    out.line(fmt::format(
        "{} objects ({}), {} receipts, {} documents, {} journal entries: {}",
        report.objects,
        readable_size(report.bytes),
        report.receipts,
        report.documents,
        report.journal_entries,
        report.faults.empty() ? "all is whole" : fmt::format("{} damaged", report.faults.size())
    ));
}

Result<Done> run(Context& context, const NoOptions&) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    Meter meter;
    const VerifyReport report =
        TRY(verify(*archive, [&meter](std::uint64_t done, std::uint64_t total) {
            meter.show(done, total);
        }));
    if (context.out.json())
        print_objects(context.out, report);
    else
        print_text(context.out, report);
    return report.faults.empty() ? Done::yes : Done::no;
}

} // namespace

Commands verify_commands() {
    return {
        command<NoOptions>(
            "verify",
            "Proves that nothing is lost or altered. Hashes every object again, looks whether "
            "every "
            "row's object is there, and follows the chain of the journal. Changes nothing, and can "
            "run beside the milter. Exit code 1 and the names of what is damaged.",
            "kwit verify",
            no_arguments,
            run
        ),
    };
}

} // namespace kwit::cli
