#include "cli/policies.hh"
#include "cli/report_form.hh"
#include "cli/table.hh"
#include "cli/values.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli {

namespace {

constexpr std::size_t max_rows = 20; // of each list
constexpr std::string_view indent = "  ";
constexpr std::size_t date_size = 10;
constexpr Column::Align right = Column::Align::right;

std::string date_of(Time time, const std::string& zone) {
    return local_text(time, zone).substr(0, date_size);
}

std::string utc_date(Time time) {
    return rfc3339(time).substr(0, date_size);
}

/// The last day of the period: it ends before `until`.
std::string last_date(const ReportScope& scope) {
    return date_of(scope.until - Milliseconds(1), scope.timezone);
}

void section(Printer& out, std::string_view title) {
    out.line("");
    out.line(title);
}

void print_more(Printer& out, std::size_t more) {
    if (more > 0) out.line(fmt::format("{}… and {} more", indent, more));
}

// ── receipts ─────────────────────────────────────────────────────────────────────────────────────

std::vector<std::string> cells(const std::string& name, const Verdicts& verdicts) {
    return {
        name,
        std::to_string(verdicts.of(Verdict::imported)),
        std::to_string(verdicts.of(Verdict::partial)),
        std::to_string(verdicts.of(Verdict::failed)),
        std::to_string(verdicts.of(Verdict::refused))};
}

enum class By { number, name };

/// The names in the order they are shown in: the most frequent first, days as they come.
std::vector<std::pair<std::string, Verdicts>> sorted(const Tally& tally, By by) {
    std::vector<std::pair<std::string, Verdicts>> rows(tally.names.begin(), tally.names.end());
    if (by == By::number)
        std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
            return a.second.all() > b.second.all();
        });
    return rows;
}

void print_tally(Printer& out, const std::string& title, const Tally& tally, By by) {
    if (tally.names.empty()) return;
    const auto rows = sorted(tally, by);
    // A period of a month fits as a whole.
    const std::size_t shown = std::min(rows.size(), by == By::name ? 2 * max_rows : max_rows);
    out.line("");
    Table table(
        out,
        {{title}, {"IMPORTED", right}, {"PARTIAL", right}, {"FAILED", right}, {"REFUSED", right}},
        std::string(indent)
    );
    // Of days the latest.
    const std::size_t first = by == By::name ? rows.size() - shown : 0;
    for (std::size_t i = first; i < first + shown; ++i)
        table.row(cells(rows[i].first, rows[i].second));
    table.end();
    print_more(out, rows.size() - shown);
    if (tally.others.all() > 0)
        out.line(fmt::format("{}… and {} receipts of others", indent, tally.others.all()));
}

void print_receipts(Printer& out, const Report& report) {
    section(out, "Receipts: one for each mail and import address");
    print_lines(
        out,
        {{"imported", std::to_string(report.receipts.of(Verdict::imported))},
         {"partial", std::to_string(report.receipts.of(Verdict::partial))},
         {"failed", std::to_string(report.receipts.of(Verdict::failed))},
         {"refused", std::to_string(report.receipts.of(Verdict::refused))},
         {"documents filed", std::to_string(report.documents)}},
        indent
    );
    print_tally(out, "DAY", report.days, By::name);
    print_tally(out, "REASON", report.reasons, By::number);
    print_tally(out, "ADDRESS", report.addresses, By::number);
    print_tally(out, "SENDER DOMAIN", report.sender_domains, By::number);
    if (report.scope.client.empty()) print_tally(out, "CLIENT", report.clients, By::number);
}

// ── refusals without a receipt ───────────────────────────────────────────────────────────────────

using Rows = std::vector<std::pair<std::vector<std::string>, std::uint64_t>>;

void print_counts(Printer& out, std::vector<Column> columns, Rows rows, std::uint64_t others) {
    if (rows.empty()) return;
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return a.second > b.second;
    });
    out.line("");
    columns.push_back({"REFUSED", right});
    Table table(out, std::move(columns), std::string(indent));
    const std::size_t shown = std::min(rows.size(), max_rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i >= shown) {
            others += rows[i].second;
            continue;
        }
        rows[i].first.push_back(std::to_string(rows[i].second));
        table.row(std::move(rows[i].first));
    }
    table.end();
    if (others > 0) out.line(fmt::format("{}… and {} of others", indent, others));
}

void print_counts(Printer& out, const char* title, const RefusalCounts::Counts& counts) {
    Rows rows;
    std::uint64_t others = 0;
    for (const auto& [name, count] : counts) {
        if (name.empty())
            others += count;
        else
            rows.push_back({{name}, count});
    }
    print_counts(out, {{title}}, std::move(rows), others);
}

void print_counts(Printer& out, const char* title, const RefusalCounts::ByReason& counts) {
    Rows rows;
    std::uint64_t others = 0;
    for (const auto& [reason, names] : counts)
        for (const auto& [name, count] : names) {
            if (name.empty())
                others += count;
            else
                rows.push_back({{name, reason}, count});
        }
    print_counts(out, {{title}, {"REASON"}}, std::move(rows), others);
}

void print_sources(Printer& out, const RefusalCounts& counts) {
    std::vector<std::pair<std::string, Source>> rows(
        counts.unknown_networks.begin(), counts.unknown_networks.end()
    );
    if (rows.empty()) return;
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return a.second.count > b.second.count;
    });
    out.line("");
    Table table(
        out,
        {{"UNKNOWN ADDRESSES FROM"}, {"REFUSED", right}, {"MOST IN A DAY", right}, {"ON"}},
        std::string(indent)
    );
    const std::size_t shown = std::min(rows.size(), max_rows);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& [network, source] = rows[i];
        table.row(
            {network.empty() ? "(others)" : network,
             std::to_string(source.count),
             std::to_string(source.most),
             utc_date(source.most_on)}
        );
    }
    table.end();
    print_more(out, rows.size() - shown);
}

