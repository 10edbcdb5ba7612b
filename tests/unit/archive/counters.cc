#include "core/archive/counters.hh"

#include "core/archive/inspect.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

CountedRefusal refused(const std::string& address, Reason reason = Reason::address_unknown) {
    return {
        .at = test::at_ten(),
        .reason = reason,
        .address = address,
        .network = "192.0.2.0/24",
        .sender_domain = "kunde.example"};
}

std::vector<CounterRow> rows_of(
    const Archive& archive, Time first = day_of(test::at_ten()), Time last = day_of(test::at_ten())
) {
    std::vector<CounterRow> rows;
    const auto txn = archive.read();
    REQUIRE_GOOD(txn);
    const auto take = [&](const CounterRow& row) -> Result<void> {
        rows.push_back(row);
        return {};
    };
    REQUIRE_GOOD(each_counter(archive, *txn, first, last, take));
    return rows;
}

/// "rcpt unknown address-unknown x@in.example.com 3", one a line.
std::string told(const std::vector<CounterRow>& rows) {
    std::string out;
    for (const CounterRow& row : rows)
        out += fmt::format(
            "{} {} {} {} {}\n",
            name_of(row.group.what),
            name_of(row.group.by),
            row.group.reason,
            row.name,
            row.count.count
        );
    return out;
}

std::uint64_t total(const std::vector<CounterRow>& rows, CountedBy by) {
    std::uint64_t sum = 0;
    for (const CounterRow& row : rows)
        if (row.group.by == by) sum += row.count.count;
    return sum;
}

/// An archive as a kwit that knew no counters made it.
void make_old_archive(const ArchiveSettings& settings) {
    std::filesystem::create_directories(settings.path / "objects" / "sha256");
    std::filesystem::create_directories(settings.path / "index");
    auto env =
        lmdb::Env::open({.directory = settings.path / "index", .map_size = settings.map_size});
    REQUIRE_GOOD(env);
    std::vector<std::string> names;
    for (const TableName& table : table_names)
        if (table.since == Since::beginning) names.emplace_back(table.name);
    const auto tables = env->tables(names);
    REQUIRE_GOOD(tables);
    auto txn = env->write();
    REQUIRE_GOOD(txn);
    REQUIRE_GOOD(txn->put(tables->front(), "schema", to_cbor(1)));
    REQUIRE_GOOD(std::move(*txn).commit());
}

} // namespace

TEST_SUITE("archive/top_names") {
    TEST_CASE("names are held up to the limit, the rarest leaves, and no count is lost") {
        TopNames top(2);
        top.add("a", {.count = 5});
        top.add("b", {.count = 1});
        CHECK(top.names().size() == 2);
        CHECK(top.rest() == 0);
        top.add("c", {.count = 1});
        CHECK(top.names().size() == 2);
        CHECK(top.names().at("a") == NameCount{5, 0});
        CHECK(top.names().at("c") == NameCount{1, 1});
        CHECK(top.rest() == 1);
        TopNames none(0);
        none.add("a", {.count = 3});
        CHECK(none.names().empty());
        CHECK(none.rest() == 3);
    }

    TEST_CASE("a name that comes often is held however many others come in between") {
        TopNames top(100);
        std::uint64_t sum = 0;
        for (int i = 0; i < 50'000; ++i) {
            top.add(fmt::format("{}", i), {.count = 1});
            if (i % 50 == 0) top.add("often", {.count = 1});
            sum += i % 50 == 0 ? 2 : 1;
        }
        CHECK(top.names().size() == 100);
        REQUIRE(top.names().contains("often"));
        for (const auto& [name, count] : top.names())
            sum -= count.count;
        CHECK(sum == top.rest());
    }

    TEST_CASE("two of them make one, each name counted once") {
        TopNames one(2);
        one.add("b", {.count = 1});
        one.add("m", {.count = 7});
        TopNames other(2);
        other.add("a", {.count = 2});
        other.add("b", {.count = 2});
        one.add(other);
        std::uint64_t sum = one.rest();
        for (const auto& [name, count] : one.names())
            sum += count.count;
        CHECK(sum == 12);
        CHECK(one.names().contains("m"));
        CHECK(one.names().at("a") == NameCount{2, 3});
    }
}

