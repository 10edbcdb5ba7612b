#include "cli/report_form.hh"
#include "core/base/encode.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

constexpr std::size_t date_size = 10;
constexpr std::array verdicts = {
    Verdict::imported, Verdict::partial, Verdict::failed, Verdict::refused};

std::string utc_date(Time time) {
    return rfc3339(time).substr(0, date_size);
}

// ── JSON ─────────────────────────────────────────────────────────────────────────────────────────

Json to_json(const Verdicts& counts) {
    Json out = Json::object();
    for (const Verdict verdict : verdicts)
        out[std::string(name_of(verdict))] = counts.of(verdict);
    return out;
}

Json to_json(const Tally& tally, const char* what) {
    Json out = Json::array();
    for (const auto& [name, counts] : tally.names) {
        Json row = {{what, name.empty() ? Json() : Json(name)}};
        row.update(to_json(counts));
        out.push_back(std::move(row));
    }
    if (tally.others.all() > 0) {
        Json row = {{what, nullptr}, {"others", true}};
        row.update(to_json(tally.others));
        out.push_back(std::move(row));
    }
    return out;
}

Json to_json(const RefusalCounts::Counts& counts, const char* what) {
    Json out = Json::array();
    for (const auto& [name, count] : counts)
        out.push_back({{what, name.empty() ? Json() : Json(name)}, {"count", count}});
    return out;
}

Json to_json(const RefusalCounts::ByReason& counts) {
    Json out = Json::array();
    for (const auto& [reason, names] : counts)
        for (const auto& [name, count] : names)
            out.push_back(
                {{"address", name.empty() ? Json() : Json(name)},
                 {"reason", reason},
                 {"count", count}}
            );
    return out;
}

Json to_json(const std::map<std::string, Source>& sources) {
    Json out = Json::array();
    for (const auto& [network, source] : sources)
        out.push_back(
            {{"network", network.empty() ? Json() : Json(network)},
             {"count", source.count},
             {"most", source.most},
             {"most_on", utc_date(source.most_on)}}
        );
    return out;
}

Json to_json(const NearMiss& miss) {
    return {
        {"address", miss.address},
        {"near", miss.near.empty() ? Json() : Json(miss.near)},
        {"mistyped", has_mistyped_token(miss)},
        {"client", miss.client.empty() ? Json() : Json(miss.client)},
        {"count", miss.count},
        {"first_at", rfc3339(miss.first_at)},
        {"last_at", rfc3339(miss.last_at)},
        {"senders", miss.senders},
        {"networks", miss.networks}};
}

Json near_misses_of(const Report& report) {
    Json misses = Json::array();
    for (const NearMiss& miss : report.near_misses)
        misses.push_back(to_json(miss));
    return misses;
}

Json to_json(const RefusalCounts& counts) {
    return {
        {"all", counts.all},
        {"by_reason", to_json(counts.reasons, "reason")},
        {"by_address", to_json(counts.addresses)},
        {"by_unknown_address", to_json(counts.unknown)},
        {"by_network", to_json(counts.networks, "network")},
        {"unknown_by_network", to_json(counts.unknown_networks)},
        {"by_sender_domain", to_json(counts.sender_domains, "sender_domain")}};
}

Json to_json(const Unresolved& one) {
    return {
        {"id", one.id},
        {"received_at", rfc3339(one.received_at)},
        {"client", one.client},
        {"address", one.address},
        {"verdict", name_of(one.verdict)},
        {"reasons", one.reasons}};
}

/// Objects are everybody's: of one client they are not told.
Json store_of(const Report& report) {
    const bool of_all = report.scope.client.empty();
    return {
        {"objects", of_all ? Json(report.objects) : Json()},
        {"bytes", of_all ? report.object_bytes : report.stored_bytes},
        {"documents", report.stored}};
}

// ── CSV ──────────────────────────────────────────────────────────────────────────────────────────

/// The lines of the flat table.
class Flat {
public:
    explicit Flat(Printer& out) : out_(out) { line("section", "name", "measure", "value"); }

    void line(
        std::string_view section,
        std::string_view name,
        std::string_view measure,
        std::string_view value
    ) {
        const std::string text = fmt::format(
            "{},{},{},{}\r\n",
            csv_field(section),
            csv_field(name),
            csv_field(measure),
            csv_field(value)
        );
        out_.raw(as_bytes(text));
    }

    void number(
        std::string_view section,
        std::string_view name,
        std::string_view measure,
        std::uint64_t value
    ) {
        line(section, name, measure, std::to_string(value));
    }

    void add(std::string_view section, std::string_view name, const Verdicts& counts) {
        for (const Verdict verdict : verdicts)
            number(section, name, name_of(verdict), counts.of(verdict));
    }

    void add(std::string_view section, const Tally& tally) {
        for (const auto& [name, counts] : tally.names)
            add(section, name, counts);
        if (tally.others.all() > 0) add(section, "(others)", tally.others);
    }

    void add(const std::string& section, const RefusalCounts::Counts& counts) {
        for (const auto& [name, count] : counts)
            number(section, name.empty() ? "(others)" : name, "refused", count);
    }

