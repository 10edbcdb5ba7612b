#include "core/archive/near_misses.hh"

#include "core/archive/counters.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/token.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "tests/unit/archive/world.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

using std::chrono::days;

NearMiss tried(std::string address, Time at = test::at_ten()) {
    return {
        .address = std::move(address),
        .count = 1,
        .first_at = at,
        .last_at = at,
        .senders = {"anna@kunde.example"},
        .networks = {"192.0.2.0/24"}};
}

void keep_misses(Archive& archive, const std::vector<NearMiss>& all) {
    Misses misses;
    for (const NearMiss& miss : all)
        misses.add(miss);
    REQUIRE_GOOD(add_near_misses(archive, misses));
}

std::vector<NearMiss>
rows_of(const Archive& archive, Time first = test::at_ten(), Time last = test::at_ten()) {
    std::vector<NearMiss> rows;
    const auto txn = archive.read();
    REQUIRE_GOOD(txn);
    const auto take = [&](const NearMiss& row) -> Result<void> {
        rows.push_back(row);
        return {};
    };
    REQUIRE_GOOD(each_near_miss(archive, *txn, day_of(first), day_of(last), take));
    return rows;
}

/// "faktury+1@x (near faktury+12@x) 3", one a line.
std::string told(const std::vector<NearMiss>& rows) {
    std::string out;
    for (const NearMiss& row : rows)
        out += fmt::format("{} (near {}) {}\n", row.address, row.near, row.count);
    return out;
}

std::string with_number(int number) {
    return fmt::format("faktury+{}@in.example.com", number);
}

/// Ten characters that look like a token and are none.
std::string mistyped(std::size_t number) {
    std::string token = draw_token();
    while (is_token(token))
        token.back() = "23456789"[number++ % 8];
    return token + "-x@in.example.com";
}

} // namespace

TEST_SUITE("archive/token") {
    TEST_CASE("a mistyped token is told from a right one and from what is none") {
        struct Case {
            std::string_view local;
            bool mistyped;
            std::string_view token;
        };

        for (const Case& c : {
                 Case{"4u7u5j3y3n-rechnungen", false, "4u7u5j3y3n"},
                 {"4u7u5j3y3m-rechnungen", true, ""},
                 {"4u7u5j3y3l-rechnungen", true, ""}, // a letter that no token has
                 {"4u7u5j3y3n-", false, "4u7u5j3y3n"},
                 {"4u7u5j3y3n", false, ""},
                 {"4u7u5j3y3-rechnungen", false, ""},
                 {"4u7u5j3y33n-rechnungen", false, ""},
                 {"4u7u5.3y3n-rechnungen", false, ""},
                 {"faktury+1543030448", false, ""},
                 {"", false, ""},
             }) {
            CAPTURE(c.local);
            CHECK(has_mistyped_token(c.local) == c.mistyped);
            CHECK(token_of(c.local) == c.token);
        }
    }
}