TEST_SUITE("archive/counters") {
    TEST_CASE("a refusal is counted by reason, address, network and sender domain, and added up") {
        test::World world;
        const auto journal = journal_head(world.archive());
        Counters counters;
        counters.count(refused("x@in.example.com"));
        CountedRefusal known =
            refused(std::string(test::tagged_address), Reason::message_too_large);
        known.is_known = true;
        counters.count(known);
        CountedRefusal mail = known;
        mail.what = Counted::mail;
        mail.reason = Reason::sender_not_registered;
        counters.count(mail);
        REQUIRE_GOOD(add_counters(world.archive(), counters));
        REQUIRE_GOOD(add_counters(world.archive(), counters));
        CHECK(
            told(rows_of(world.archive())) ==
            "mail address sender-not-registered faktury+1543030448@in.example.com 2\n"
            "mail network sender-not-registered 192.0.2.0/24 2\n"
            "mail reason sender-not-registered  2\n"
            "mail sender-domain  kunde.example 2\n"
            "rcpt address message-too-large faktury+1543030448@in.example.com 2\n"
            "rcpt network address-unknown 192.0.2.0/24 2\n"
            "rcpt network message-too-large 192.0.2.0/24 2\n"
            "rcpt reason address-unknown  2\n"
            "rcpt reason message-too-large  2\n"
            "rcpt sender-domain  kunde.example 4\n"
            "rcpt unknown address-unknown x@in.example.com 2\n"
        );
        CHECK(journal_head(world.archive())->n == journal->n);
        CHECK(verify(world.archive())->faults.empty());
        CHECK(
            rows_of(world.archive(), Time{}, day_of(test::at_ten()) - std::chrono::days(1)).empty()
        );
    }

    TEST_CASE("under a dictionary attack memory and disk stay small, and the sums are right") {
        constexpr int addresses = 200'000;
        constexpr int a_flush = 20'000;
        test::World world;
        Counters counters;
        for (int i = 0; i < addresses; ++i) {
            CountedRefusal refusal = refused(fmt::format("guess{}@in.example.com", i));
            refusal.network = fmt::format("198.51.{}.0/24", i % 256);
            refusal.sender_domain = fmt::format("d{}.example", i % 5000);
            counters.count(refusal);
            if (i % 50 == 0) counters.count(refused("faktury+1@in.example.com"));
            if (i % a_flush != a_flush - 1) continue;
            CHECK(counters.groups().size() == 4);
            for (const auto& group : counters.groups())
                CHECK(group.second.names().size() <= max_counted_names);
            REQUIRE_GOOD(add_counters(world.archive(), counters));
            counters = {};
        }
        const auto rows = rows_of(world.archive());
        // Three lists of the most frequent, each with its rest, and the reason.
        CHECK(rows.size() == 3 * (max_counted_names + 1) + 1);
        constexpr std::uint64_t all = addresses + addresses / 50;
        CHECK(total(rows, CountedBy::reason) == all);
        CHECK(total(rows, CountedBy::unknown) == all);
        CHECK(total(rows, CountedBy::network) == all);
        CHECK(total(rows, CountedBy::sender_domain) == all);
        const auto often = std::find_if(rows.begin(), rows.end(), [](const CounterRow& row) {
            return row.name == "faktury+1@in.example.com";
        });
        REQUIRE(often != rows.end());
        CHECK(often->count.count > addresses / 50 / 2);
        CHECK(verify(world.archive())->faults.empty());
    }

    TEST_CASE("known addresses are all counted") {
        test::World world;
        Counters counters;
        for (int i = 0; i < 1000; ++i) {
            CountedRefusal refusal = refused(fmt::format("faktury+{}@in.example.com", i));
            refusal.is_known = true;
            counters.count(refusal);
        }
        REQUIRE_GOOD(add_counters(world.archive(), counters));
        std::size_t named = 0;
        for (const CounterRow& row : rows_of(world.archive()))
            if (row.group.by == CountedBy::address) ++named;
        CHECK(named == 1000);
    }

    TEST_CASE("a day is kept as long as it has to be, and leaves with the next one after") {
        test::World world;
        Counters counters;
        counters.count(refused("x@in.example.com"));
        REQUIRE_GOOD(add_counters(world.archive(), counters));
        const auto later = [&](std::chrono::days days) {
            Counters next;
            CountedRefusal refusal = refused("y@in.example.com");
            refusal.at += days;
            next.count(refusal);
            REQUIRE_GOOD(add_counters(world.archive(), next));
        };
        later(keep_counters);
        CHECK(rows_of(world.archive()).size() == 4);
        later(keep_counters + std::chrono::days(1));
        CHECK(rows_of(world.archive()).empty());
    }

    TEST_CASE("names are cut and cleaned, so that every row has a key") {
        test::World world;
        Counters counters;
        CountedRefusal refusal = refused(std::string(1000, 'x'));
        refusal.network.clear();
        refusal.sender_domain = std::string("a\0b\xff", 4);
        counters.count(refusal);
        REQUIRE_GOOD(add_counters(world.archive(), counters));
        CHECK(
            told(rows_of(world.archive())) == "rcpt network address-unknown ? 1\n"
                                              "rcpt reason address-unknown  1\n"
                                              "rcpt sender-domain  ab\ufffd 1\n"
                                              "rcpt unknown address-unknown " +
                                                  std::string(max_counted_name, 'x') + " 1\n"
        );
    }

    TEST_CASE("a damaged row is damage to whoever reads it") {
        const std::string day = keys::time(day_of(test::at_ten()));
        const std::string names = keys::group("rcpt") + keys::group("unknown") + keys::group("x");
        const std::string good = to_cbor(Json({{"count", 1}, {"before", 0}}));

        struct Case {
            std::string key;
            std::string value;
        };

        for (const Case& c :
             {Case{"day", good},
              {day + keys::group("rcpt") + keys::group("moon") + keys::group("x"), good},
              {day + keys::group("post") + keys::group("unknown") + keys::group("x"), good},
              {day + "rcpt", good},
              {day + names, "\xff"},
              {day + names, to_cbor(Json({{"before", 1}}))},
              {day + names, to_cbor(Json({{"count", -1}}))}}) {
            test::World world;
            world.tamper("counters", c.key, c.value);
            const auto report = verify(world.archive());
            REQUIRE_GOOD(report);
            REQUIRE(report->faults.size() == 1);
            CHECK(report->faults.front().detail == "a row of table counters is damaged");
        }
        const auto whole = decode_counter({day + names + "y", good});
        REQUIRE_GOOD(whole);
        CHECK(whole->group.day == day_of(test::at_ten()));
        CHECK(whole->name == "y");
    }

    TEST_CASE("an archive of a kwit without counters is read as one that has none, then gets them"
    ) {
        const test::TempDir dir;
        const ArchiveSettings settings = test::settings_in(dir);
        make_old_archive(settings);
        {
            const auto archive = Archive::open(settings, Access::read_only);
            REQUIRE_GOOD(archive);
            CHECK(rows_of(**archive).empty());
            const auto tables = inspect_tables(**archive);
            REQUIRE_GOOD(tables);
            for (const std::string name : {"counters", "near-misses", "notices-of-day", "usage"}) {
                CAPTURE(name);
                const auto table =
                    std::find_if(tables->begin(), tables->end(), [&](const auto& one) {
                        return one.name == name;
                    });
                REQUIRE(table != tables->end());
                CHECK(table->entries == 0);
            }
            CHECK(inspect_keys(**archive, "counters")->empty());
            CHECK(verify(**archive)->faults.empty());
        }
        {
            auto archive = Archive::open(settings);
            REQUIRE_GOOD(archive);
            Counters counters;
            counters.count(refused("x@in.example.com"));
            REQUIRE_GOOD(add_counters(**archive, counters));
        }
        const auto archive = Archive::open(settings, Access::read_only);
        REQUIRE_GOOD(archive);
        CHECK(rows_of(**archive).size() == 4);
    }
}

} // namespace kwit
