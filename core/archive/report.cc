#include "core/archive/report.hh"

#include "core/archive/directory_rows.hh"
#include "core/archive/keys.hh"
#include "core/archive/object_rows.hh"
#include "core/archive/rows.hh"
#include "core/archive/seen.hh"
#include "core/base/text.hh"

#include <algorithm>

namespace kwit {

namespace {

constexpr std::chrono::hours noon{12};

std::string domain_in(const std::string& address) {
    const std::size_t at = address.rfind('@');
    return at == std::string::npos ? std::string() : lower(address.substr(at + 1));
}

std::vector<std::string> reasons_of(const Receipt& receipt) {
    std::vector<std::string> reasons;
    for (const Finding& finding : receipt.findings) {
        const std::string code(code_of(finding.reason));
        if (std::find(reasons.begin(), reasons.end(), code) == reasons.end())
            reasons.push_back(code);
    }
    return reasons;
}

/// The first UTC day of the counters: of a day that is only touched, the larger part decides, so
/// that periods side by side share none.
Time first_day_of(const ReportScope& scope) {
    return std::chrono::ceil<std::chrono::days>(scope.since - noon);
}

Time last_day_of(const ReportScope& scope) {
    if (scope.until >= scope.now) return day_of(scope.now);
    return std::chrono::ceil<std::chrono::days>(scope.until - noon) - std::chrono::days(1);
}

class Reporter {
public:
    Reporter(const Archive& archive, const lmdb::Txn& txn, const ReportScope& scope)
        : archive_(archive), tables_(archive.tables()), txn_(txn) {
        report_.scope = scope;
    }

    Result<Report> run() {
        if (!client().empty()) TRY(load_client(archive_, txn_, client()));
        TRY(read_period());
        TRY(read_state());
        return std::move(report_);
    }

private:
    [[nodiscard]] const std::string& client() const { return report_.scope.client; }

    Result<void> each(
        const lmdb::Table& table,
        const lmdb::Range& range,
        const std::function<Result<void>(const lmdb::Entry&)>& step
    ) {
        return txn_.scan(table, range, [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
            TRY(step(entry));
            return lmdb::Walk::on;
        });
    }

    /// The receipt whose id ends the key, when it is of the client.
    Result<std::optional<Receipt>> receipt_of(std::string_view key) {
        constexpr std::size_t id_size = 16;
        const Ulid id = TRY(keys::to_ulid(key.substr(key.size() - std::min(key.size(), id_size))));
        auto receipt = TRY(load_receipt(archive_, txn_, id));
        if (receipt && !client().empty() && receipt->client != client()) receipt.reset();
        return receipt;
    }

    Result<void> read_period() {
        TRY(read_receipts());
        TRY(count_documents());
        TRY(read_counters());
        return read_near_misses();
    }

    /// Those that came with mails, and those that were filed by hand.
    Result<void> count_documents() {
        const bool of_all = client().empty();
        const std::string prefix = of_all ? std::string() : keys::group(client());
        const lmdb::Range range =
            keys::ids(prefix, report_.scope.since, report_.scope.until, lmdb::Order::ascending);
        const lmdb::Table& table = of_all ? tables_.documents : tables_.documents_by_client;
        return each(table, range, [&](const lmdb::Entry&) -> Result<void> {
            ++report_.documents;
            return {};
        });
    }

    /// How things stand, whatever the period.
    Result<void> read_state() {
        TRY(read_unresolved());
        TRY(read_outbox());
        TRY(client().empty() ? read_store() : read_store_of_client());
        report_.journal = TRY(journal_head(archive_, txn_));
        return {};
    }

    Result<void> read_receipts() {
        const bool of_all = client().empty();
        const std::string prefix = of_all ? std::string() : keys::group(client());
        const lmdb::Range range =
            keys::ids(prefix, report_.scope.since, report_.scope.until, lmdb::Order::ascending);
        const lmdb::Table& table = of_all ? tables_.receipts : tables_.receipts_by_client;
        return each(table, range, [&](const lmdb::Entry& entry) -> Result<void> {
            const auto receipt = TRY(receipt_of(entry.key));
            if (receipt) count(*receipt);
            return {};
        });
    }

    void count(const Receipt& receipt) {
        constexpr std::size_t date_size = 10;
        const Verdict verdict = receipt.verdict;
        report_.receipts.count(verdict);
        for (const std::string& reason : reasons_of(receipt))
            report_.reasons.count(reason, verdict);
        report_.addresses.count(receipt.address, verdict);
        report_.sender_domains.count(domain_in(receipt.sender), verdict);
        report_.clients.count(receipt.client, verdict);
        report_.days.count(
            local_text(receipt.received_at, report_.scope.timezone).substr(0, date_size), verdict
        );
    }

    Result<void> read_counters() {
        report_.first_day = first_day_of(report_.scope);
        report_.last_day = last_day_of(report_.scope);
        // A period of less than a day, or of the rest of one, is told the counters of that day.
        if (report_.first_day > report_.last_day) report_.first_day = report_.last_day;
        return each_counter(
            archive_,
            txn_,
            report_.first_day,
            report_.last_day,
            [&](const CounterRow& row) -> Result<void> {
                RefusalCounts& counts =
                    row.group.what == Counted::rcpt ? report_.rcpt : report_.mail;
                return client().empty() ? count(counts, row) : count_of_client(counts, row);
            }
        );
    }