TEST_SUITE("archive/near_misses") {
    TEST_CASE("one character wrong, missing, too many or exchanged is near, two are not") {
        struct Case {
            std::string_view tried;
            bool near;
        };

        for (const Case& c : {
                 Case{"faktury+1543030448", false}, // the same
                 {"faktury+1543030449", true},
                 {"Faktury+1543030448", true},
                 {"xaktury+1543030448", true},
                 {"faktury+154303044", true},
                 {"aktury+1543030448", true},
                 {"faktury+15430304488", true},
                 {"0faktury+1543030448", true},
                 {"faktury+1543030484", true},
                 {"afktury+1543030448", true},
                 {"faktury+1543030459", false},
                 {"faktury+15430304", false},
                 {"faktury+1543030844", false},
                 {"faktury+1543034048", true},
                 {"", false},
             }) {
            CAPTURE(c.tried);
            CHECK(is_near("faktury+1543030448", c.tried) == c.near);
        }
        CHECK(is_near("a", ""));
        CHECK(is_near("", "a"));
        CHECK(is_near("4u7u5j3y3n-rechnungen", "4u7u5j3y3n-rechnung"));
        CHECK(is_near("4u7u5j3y3n-rechnungen", "4u7u5j3y3n-faktury"));
        CHECK_FALSE(is_near("4u7u5j3y3m-rechnungen", "4u7u5j3y3m-faktury")); // no token
        CHECK_FALSE(is_near("4u7u5j3y3n-rechnungen", "4u7u5j3y3n-rechnungen"));
    }

    TEST_CASE("what is near a known address is kept with who wrote, when and how often") {
        test::World world;
        Archive& archive = world.archive();
        const auto entries = journal_head(archive)->n;
        NearMiss later =
            tried("faktury+1543030449@in.example.com", test::at_ten() + Milliseconds(5));
        later.senders = {"<>"};
        later.networks = {"198.51.100.0/24"};
        keep_misses(
            archive, {tried("faktury+1543030449@in.example.com"), tried("nobody@in.example.com")}
        );
        keep_misses(
            archive,
            {later,
             tried("faktury+1543030448@other.example.com"),
             tried("4u7u5j3y3m-rechnungen@in.example.com")}
        );
        const auto rows = rows_of(archive);
        CHECK(
            told(rows) ==
            "4u7u5j3y3m-rechnungen@in.example.com (near ) 1\n"
            "faktury+1543030449@in.example.com (near faktury+1543030448@in.example.com) 2\n"
        );
        CHECK(rows.back().client == "10023");
        CHECK(rows.back().first_at == test::at_ten());
        CHECK(rows.back().last_at == later.last_at);
        CHECK(rows.back().senders == std::vector<std::string>{"anna@kunde.example", "<>"});
        CHECK(rows.back().networks == std::vector<std::string>{"192.0.2.0/24", "198.51.100.0/24"});
        CHECK(journal_head(archive)->n == entries);
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("of who wrote the newest few are kept, each once, whatever order they come in") {
        NearMiss miss = tried("x@in.example.com");
        for (std::size_t i = 1; i <= max_origins; ++i) {
            NearMiss next = tried("x@in.example.com", test::at_ten() + Milliseconds(i));
            next.senders = {fmt::format("{}@kunde.example", i)};
            merge(miss, next);
        }
        CHECK(miss.senders.size() == max_origins);
        CHECK(miss.senders.front() == "1@kunde.example");
        CHECK(miss.networks.size() == 1);
        CHECK(miss.count == max_origins + 1);
        NearMiss older = tried("x@in.example.com", test::at_ten() - Milliseconds(1));
        older.senders = {"old@kunde.example"};
        merge(miss, older);
        CHECK(miss.senders.back() == fmt::format("{}@kunde.example", max_origins));
        CHECK(miss.first_at == older.first_at);
        CHECK(miss.last_at == test::at_ten() + Milliseconds(max_origins));
    }

    TEST_CASE("one address can be missed in so many ways a day, more are only counted") {
        test::World world;
        std::vector<NearMiss> all;
        for (std::size_t i = 0; i < max_near_one + 3; ++i)
            all.push_back(tried(fmt::format("faktury+1543030448{:c}@in.example.com", 'a' + i)));
        keep_misses(world.archive(), all);
        const auto rows = rows_of(world.archive());
        REQUIRE(rows.size() == max_near_one + 1);
        CHECK(rows.front().address.empty());
        CHECK(rows.front().count == 3);
        // One that has its row goes on to be counted.
        keep_misses(world.archive(), {tried(rows.back().address)});
        CHECK(rows_of(world.archive()).back().count == 2);
        CHECK(rows_of(world.archive()).size() == max_near_one + 1);
    }

    TEST_CASE("a day has so many near misses and mistyped tokens, neither takes the other's room") {
        test::World world;
        Archive& archive = world.archive();
        for (std::size_t i = 0; i < max_mistyped_tokens + 2; ++i)
            keep_misses(archive, {tried(mistyped(i))});
        CHECK(rows_of(archive).size() == max_mistyped_tokens + 1);
        CHECK(rows_of(archive).front().count == 2);
        // Numbers that are two digits apart, so that each try is near one of them alone.
        std::vector<NearMiss> all;
        for (std::size_t i = 0; i <= max_near_misses; ++i) {
            const int number = 1'000'000 + static_cast<int>(i) * 101;
            REQUIRE_GOOD(add_tagged_address(
                archive,
                {.client = "10023",
                 .domain = "in.example.com",
                 .base = "faktury",
                 .number = std::to_string(number)},
                test::office()
            ));
            all.push_back(tried("x" + with_number(number)));
        }
        keep_misses(archive, all);
        CHECK(rows_of(archive).size() == max_mistyped_tokens + max_near_misses + 1);
        CHECK(rows_of(archive).front().count == 3);
    }

    TEST_CASE("so many addresses wait to be looked at, whoever tries them") {
        Misses misses;
        for (std::size_t i = 0; i < max_misses + 5; ++i)
            misses.add(tried(fmt::format("{}@in.example.com", i)));
        CHECK(misses.all().size() == max_misses);
        misses.add(tried("0@in.example.com"));
        CHECK(misses.all().at("0@in.example.com").count == 2);
        Misses more;
        more.add(misses);
        CHECK(more.all().size() == max_misses);
    }

    TEST_CASE("each day has its own rows, kept as long as the counters") {
        test::World world;
        Archive& archive = world.archive();
        const std::string address = with_number(1543030449);
        keep_misses(archive, {tried(address)});
        keep_misses(archive, {tried(address, test::at_ten() + keep_counters)});
        CHECK(rows_of(archive).size() == 1);
        keep_misses(archive, {tried(address, test::at_ten() + keep_counters + days(1))});
        CHECK(rows_of(archive).empty());
        CHECK(rows_of(archive, test::at_ten(), test::at_ten() + days(500)).size() == 2);
    }

    TEST_CASE("a damaged row is damage to whoever reads it") {
        const std::string day = keys::time(day_of(test::at_ten()));
        const Json good = {{"address", "x@y.example"}, {"count", 1}};
        Json bad_time = good;
        bad_time["last_at"] = "yesterday";
        Json bad_list = good;
        bad_list["senders"] = Json::array({1});

        struct Case {
            std::string key;
            std::string value;
        };

        for (const Case& c :
             {Case{"day", to_cbor(good)},
              {day + "z@y.example", to_cbor(good)},
              {day + "x@y.example", "\xff"},
              {day + "x@y.example", to_cbor(Json({{"address", "x@y.example"}}))},
              {day + "x@y.example", to_cbor(bad_time)},
              {day + "x@y.example", to_cbor(bad_list)}}) {
            test::World world;
            world.tamper("near-misses", c.key, c.value);
            const auto report = verify(world.archive());
            REQUIRE_GOOD(report);
            REQUIRE(report->faults.size() == 1);
            CHECK(report->faults.front().detail == "a row of table near-misses is damaged");
        }
        test::World world;
        world.tamper("near-misses", day + "x@y.example", to_cbor(good));
        CHECK(verify(world.archive())->faults.empty());
        CHECK(rows_of(world.archive()).front().senders.empty());
    }
}

} // namespace kwit
