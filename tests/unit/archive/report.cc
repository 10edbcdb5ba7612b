#include "core/archive/report.hh"

#include "core/archive/keys.hh"
#include "core/archive/letters.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

using std::chrono::days;
using std::chrono::hours;

Time utc(std::string_view text) {
    const auto time = parse_rfc3339(text);
    REQUIRE(time.has_value());
    return *time;
}

ReportScope whole_day() {
    return {
        .since = utc("2026-11-21T00:00:00Z"),
        .until = utc("2026-11-22T00:00:00Z"),
        .now = test::at_ten() + days(30),
        .timezone = "UTC"};
}

Report report_of(const Archive& archive, const ReportScope& scope = whole_day()) {
    auto report = make_report(archive, scope);
    REQUIRE_GOOD(report);
    return *std::move(report);
}

ReceiptDraft draft(Archive& archive, const std::string& identity, Verdict verdict) {
    ReceiptDraft draft = test::draft_of(archive, "%PDF-" + identity, identity);
    draft.receipt.verdict = verdict;
    if (verdict == Verdict::imported) return draft;
    draft.receipt.findings = {
        {.reason = Reason::part_not_accepted, .part = 2},
        {.reason = Reason::part_not_accepted, .part = 3},
        {.reason = Reason::type_mismatch, .part = 4}};
    if (verdict == Verdict::partial) return draft;
    draft.documents.clear();
    draft.notices.clear();
    if (verdict == Verdict::refused) draft.receipt.original.clear();
    return draft;
}

std::string keep_one(Archive& archive, const ReceiptDraft& draft, Time at = test::at_ten()) {
    const auto kept = keep(archive, test::mail_of(draft, at));
    REQUIRE_GOOD(kept);
    return kept->front().receipt_id;
}

/// Two clients; an imported, a partial, a failed and a refused mail.
struct Busy {
    test::World world{};
    std::string partial{};
    std::string failed{};

    Busy() {
        REQUIRE_GOOD(add_client(archive(), {.id = "20001", .name = "Logistik"}, test::office()));
        keep_one(archive(), draft(archive(), "one", Verdict::imported));
        partial = keep_one(archive(), draft(archive(), "two", Verdict::partial));
        ReceiptDraft other = draft(archive(), "three", Verdict::failed);
        other.receipt.client = "20001";
        other.receipt.address = "x@in.example.com";
        other.receipt.sender = "Bill@Lieferant.example";
        failed = keep_one(archive(), other, test::at_ten() + hours(1));
        ReceiptDraft refused = draft(archive(), "four", Verdict::refused);
        refused.receipt.sender.clear();
        keep_one(archive(), refused, test::at_ten() + hours(2));
    }

    Archive& archive() { return world.archive(); }
};

std::string shown(const Tally& tally) {
    std::string out;
    for (const auto& [name, counts] : tally.names)
        out += fmt::format(
            "{} {}{}{}{}\n", name, counts.by[0], counts.by[1], counts.by[2], counts.by[3]
        );
    return out;
}

} // namespace