    static Result<void> count(RefusalCounts& counts, const CounterRow& row) {
        const std::uint64_t count = row.count.count;
        switch (row.group.by) {
        case CountedBy::reason:
            counts.all += count;
            counts.reasons[row.group.reason] += count;
            break;
        case CountedBy::address:
            counts.addresses[row.group.reason][row.name] += count;
            break;
        case CountedBy::unknown:
            counts.unknown[row.group.reason][row.name] += count;
            break;
        case CountedBy::network:
            counts.networks[row.name] += count;
            if (row.group.reason == code_of(Reason::address_unknown))
                add(counts.unknown_networks[row.name], row);
            break;
        case CountedBy::sender_domain:
            counts.sender_domains[row.name] += count;
            break;
        }
        return {};
    }

    /// A day has one row of a network and reason.
    static void add(Source& source, const CounterRow& row) {
        source.count += row.count.count;
        if (row.count.count <= source.most) return;
        source.most = row.count.count;
        source.most_on = row.group.day;
    }

    /// Of a client only what was near one of theirs.
    Result<void> read_near_misses() {
        std::map<std::string, NearMiss> misses;
        const auto take = [&](const NearMiss& miss) -> Result<void> {
            const bool wanted = client().empty() || miss.client == client();
            if (!wanted) return {};
            if (miss.address.empty()) {
                report_.other_near_misses += miss.count;
                return {};
            }
            const auto [known, is_new] = misses.try_emplace(miss.address, miss);
            if (!is_new) merge(known->second, miss);
            return {};
        };
        TRY(each_near_miss(archive_, txn_, report_.first_day, report_.last_day, take));
        list(misses);
        return {};
    }

    void list(const std::map<std::string, NearMiss>& misses) {
        std::vector<NearMiss>& listed = report_.near_misses;
        for (const auto& [address, miss] : misses)
            listed.push_back(miss);
        std::stable_sort(listed.begin(), listed.end(), [](const NearMiss& a, const NearMiss& b) {
            if (a.near.empty() != b.near.empty()) return b.near.empty();
            return a.count > b.count;
        });
        for (std::size_t i = Report::max_near_misses; i < listed.size(); ++i)
            report_.other_near_misses += listed[i].count;
        if (listed.size() > Report::max_near_misses) listed.resize(Report::max_near_misses);
    }

    /// Of a client only what was refused at addresses of theirs is known.
    Result<void> count_of_client(RefusalCounts& counts, const CounterRow& row) {
        if (row.group.by != CountedBy::address || row.name.empty()) return {};
        const auto address =
            TRY(load<ImportAddress>(txn_, tables_.addresses, keys::address(row.name), row.name));
        if (!address || address->client != client()) return {};
        counts.all += row.count.count;
        counts.reasons[row.group.reason] += row.count.count;
        counts.addresses[row.group.reason][row.name] += row.count.count;
        return {};
    }

    Result<void> read_unresolved() {
        return each(tables_.receipts_unresolved, {}, [&](const lmdb::Entry& entry) -> Result<void> {
            const bool is_shown = report_.unresolved.size() < Report::max_unresolved;
            if (!is_shown && client().empty()) {
                ++report_.unresolved_count;
                return {};
            }
            const auto receipt = TRY(receipt_of(entry.key));
            if (!receipt) return {};
            ++report_.unresolved_count;
            if (is_shown)
                report_.unresolved.push_back(
                    {.id = receipt->id,
                     .received_at = receipt->received_at,
                     .client = receipt->client,
                     .address = receipt->address,
                     .verdict = receipt->verdict,
                     .reasons = reasons_of(*receipt)}
                );
            return {};
        });
    }

    /// Whether the mail that is owed is about the client.
    Result<bool> is_of_client(const OutboxRow& row) {
        if (client().empty()) return true;
        if (is_letter(row.kind)) return row.client == client();
        const Ulid id = TRY(Ulid::parse(row.receipt));
        const auto receipt = TRY(load_receipt(archive_, txn_, id));
        return receipt && receipt->client == client();
    }

    Result<void> read_outbox() {
        return each(tables_.outbox, {}, [&](const lmdb::Entry& entry) -> Result<void> {
            const auto row = TRY(decode<OutboxRow>(entry.value, "a row of table outbox"));
            const bool wanted = TRY(is_of_client(row));
            if (!wanted) return {};
            ++(row.state == "dead" ? report_.dead : report_.queued);
            if (!report_.oldest || row.created_at < *report_.oldest)
                report_.oldest = row.created_at;
            return {};
        });
    }

    Result<void> read_store() {
        const lmdb::TableStat documents = TRY(txn_.stat(tables_.documents));
        report_.stored = documents.entries;
        return each(tables_.objects, {}, [&](const lmdb::Entry& entry) -> Result<void> {
            const ObjectRow row = TRY(decode_object(entry.value, "a row of table objects"));
            ++report_.objects;
            report_.object_bytes += row.size;
            return {};
        });
    }

    Result<void> read_store_of_client() {
        const std::string prefix = keys::group(client());
        const auto look = [&](const lmdb::Entry& entry) -> Result<void> {
            const std::string key(entry.key.substr(prefix.size()));
            const auto document =
                TRY(load<Document>(txn_, tables_.documents, key, "of client " + client()));
            if (!document) return {};
            ++report_.stored;
            report_.stored_bytes += document->size;
            return {};
        };
        return each(tables_.documents_by_client, lmdb::Range::prefix(prefix), look);
    }

    const Archive& archive_;
    const Tables& tables_;
    const lmdb::Txn& txn_;
    Report report_{};
};

} // namespace

void Tally::count(const std::string& name, Verdict verdict) {
    const auto known = names.find(name);
    if (known != names.end())
        known->second.count(verdict);
    else if (names.size() < max_names)
        names[name].count(verdict);
    else
        others.count(verdict);
}

Result<Report> make_report(const Archive& archive, const ReportScope& scope) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    return Reporter(archive, txn, scope).run();
}

} // namespace kwit
