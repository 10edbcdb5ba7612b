#include "core/archive/verify.hh"

#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/base/json.hh"
#include "core/base/ulid.hh"
#include "tests/unit/archive/world.hh"

#include <fstream>

namespace kwit {

namespace {

/// An archive with two mails kept.
struct Kept2 {
    test::World world{};
    std::string receipt{};
    std::string document{};
    Digest digest{sha256("%PDF-1")};

    Kept2() {
        for (const char* name : {"1", "2"}) {
            const auto kept = keep(
                archive(),
                test::mail_of(test::draft_of(archive(), "%PDF-" + std::string(name), name))
            );
            REQUIRE_GOOD(kept);
            if (!receipt.empty()) continue;
            receipt = kept->front().receipt_id;
            document = kept->front().document_ids.at(0);
        }
    }

    Archive& archive() { return world.archive(); }

    /// The faults as "what name".
    std::vector<std::string> faults() {
        std::vector<std::string> out;
        const auto report = verify(archive());
        REQUIRE_GOOD(report);
        for (const Fault& fault : report->faults)
            out.push_back(fault.what + " " + fault.name);
        return out;
    }

    std::string bytes_of(const lmdb::Table Tables::*table, const std::string& key) {
        const auto txn = archive().read();
        REQUIRE_GOOD(txn);
        const auto value = txn->get(archive().tables().*table, key);
        REQUIRE_GOOD(value);
        REQUIRE(value->has_value());
        return std::string(**value);
    }
};

using Faults = std::vector<std::string>;

std::string id_key(const std::string& id) {
    return keys::ulid(*Ulid::parse(id));
}

} // namespace

TEST_SUITE("archive/verify") {
    TEST_CASE("a whole archive has no faults, and all of it was looked at") {
        Kept2 kept;
        std::uint64_t last = 0;
        std::uint64_t all = 0;
        const auto progress = [&](std::uint64_t done, std::uint64_t total) {
            CHECK(done >= last);
            last = done;
            all = total;
        };
        const auto report = verify(kept.archive(), {}, progress);
        REQUIRE_GOOD(report);
        CHECK(report->faults.empty());
        CHECK(report->unreferenced.empty());
        CHECK(report->objects == 4);
        CHECK(report->objects_known == 4);
        CHECK(report->receipts == 2);
        CHECK(report->documents == 2);
        CHECK(report->journal_entries == 5);
        CHECK(last == all);
        CHECK(all == report->bytes);
    }

    TEST_CASE("a flipped byte in an object is found by the object's name") {
        Kept2 kept;
        const auto path = object_path(kept.archive(), kept.digest);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        std::fstream(path, std::ios::in | std::ios::out).seekp(2).put('X');
        CHECK(kept.faults() == Faults{"object-damaged " + kept.digest.hex()});
    }

    TEST_CASE("an object that grew is damaged, one that is gone is missing") {
        Kept2 kept;
        const auto path = object_path(kept.archive(), kept.digest);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        std::ofstream(path, std::ios::app) << "x";
        CHECK(kept.faults() == Faults{"object-damaged " + kept.digest.hex()});
        std::filesystem::remove(path);
        CHECK(kept.faults() == Faults{"object-missing " + kept.digest.hex()});
    }

    TEST_CASE("several threads find what one finds, in the same order") {
        Kept2 kept;
        std::vector<Digest> damaged;
        for (int i = 0; i < 40; ++i) {
            const std::string text = "%PDF-many-" + std::to_string(i);
            REQUIRE_GOOD(
                keep(kept.archive(), test::mail_of(test::draft_of(kept.archive(), text, text)))
            );
            if (i % 3 == 0) damaged.emplace_back(sha256(text));
        }
        for (const Digest& digest : damaged) {
            const auto path = object_path(kept.archive(), digest);
            std::filesystem::permissions(path, std::filesystem::perms::owner_all);
            std::fstream(path, std::ios::in | std::ios::out).seekp(2).put('X');
        }
        const Faults alone = kept.faults();
        CHECK(alone.size() == 14);
        std::uint64_t last = 0;
        const auto progress = [&](std::uint64_t done, std::uint64_t) { last = done; };
        const auto report = verify(kept.archive(), {.jobs = 7}, progress);
        REQUIRE_GOOD(report);
        Faults together;
        for (const Fault& fault : report->faults)
            together.push_back(fault.what + " " + fault.name);
        CHECK(together == alone);
        CHECK(report->objects == 84);
        CHECK(last == report->bytes);
    }

    TEST_CASE("a sample has that part of the objects, rounded up, each time others") {
        Kept2 kept;
        for (int i = 0; i < 19; ++i) {
            const std::string text = "%PDF-many-" + std::to_string(i);
            REQUIRE_GOOD(
                keep(kept.archive(), test::mail_of(test::draft_of(kept.archive(), text, text)))
            );
        }
        const auto path = object_path(kept.archive(), kept.digest);
        std::filesystem::remove(path);

        struct Case {
            double share;
            std::uint64_t objects;
        };

        for (const Case& c : {Case{0.001, 1}, Case{0.5, 21}, Case{0.51, 22}, Case{1, 42}}) {
            CAPTURE(c.share);
            const auto report = verify(kept.archive(), {.share = c.share});
            REQUIRE_GOOD(report);
            CHECK(report->objects == c.objects);
            CHECK(report->objects_known == 42);
            CHECK(report->receipts == 21);
        }
        // One in two is drawn: that it never is, or always, in 100 draws has no chance.
        int found = 0;
        for (int i = 0; i < 100; ++i)
            found += verify(kept.archive(), {.share = 0.5})->faults.empty() ? 0 : 1;
        CHECK(found > 0);
        CHECK(found < 100);
        CHECK_FALSE(verify(kept.archive(), {.share = 1})->faults.empty());
    }

    TEST_CASE("only what came in since then is hashed, from that very moment on") {
        Kept2 kept;
        const Time later = test::at_ten() + std::chrono::hours(1);
        const ReceiptDraft draft = test::draft_of(kept.archive(), "%PDF-1", "later");
        REQUIRE_GOOD(keep(kept.archive(), test::mail_of(draft, later)));

        struct Case {
            Time since;
            std::uint64_t objects;
        };

        for (const Case& c :
             {Case{test::at_ten(), 5}, Case{later, 2}, Case{later + Milliseconds(1), 0}}) {
            const auto report = verify(kept.archive(), {.since = c.since});
            REQUIRE_GOOD(report);
            CHECK(report->objects == c.objects);
            CHECK(report->objects_known == 5);
            CHECK(report->receipts == 3);
        }
    }

    TEST_CASE("files that no row names are told, and are no damage") {
        Kept2 kept;
        const Digest orphan = test::object_of(kept.archive(), "nobody's");
        const auto odd = kept.archive().path() / "objects" / "notes.txt";
        std::ofstream(odd) << "x";
        auto report = verify(kept.archive());
        REQUIRE_GOOD(report);
        CHECK(report->faults.empty());
        std::sort(report->unreferenced.begin(), report->unreferenced.end());
        CHECK(
            report->unreferenced ==
            Faults{odd.string(), object_path(kept.archive(), orphan).string()}
        );
    }

    TEST_CASE("a damaged record is named") {
        Kept2 kept;
        kept.world.tamper("documents", id_key(kept.document), "\xa1");
        const Faults faults = kept.faults();
        REQUIRE(faults.size() == 2);
        CHECK(faults.at(0) == "record-damaged documents " + kept.document);
        CHECK(faults.at(1) == "index-inconsistent objects " + kept.digest.hex());
    }

    TEST_CASE("rows that contradict each other are named") {
        struct Case {
            std::string label;
            std::string table;
            std::string key;
            std::string value;
            std::string fault;
        };

        const Kept2 shape; // ids differ from archive to archive, so each case makes its own below
        REQUIRE_FALSE(shape.receipt.empty());
        const std::string owed = "01KAJ3N5G000000000000000AA";
        for (const std::string& label :
             {std::string("document gone"),
              std::string("index row gone"),
              std::string("index row too many"),
              std::string("unresolved by mistake"),
              std::string("sender without client"),
              std::string("object row gone")}) {
            CAPTURE(label);
            Kept2 kept;
            const std::string document = id_key(kept.document);
            const std::string receipt = id_key(kept.receipt);
            for (const Case& c : {
                     Case{
                         "document gone",
                         "documents",
                         document,
                         "",
                         "index-inconsistent receipts " + kept.receipt},
                     Case{
                         "index row gone",
                         "documents-by-client",
                         keys::pair("10023", document),
                         "",
                         "index-inconsistent documents " + kept.document},
                     Case{
                         "index row too many",
                         "documents-by-client",
                         keys::pair("10023", id_key(owed)),
                         "\xf6",
                         "index-inconsistent documents-by-client " + owed},
                     Case{
                         "unresolved by mistake",
                         "receipts-unresolved",
                         receipt,
                         "\xf6",
                         "index-inconsistent receipts " + kept.receipt},
                     Case{
                         "sender without client",
                         "clients",
                         "10023",
                         "",
                         "index-inconsistent senders anna@kunde.example 10023"},
                     Case{
                         "object row gone",
                         "objects",
                         keys::digest(kept.digest),
                         "",
                         "object-missing " + kept.digest.hex()},
                 }) {
                if (c.label != label) continue;
                kept.world.tamper(c.table, c.key, c.value);
                const Faults faults = kept.faults();
                CHECK(std::find(faults.begin(), faults.end(), c.fault) != faults.end());
            }
        }
    }
}

TEST_SUITE("archive/journal") {
    TEST_CASE("each entry holds the hash of the one before, as stored") {
        Kept2 kept;
        const auto entries = list_journal(kept.archive());
        REQUIRE_GOOD(entries);
        REQUIRE(entries->size() == 5);
        CHECK(entries->at(0)["prev"] == std::string(64, '0'));
        for (std::uint64_t n = 1; n <= 5; ++n) {
            const std::string bytes = kept.bytes_of(&Tables::journal, keys::number(n));
            const std::string hash = Digest(sha256(bytes)).hex();
            CHECK(entries->at(n - 1)["n"] == n);
            CHECK(
                (n == 5 ? journal_head(kept.archive())->sha256
                        : entries->at(n)["prev"].get<std::string>()) == hash
            );
        }
        CHECK(journal_head(kept.archive())->n == 5);
        CHECK(
            list_journal(kept.archive(), {.order = lmdb::Order::descending, .limit = 2})
                ->at(1)["n"] == 4
        );
    }

    TEST_CASE("an empty journal is whole") {
        const test::TempDir dir;
        const auto archive = Archive::open(test::settings_in(dir));
        REQUIRE_GOOD(archive);
        const auto check = verify_journal(**archive);
        REQUIRE_GOOD(check);
        CHECK(check->faults.empty());
        CHECK(check->entries == 0);
    }

    TEST_CASE("a cut, an altered and a missing entry are found") {
        struct Case {
            std::string label;
            std::uint64_t n;
            enum class Do { cut, alter, damage } what;
            std::vector<std::string> faults;
        };

        for (const Case& c : {
                 Case{
                     "the end is cut off",
                     5,
                     Case::Do::cut,
                     {"the chain ends with entry 4, the head is entry 5 with another hash"}},
                 Case{
                     "one is missing",
                     2,
                     Case::Do::cut,
                     {"entry 3 follows entry 1", "entry 3 does not fit the one before it"}},
                 Case{
                     "the first is missing",
                     1,
                     Case::Do::cut,
                     {"entry 2 follows entry 0", "entry 2 does not fit the one before it"}},
                 Case{
                     "one is altered",
                     3,
                     Case::Do::alter,
                     {"entry 4 does not fit the one before it"}},
                 Case{
                     "the last is altered",
                     5,
                     Case::Do::alter,
                     {"the chain ends with entry 5, the head is entry 5 with another hash"}},
                 Case{
                     "one is no entry",
                     3,
                     Case::Do::damage,
                     {"entry 3 is damaged", "entry 4 does not fit the one before it"}},
             }) {
            CAPTURE(c.label);
            Kept2 kept;
            std::string value;
            if (c.what == Case::Do::damage) value = "\x81";
            if (c.what == Case::Do::alter) {
                auto entry = from_cbor(kept.bytes_of(&Tables::journal, keys::number(c.n)));
                REQUIRE_GOOD(entry);
                (*entry)["by"] = "nobody";
                value = to_cbor(*entry);
            }
            kept.world.tamper("journal", keys::number(c.n), value);
            const auto check = verify_journal(kept.archive());
            REQUIRE_GOOD(check);
            CHECK(check->faults == c.faults);
            const auto report = verify(kept.archive());
            REQUIRE_GOOD(report);
            CHECK(report->faults.size() == c.faults.size());
            CHECK(report->faults.at(0).what == "journal-broken");
        }
    }
}

} // namespace kwit