void print_refusals(
    Printer& out, const Report& report, std::string_view title, const RefusalCounts& counts
) {
    section(
        out,
        fmt::format(
            "{}, {} to {} in UTC: {}",
            title,
            utc_date(report.first_day),
            utc_date(report.last_day),
            counts.all
        )
    );
    print_counts(out, "REASON", counts.reasons);
    print_counts(out, "ADDRESS", counts.addresses);
    print_counts(out, "UNKNOWN ADDRESS", counts.unknown);
    print_counts(out, "NETWORK", counts.networks);
    print_sources(out, counts);
    print_counts(out, "ENVELOPE DOMAIN", counts.sender_domains);
}

/// Who wrote, as far as it is kept: "anna@kunde.example (192.0.2.0/24)".
std::string origins_of(const NearMiss& miss) {
    return fmt::format("{} ({})", join(miss.senders, ", "), join(miss.networks, ", "));
}

/// "faktury+1543030448@… (a mistyped token)": what it was perhaps meant for, and what is wrong.
std::string near_of(const NearMiss& miss) {
    if (!has_mistyped_token(miss)) return miss.near;
    return miss.near.empty() ? "(a mistyped token)" : miss.near + " (a mistyped token)";
}

void print_near_misses(Printer& out, const Report& report) {
    if (report.near_misses.empty() && report.other_near_misses == 0) return;
    section(out, "Near misses: refused recipients that were perhaps meant for an address of yours");
    Table table(
        out, {{"TRIED"}, {"NEAR"}, {"TIMES", right}, {"LAST"}, {"FROM"}}, std::string(indent)
    );
    const std::size_t shown = std::min(report.near_misses.size(), max_rows);
    for (std::size_t i = 0; i < shown; ++i) {
        const NearMiss& miss = report.near_misses[i];
        table.row(
            {miss.address,
             near_of(miss),
             std::to_string(miss.count),
             local_text(miss.last_at, report.scope.timezone),
             origins_of(miss)}
        );
    }
    table.end();
    print_more(out, report.near_misses.size() - shown);
    if (report.other_near_misses > 0)
        out.line(fmt::format("{}… and {} tries of others", indent, report.other_near_misses));
}

// ── how things stand ─────────────────────────────────────────────────────────────────────────────

void print_unresolved(Printer& out, const Report& report) {
    section(out, fmt::format("Not resolved yet, whenever it came: {}", report.unresolved_count));
    Table table(
        out, {{"ID"}, {"RECEIVED"}, {"VERDICT"}, {"CLIENT"}, {"REASONS"}}, std::string(indent)
    );
    for (const Unresolved& one : report.unresolved)
        table.row(
            {one.id,
             local_text(one.received_at, report.scope.timezone),
             std::string(name_of(one.verdict)),
             one.client,
             join(one.reasons, ", ")}
        );
    table.end();
    print_more(out, report.unresolved_count - report.unresolved.size());
    if (!report.unresolved.empty())
        out.line(fmt::format("{}kwit receipt show ID tells more about one", indent));
}

void print_state(Printer& out, const Report& report) {
    const std::string& zone = report.scope.timezone;
    section(out, "Outbox: mails that kwit owes");
    print_lines(
        out,
        {{"queued", std::to_string(report.queued)},
         {"given up", std::to_string(report.dead)},
         {"oldest", report.oldest ? local_text(*report.oldest, zone) : ""}},
        indent
    );
    const bool of_all = report.scope.client.empty();
    section(out, of_all ? "Archive" : "Archive, of this client");
    print_lines(
        out,
        {{"documents", std::to_string(report.stored)},
         {"of", of_all ? "" : readable_size(report.stored_bytes)},
         {"objects", of_all ? std::to_string(report.objects) : ""},
         {"size", of_all ? readable_size(report.object_bytes) : ""}},
        indent
    );
    section(out, "Journal head: note it outside the archive");
    print_lines(
        out,
        {{"entry", std::to_string(report.journal.n)}, {"sha256", report.journal.sha256}},
        indent
    );
}

} // namespace

std::string title_of(const Report& report, const Settings& settings) {
    constexpr std::size_t max_domains = 3;
    std::vector<std::string> names = domain_names(settings);
    if (names.size() > max_domains) {
        names.resize(max_domains);
        names.emplace_back("…");
    }
    const std::string client =
        report.scope.client.empty() ? "" : fmt::format(", client {}", report.scope.client);
    return fmt::format(
        "kwit report {} to {}: {}{}",
        date_of(report.scope.since, report.scope.timezone),
        last_date(report.scope),
        join(names, ", "),
        client
    );
}

void print_report(Printer& out, const Report& report, const Settings& settings) {
    const ReportScope& scope = report.scope;
    out.line(title_of(report, settings));
    out.line(fmt::format(
        "from {} to {} ({})",
        local_text(scope.since, scope.timezone),
        local_text(scope.until, scope.timezone),
        scope.timezone
    ));
    print_receipts(out, report);
    print_refusals(out, report, "Recipients refused or put off at RCPT", report.rcpt);
    print_near_misses(out, report);
    if (report.mail.all > 0)
        print_refusals(
            out,
            report,
            "Mails put off, or refused when there were too many for receipts",
            report.mail
        );
    print_unresolved(out, report);
    print_state(out, report);
}

} // namespace kwit::cli
