// What came in and what was refused in a period, and how the archive stands: read from one snapshot
// of the index, receipt by receipt. For `kwit report`.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/counters.hh"
#include "core/archive/journal.hh"
#include "core/archive/near_misses.hh"
#include "core/model/receipt.hh"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

struct ReportScope {
    Time since{};
    Time until{};           ///< before this
    Time now{};             ///< until this moment, today's counters belong to the period too
    std::string client{};   ///< empty: of all
    std::string timezone{}; ///< whose days are counted
};

/// How many receipts have each verdict.
struct Verdicts {
    std::array<std::uint64_t, 4> by{};

    void count(Verdict verdict) { ++by.at(static_cast<std::size_t>(verdict)); }

    [[nodiscard]] std::uint64_t of(Verdict verdict) const {
        return by.at(static_cast<std::size_t>(verdict));
    }

    [[nodiscard]] std::uint64_t all() const { return by[0] + by[1] + by[2] + by[3]; }
};

/// Receipts by some name, in bounded memory.
struct Tally {
    static constexpr std::size_t max_names = 10'000;

    std::map<std::string, Verdicts> names{};
    Verdicts others{}; ///< of names past the limit

    void count(const std::string& name, Verdict verdict);
};

/// A receipt that somebody still has to do something about.
struct Unresolved {
    std::string id;
    Time received_at{};
    std::string client;
    std::string address;
    Verdict verdict{};
    std::vector<std::string> reasons;
};

/// Where unknown recipients came from.
struct Source {
    std::uint64_t count = 0;
    std::uint64_t most = 0; ///< on one day
    Time most_on{};         ///< the first such day
};

/// Refusals without a receipt, of the UTC days of the period; the empty name is all others.
struct RefusalCounts {
    using Counts = std::map<std::string, std::uint64_t>;
    using ByReason = std::map<std::string, Counts>; ///< reason -> name -> count

    std::uint64_t all = 0;
    Counts reasons{};
    ByReason addresses{}; ///< known ones
    ByReason unknown{};   ///< the most frequent
    Counts networks{};
    std::map<std::string, Source> unknown_networks{}; ///< of unknown ones alone
    Counts sender_domains{};
};

struct Report {
    static constexpr std::size_t max_unresolved = 50;
    static constexpr std::size_t max_near_misses = 200;

    ReportScope scope{};
    Verdicts receipts{};
    std::uint64_t documents = 0; ///< filed in the period
    Tally reasons{};             ///< each reason of a receipt counts once
    Tally addresses{};
    Tally sender_domains{}; ///< of the From: address; empty: it was not clear
    Tally clients{};
    Tally days{}; ///< "2026-11-21" in the scope's zone

    Time first_day{}; ///< of the counters, UTC
    Time last_day{};
    RefusalCounts rcpt{};
    RefusalCounts mail{}; ///< past the number of an address and day that gets receipts

    std::vector<NearMiss> near_misses{}; ///< near known addresses first, the most frequent
    std::uint64_t other_near_misses = 0; ///< times that one was tried that is not listed

    std::vector<Unresolved> unresolved{}; ///< the oldest, whenever they came
    std::uint64_t unresolved_count = 0;

    std::uint64_t queued = 0;
    std::uint64_t dead = 0;
    std::optional<Time> oldest{}; ///< of the outbox: since when it is owed

    std::uint64_t objects = 0;      ///< of everybody; not read for one client
    std::uint64_t object_bytes = 0; ///< the same
    std::uint64_t stored = 0;       ///< documents there are
    std::uint64_t stored_bytes = 0; ///< of the documents of a client; not read for all

    JournalHead journal{};
};

/// `refused` when the client is not there.
Result<Report> make_report(const Archive& archive, const ReportScope& scope);

} // namespace kwit