TEST_SUITE("archive/report") {
    TEST_CASE("receipts are counted by verdict, reason, address, sender domain, client and day") {
        Busy busy;
        const Report report = report_of(busy.archive());
        CHECK(report.receipts.by == std::array<std::uint64_t, 4>{1, 1, 1, 1});
        CHECK(report.documents == 2);
        CHECK(shown(report.reasons) == "part-not-accepted 0111\ntype-mismatch 0111\n");
        CHECK(
            shown(report.addresses) ==
            "faktury+1543030448@in.example.com 1101\nx@in.example.com 0010\n"
        );
        CHECK(
            shown(report.sender_domains) == " 0001\nkunde.example 1100\nlieferant.example 0010\n"
        );
        CHECK(shown(report.clients) == "10023 1101\n20001 0010\n");
        CHECK(shown(report.days) == "2026-11-21 1111\n");
    }

    TEST_CASE("a period has what came from its beginning on and before its end, in its own days") {
        Busy busy;
        ReportScope scope = whole_day();
        scope.since = test::at_ten() + hours(1);
        scope.until = test::at_ten() + hours(2);
        CHECK(report_of(busy.archive(), scope).receipts.all() == 1);
        scope.until += Milliseconds(1);
        CHECK(report_of(busy.archive(), scope).receipts.all() == 2);
        ReceiptDraft late = draft(busy.archive(), "late", Verdict::imported);
        late.receipt.received_at = utc("2026-11-21T23:30:00Z");
        keep_one(busy.archive(), late, late.receipt.received_at);
        scope = whole_day();
        scope.timezone = "Europe/Warsaw";
        CHECK(shown(report_of(busy.archive(), scope).days) == "2026-11-21 1111\n2026-11-22 1000\n");
    }

    TEST_CASE("what is not resolved is listed whenever it came, up to the limit") {
        Busy busy;
        ReportScope never = whole_day();
        never.since = utc("2026-01-01T00:00:00Z");
        never.until = utc("2026-01-02T00:00:00Z");
        const Report report = report_of(busy.archive(), never);
        CHECK(report.receipts.all() == 0);
        CHECK(report.unresolved_count == 2);
        REQUIRE(report.unresolved.size() == 2);
        CHECK(report.unresolved[0].id == busy.partial);
        CHECK(report.unresolved[0].verdict == Verdict::partial);
        CHECK(
            report.unresolved[0].reasons ==
            std::vector<std::string>{"part-not-accepted", "type-mismatch"}
        );
        CHECK(report.unresolved[1].client == "20001");
        for (std::size_t i = 2; i < Report::max_unresolved + 1; ++i)
            keep_one(busy.archive(), draft(busy.archive(), fmt::format("u{}", i), Verdict::failed));
        const Report full = report_of(busy.archive());
        CHECK(full.unresolved.size() == Report::max_unresolved);
        CHECK(full.unresolved_count == Report::max_unresolved + 1);
        REQUIRE_GOOD(resolve_receipt(busy.archive(), busy.partial, test::office()));
        CHECK(report_of(busy.archive()).unresolved_count == Report::max_unresolved);
    }

    TEST_CASE("outbox, store and journal are told as they stand") {
        Busy busy;
        Archive& archive = busy.archive();
        const auto rows = list_outbox(archive);
        REQUIRE_GOOD(rows);
        REQUIRE(rows->size() == 2);
        REQUIRE_GOOD(mark_dead(archive, rows->at(0).id, "550 nobody", test::office()));
        const By later{"biuro", test::at_ten() - hours(5)};
        const Letter letter{
            .kind = NoticeKind::card,
            .to = "a@b.example",
            .client = "20001",
            .subject = "x",
            .text = "x"};
        REQUIRE_GOOD(queue_letters(archive, {letter}, later));
        const Report report = report_of(archive);
        CHECK(report.queued == 2);
        CHECK(report.dead == 1);
        CHECK(report.oldest == later.at);
        CHECK(report.stored == 2);
        CHECK(report.objects == 5); // two documents, three originals
        CHECK(report.object_bytes > 0);
        CHECK(report.journal.n == journal_head(archive)->n);
        CHECK(report.journal.sha256 == journal_head(archive)->sha256);
        const Report empty = report_of(test::World().archive());
        CHECK(empty.queued + empty.dead + empty.objects + empty.stored == 0);
        CHECK_FALSE(empty.oldest.has_value());
    }

    TEST_CASE("a client's report has nothing of others") {
        Busy busy;
        Archive& archive = busy.archive();
        Counters counters;
        CountedRefusal refusal{
            .at = test::at_ten(),
            .reason = Reason::message_too_large,
            .address = std::string(test::tagged_address),
            .is_known = true};
        counters.count(refusal);
        refusal.address = "nobody@in.example.com";
        refusal.is_known = false;
        counters.count(refusal);
        REQUIRE_GOOD(add_counters(archive, counters));
        ReportScope scope = whole_day();
        scope.client = "10023";
        const Report report = report_of(archive, scope);
        CHECK(report.receipts.by == std::array<std::uint64_t, 4>{1, 1, 0, 1});
        CHECK(report.unresolved_count == 1);
        CHECK(report.queued == 2);
        CHECK(report.stored == 2);
        CHECK(report.stored_bytes == 16);
        CHECK(report.objects == 0);
        CHECK(report.rcpt.all == 1);
        CHECK(report.rcpt.unknown.empty());
        CHECK(report.rcpt.networks.empty());
        scope.client = "20001";
        const Report other = report_of(archive, scope);
        CHECK(other.receipts.by == std::array<std::uint64_t, 4>{0, 0, 1, 0});
        CHECK(other.rcpt.all == 0);
        CHECK(other.queued == 0);
        CHECK(report_of(archive).rcpt.all == 2);
        scope.client = "99999";
        const auto nobody = make_report(archive, scope);
        REQUIRE_FALSE(nobody.has_value());
        CHECK(nobody.error().kind == Kind::refused);
    }

    TEST_CASE("unknown recipients are told by where they came from, with the worst day of each") {
        test::World world;
        Counters counters;
        const auto count = [&](std::string_view time, const char* network, Reason reason) {
            counters.count({.at = utc(time), .reason = reason, .address = "x", .network = network});
        };
        count("2026-11-20T08:00:00Z", "192.0.2.0/24", Reason::address_unknown);
        count("2026-11-21T08:00:00Z", "192.0.2.0/24", Reason::address_unknown);
        count("2026-11-21T09:00:00Z", "192.0.2.0/24", Reason::address_unknown);
        count("2026-11-21T09:00:00Z", "192.0.2.0/24", Reason::busy);
        count("2026-11-21T09:00:00Z", "198.51.100.0/24", Reason::busy);
        REQUIRE_GOOD(add_counters(world.archive(), counters));
        ReportScope scope = whole_day();
        scope.since -= days(1);
        const Report report = report_of(world.archive(), scope);
        CHECK(
            report.rcpt.networks ==
            RefusalCounts::Counts{{"192.0.2.0/24", 4}, {"198.51.100.0/24", 1}}
        );
        REQUIRE(report.rcpt.unknown_networks.size() == 1);
        const Source& source = report.rcpt.unknown_networks.at("192.0.2.0/24");
        CHECK(source.count == 3);
        CHECK(source.most == 2);
        CHECK(source.most_on == utc("2026-11-21T00:00:00Z"));
    }

    TEST_CASE("networks that were counted without their reasons are counted still") {
        test::World world;
        const std::string key = keys::time(utc("2026-11-21T00:00:00Z")) + keys::group("rcpt") +
                                keys::group("network") + keys::group("") + "192.0.2.0/24";
        world.tamper("counters", key, to_cbor(Json({{"count", 7}, {"before", 0}})));
        const Report report = report_of(world.archive());
        CHECK(report.rcpt.networks == RefusalCounts::Counts{{"192.0.2.0/24", 7}});
        CHECK(report.rcpt.unknown_networks.empty());
    }

    TEST_CASE("near misses are told once for all days, those near an address first") {
        test::World world;
        Archive& archive = world.archive();
        const auto miss = [&](const char* address, std::string_view time, std::uint64_t times) {
            Misses misses;
            misses.add(
                {.address = address,
                 .count = times,
                 .first_at = utc(time),
                 .last_at = utc(time),
                 .senders = {"anna@kunde.example"}}
            );
            REQUIRE_GOOD(add_near_misses(archive, misses));
        };
        miss("faktury+1543030449@in.example.com", "2026-11-20T08:00:00Z", 1);
        miss("faktury+1543030449@in.example.com", "2026-11-21T08:00:00Z", 2);
        miss("faktury+154303044@in.example.com", "2026-11-21T08:00:00Z", 4);
        miss("4u7u5j3y3m-x@in.example.com", "2026-11-21T08:00:00Z", 9);
        ReportScope scope = whole_day();
        scope.since -= days(1);
        const Report report = report_of(archive, scope);
        REQUIRE(report.near_misses.size() == 3);
        CHECK(report.near_misses[0].count == 4);
        CHECK(report.near_misses[1].address == "faktury+1543030449@in.example.com");
        CHECK(report.near_misses[1].count == 3);
        CHECK(report.near_misses[1].first_at == utc("2026-11-20T08:00:00Z"));
        CHECK(report.near_misses[2].near.empty());
        CHECK(report.other_near_misses == 0);
        CHECK(report_of(archive).near_misses[1].count == 2);
        scope.client = "10023";
        CHECK(report_of(archive, scope).near_misses.size() == 2);
        REQUIRE_GOOD(add_client(archive, {.id = "20001", .name = "Logistik"}, test::office()));
        scope.client = "20001";
        CHECK(report_of(archive, scope).near_misses.empty());
    }

    TEST_CASE("counters are of the UTC days that lie in the period for the larger part") {
        test::World world;
        for (int day = 19; day <= 23; ++day) {
            Counters counters;
            counters.count(
                {.at = utc(fmt::format("2026-11-{}T08:00:00Z", day)),
                 .reason = Reason::address_unknown,
                 .address = "x@in.example.com"}
            );
            REQUIRE_GOOD(add_counters(world.archive(), counters));
        }

        struct Case {
            std::string_view since;
            std::string_view until;
            std::string_view now;
            std::uint64_t count;
            std::string_view first;
        };

        for (const Case& c :
             {// two whole days, in UTC, east and west of it
              Case{"2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z", "2026-12-01T00:00:00Z", 2, "20"},
              {"2026-11-19T23:00:00Z", "2026-11-21T23:00:00Z", "2026-12-01T00:00:00Z", 2, "20"},
              {"2026-11-20T05:00:00Z", "2026-11-22T05:00:00Z", "2026-12-01T00:00:00Z", 2, "20"},
              // until now: today is in it, however young it is
              {"2026-11-20T00:00:00Z", "2026-11-22T09:00:00Z", "2026-11-22T09:00:00Z", 3, "20"},
              {"2026-11-20T00:00:00Z", "2027-01-01T00:00:00Z", "2026-11-22T09:00:00Z", 3, "20"},
              // less than a day
              {"2026-11-22T08:00:00Z", "2026-11-22T09:00:00Z", "2026-11-22T09:00:00Z", 1, "22"},
              {"2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z", "2026-11-22T15:00:00Z", 1, "22"},
              {"2026-11-21T08:00:00Z", "2026-11-21T14:00:00Z", "2026-12-01T00:00:00Z", 1, "21"}}) {
            CAPTURE(c.since);
            CAPTURE(c.until);
            const Report report = report_of(
                world.archive(),
                {.since = utc(c.since), .until = utc(c.until), .now = utc(c.now), .timezone = "UTC"}
            );
            CHECK(report.rcpt.all == c.count);
            CHECK(rfc3339(report.first_day).substr(8, 2) == c.first);
        }
    }

    TEST_CASE("a list holds so many names, and counts what is past them") {
        Tally tally;
        for (std::size_t i = 0; i < Tally::max_names; ++i)
            tally.count(fmt::format("{}", i), Verdict::imported);
        CHECK(tally.others.all() == 0);
        tally.count("one more", Verdict::refused);
        tally.count("0", Verdict::refused);
        CHECK(tally.names.size() == Tally::max_names);
        CHECK(tally.others.of(Verdict::refused) == 1);
        CHECK(tally.names.at("0").all() == 2);
    }
}

} // namespace kwit
