#include "core/archive/inspect.hh"

#include "core/archive/counters.hh"
#include "core/archive/decorations.hh"
#include "core/archive/near_misses.hh"
#include "core/archive/receipts.hh"
#include "core/archive/recipe_rows.hh"
#include "core/archive/usage.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"
#include "core/base/text.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

TEST_SUITE("archive/inspect") {
    TEST_CASE("tables are shown with their entries and bytes") {
        test::World world;
        const auto tables = inspect_tables(world.archive());
        REQUIRE_GOOD(tables);
        CHECK(tables->size() == table_names.size());
        for (const TableInfo& table : *tables) {
            CAPTURE(table.name);
            const bool is_used = table.entries > 0;
            CHECK((table.bytes > 0) == is_used);
            if (table.name == "clients") CHECK(table.entries == 1);
            if (table.name == "journal") CHECK(table.entries == 3);
            if (table.name == "receipts") CHECK(table.entries == 0);
        }
    }

    TEST_CASE("every key of every table can be read, and typed to get its record") {
        test::World world;
        ReceiptDraft failed = test::draft_of(world.archive(), "%PDF-1", "one");
        failed.receipt.verdict = Verdict::partial;
        REQUIRE_GOOD(keep(world.archive(), test::mail_of(failed)));
        Counters counters;
        counters.count({.at = test::at_ten(), .reason = Reason::busy, .address = "x@y.example"});
        REQUIRE_GOOD(add_counters(world.archive(), counters));
        REQUIRE_GOOD(world.archive().change([&](lmdb::WriteTxn& txn) {
            return count_usage(world.archive(), txn, UsedBy::client, "10023", test::at_ten(), 1);
        }));
        REQUIRE_GOOD(ignore_content(
            world.archive(),
            "10023",
            {Digest(sha256("logo")), "logo.png"},
            Filed::refuse,
            test::office()
        ));
        Misses misses;
        misses.add({.address = "faktury+1543030449@in.example.com", .count = 1});
        REQUIRE_GOOD(add_near_misses(world.archive(), misses));
        REQUIRE_GOOD(world.archive().change([&](lmdb::WriteTxn& txn) {
            const Digest mail(sha256("a mail"));
            return put_recipe(world.archive(), txn, mail, {.size = 6, .objects = {mail}});
        }));
        for (const TableName& table : table_names) {
            CAPTURE(table.name);
            const auto keys = inspect_keys(world.archive(), table.name);
            REQUIRE_GOOD(keys);
            CHECK_FALSE(keys->empty());
            for (const KeyInfo& key : *keys) {
                CAPTURE(key.key);
                CHECK(key.key.substr(0, 2) != "0x");
                CHECK(key.key.find('\0') == std::string::npos);
                const auto record = inspect_record(world.archive(), table.name, key.key);
                REQUIRE_GOOD(record);
                CHECK(record->value.size() == key.bytes);
                REQUIRE_GOOD(readable_value(*record));
                const auto raw =
                    inspect_record(world.archive(), table.name, "0x" + to_hex(record->key));
                REQUIRE_GOOD(raw);
                CHECK(raw->value == record->value);
            }
        }
    }

    TEST_CASE("keys read as their parts do") {
        test::World world;
        const auto first = [&](std::string_view table) {
            const auto keys = inspect_keys(world.archive(), table, {.limit = 1});
            REQUIRE_GOOD(keys);
            REQUIRE(keys->size() == 1);
            return keys->front().key;
        };
        CHECK(first("clients") == "10023");
        CHECK(first("senders") == "anna@kunde.example 10023");
        CHECK(first("senders-by-client") == "10023 anna@kunde.example");
        CHECK(first("addresses") == "in.example.com faktury+1543030448");
        CHECK(first("addresses-by-client") == "10023 in.example.com faktury+1543030448");
        CHECK(first("journal") == "1");
        const auto record = inspect_record(world.archive(), "codes", "932498");
        REQUIRE_GOOD(record);
        CHECK(
            json_line(*readable_value(*record)) ==
            R"({"code":"932498","client":"10023","email":"anna@kunde.example",)"
            R"("given_at":"2026-11-21T10:00:00.000Z"})"
        );
    }

    TEST_CASE("unknown tables and keys are refused with what there is") {
        test::World world;
        const auto table = inspect_keys(world.archive(), "invoices");
        REQUIRE_FALSE(table.has_value());
        CHECK(table.error().what == "there is no table invoices");
        CHECK(table.error().remedy.substr(0, 31) == "tables: meta, clients, senders,");
        for (const char* key : {"7", "", "0x", "0xzz", "0x1"}) {
            CAPTURE(key);
            const auto record = inspect_record(world.archive(), "clients", key);
            REQUIRE_FALSE(record.has_value());
            CHECK(record.error().kind == Kind::refused);
        }
        CHECK_FALSE(inspect_record(world.archive(), "receipts", "12").has_value());
        CHECK_FALSE(inspect_record(world.archive(), "senders", "anna@kunde.example").has_value());
    }

    TEST_CASE("a damaged value is damage, its bytes can still be had") {
        test::World world;
        world.tamper("clients", "10023", "\xa1\x61");
        const auto record = inspect_record(world.archive(), "clients", "10023");
        REQUIRE_GOOD(record);
        CHECK(record->value == "\xa1\x61");
        const auto value = readable_value(*record);
        REQUIRE_FALSE(value.has_value());
        CHECK(value.error().kind == Kind::corrupt);
    }
}

} // namespace kwit
