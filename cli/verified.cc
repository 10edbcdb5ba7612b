#include "cli/verified.hh"

#include "cli/values.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace kwit::cli {

namespace {

void print_object(Printer& out, const VerifyReport& report, Unreferenced unreferenced) {
    if (unreferenced == Unreferenced::listed)
        for (const std::string& name : report.unreferenced)
            out.object(Json{{"what", "unreferenced"}, {"name", name}, {"detail", nullptr}});
    out.object(Json{
        {"what", "summary"},
        {"objects", report.objects},
        {"objects_known", report.objects_known},
        {"bytes", report.bytes},
        {"recipes", report.recipes},
        {"receipts", report.receipts},
        {"documents", report.documents},
        {"journal_entries", report.journal_entries},
        {"faults", report.faults.size()},
        {"unreferenced", report.unreferenced.size()}});
}

/// "3 objects", or "3 of 290 objects" where not all were looked at.
std::string objects_of(const VerifyReport& report) {
    if (report.objects == report.objects_known) return fmt::format("{} objects", report.objects);
    return fmt::format("{} of {} objects", report.objects, report.objects_known);
}

void print_text(Printer& out, const VerifyReport& report, Unreferenced unreferenced) {
    if (unreferenced == Unreferenced::listed)
        for (const std::string& name : report.unreferenced)
            out.line(fmt::format("unreferenced: {} (no damage)", name));
    else if (!report.unreferenced.empty())
        out.line(fmt::format("{} files that the index does not name", report.unreferenced.size()));
    out.line(fmt::format(
        "{} ({}){}, {} receipts, {} documents, {} journal entries: {}",
        objects_of(report),
        readable_size(report.bytes),
        report.recipes > 0 ? fmt::format(", {} mails made of them", report.recipes) : "",
        report.receipts,
        report.documents,
        report.journal_entries,
        report.faults.empty() ? "all is whole" : fmt::format("{} damaged", report.faults.size())
    ));
}

} // namespace

void print_faults(Printer& out, const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
        if (out.json())
            out.object(Json{{"what", fault.what}, {"name", fault.name}, {"detail", fault.detail}});
        else
            out.line(fmt::format("{}: {}: {}", fault.what, fault.name, fault.detail));
    }
}

void print_verified(Printer& out, const VerifyReport& report, Unreferenced unreferenced) {
    print_faults(out, report.faults);
    if (out.json())
        print_object(out, report, unreferenced);
    else
        print_text(out, report, unreferenced);
}

Result<unsigned> parse_jobs(const std::optional<std::size_t>& jobs) {
    constexpr std::size_t most = 256;
    if (!jobs) return std::max(1U, std::thread::hardware_concurrency());
    if (*jobs >= 1 && *jobs <= most) return static_cast<unsigned>(*jobs);
    return fail(
        Kind::misuse,
        fmt::format("{} of --jobs is no number of threads", *jobs),
        fmt::format("give 1 to {}", most)
    );
}

} // namespace kwit::cli