    void add(const std::string& section, const RefusalCounts::ByReason& counts) {
        for (const auto& [reason, names] : counts)
            for (const auto& [name, count] : names)
                number(section, name.empty() ? "(others)" : name, reason, count);
    }

    void add(const std::string& section, const RefusalCounts& counts) {
        number(section, "", "refused", counts.all);
        add(section + "-reason", counts.reasons);
        add(section + "-address", counts.addresses);
        add(section + "-unknown-address", counts.unknown);
        add(section + "-network", counts.networks);
        for (const auto& [network, source] : counts.unknown_networks) {
            const std::string name = network.empty() ? "(others)" : network;
            number(section + "-unknown-network", name, "refused", source.count);
            number(section + "-unknown-network", name, "most", source.most);
            line(section + "-unknown-network", name, "most-on", utc_date(source.most_on));
        }
        add(section + "-sender-domain", counts.sender_domains);
    }

private:
    Printer& out_;
};

void add_near_misses(Flat& flat, const Report& report) {
    for (const NearMiss& miss : report.near_misses) {
        if (!miss.near.empty()) flat.line("near-miss", miss.address, "near", miss.near);
        if (has_mistyped_token(miss)) flat.line("near-miss", miss.address, "mistyped", "token");
        flat.number("near-miss", miss.address, "count", miss.count);
        flat.line("near-miss", miss.address, "first", rfc3339(miss.first_at));
        flat.line("near-miss", miss.address, "last", rfc3339(miss.last_at));
        for (const std::string& sender : miss.senders)
            flat.line("near-miss", miss.address, "sender", sender);
        for (const std::string& network : miss.networks)
            flat.line("near-miss", miss.address, "network", network);
    }
    if (report.other_near_misses > 0)
        flat.number("near-miss", "(others)", "count", report.other_near_misses);
}

void add_state(Flat& flat, const Report& report) {
    flat.number("unresolved", "", "count", report.unresolved_count);
    for (const Unresolved& one : report.unresolved)
        flat.line("unresolved", one.id, name_of(one.verdict), rfc3339(one.received_at));
    flat.number("outbox", "", "queued", report.queued);
    flat.number("outbox", "", "dead", report.dead);
    if (report.oldest) flat.line("outbox", "", "oldest", rfc3339(*report.oldest));
    const bool of_all = report.scope.client.empty();
    if (of_all) flat.number("store", "", "objects", report.objects);
    flat.number("store", "", "bytes", of_all ? report.object_bytes : report.stored_bytes);
    flat.number("store", "", "documents", report.stored);
    flat.number("journal", "", "n", report.journal.n);
    flat.line("journal", "", "sha256", report.journal.sha256);
}

} // namespace

Json to_json(const Report& report) {
    Json unresolved = Json::array();
    for (const Unresolved& one : report.unresolved)
        unresolved.push_back(to_json(one));
    const ReportScope& scope = report.scope;
    return {
        {"since", rfc3339(scope.since)},
        {"until", rfc3339(scope.until)},
        {"timezone", scope.timezone},
        {"client", scope.client.empty() ? Json() : Json(scope.client)},
        {"receipts", to_json(report.receipts)},
        {"documents", report.documents},
        {"by_day", to_json(report.days, "day")},
        {"by_reason", to_json(report.reasons, "reason")},
        {"by_address", to_json(report.addresses, "address")},
        {"by_sender_domain", to_json(report.sender_domains, "sender_domain")},
        {"by_client", to_json(report.clients, "client")},
        {"counted",
         {{"first_day", utc_date(report.first_day)}, {"last_day", utc_date(report.last_day)}}},
        {"rcpt_refusals", to_json(report.rcpt)},
        {"mail_refusals", to_json(report.mail)},
        {"near_misses", near_misses_of(report)},
        {"other_near_misses", report.other_near_misses},
        {"unresolved", {{"count", report.unresolved_count}, {"receipts", unresolved}}},
        {"outbox",
         {{"queued", report.queued},
          {"dead", report.dead},
          {"oldest", report.oldest ? Json(rfc3339(*report.oldest)) : Json()}}},
        {"store", store_of(report)},
        {"journal", {{"n", report.journal.n}, {"sha256", report.journal.sha256}}}};
}

void print_csv(Printer& out, const Report& report) {
    Flat flat(out);
    flat.line("period", "", "since", rfc3339(report.scope.since));
    flat.line("period", "", "until", rfc3339(report.scope.until));
    if (!report.scope.client.empty()) flat.line("period", "", "client", report.scope.client);
    flat.add("receipts", "", report.receipts);
    flat.number("documents", "", "filed", report.documents);
    flat.add("day", report.days);
    flat.add("reason", report.reasons);
    flat.add("address", report.addresses);
    flat.add("sender-domain", report.sender_domains);
    flat.add("client", report.clients);
    flat.line("counted", "", "first-day", utc_date(report.first_day));
    flat.line("counted", "", "last-day", utc_date(report.last_day));
    flat.add("rcpt", report.rcpt);
    flat.add("mail", report.mail);
    add_near_misses(flat, report);
    add_state(flat, report);
}

} // namespace kwit::cli
