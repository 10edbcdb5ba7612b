#include "core/base/lmdb.hh"

#include "core/base/memory.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <thread>

namespace kwit {

namespace {

using lmdb::Entry;
using lmdb::Env;
using lmdb::Order;
using lmdb::Range;
using lmdb::Table;
using lmdb::Walk;
using lmdb::WriteTxn;

static_assert(!std::is_copy_constructible_v<WriteTxn>, "a transaction has one owner");
static_assert(!std::is_default_constructible_v<lmdb::ReadTxn>, "no empty transaction");

constexpr std::uint64_t small_map = 256U << 10;

struct Open {
    Env env;
    Table table;
};

Result<Open> open_in(
    const std::filesystem::path& dir,
    std::uint64_t map_size = small_map,
    Access access = Access::read_write
) {
    Env env = TRY(Env::open({.directory = dir, .map_size = map_size, .access = access}));
    const std::vector<Table> tables = TRY(env.tables({"things"}));
    return Open{std::move(env), tables.front()};
}

Result<void> put(Open& open, std::string_view key, std::string_view value) {
    WriteTxn txn = TRY(open.env.write());
    TRY(txn.put(open.table, key, value));
    return std::move(txn).commit();
}

/// The value, or "-" when there is none.
Result<std::string> get(const Open& open, std::string_view key) {
    const lmdb::ReadTxn txn = TRY(open.env.read());
    const auto value = TRY(txn.get(open.table, key));
    return std::string(value.value_or("-"));
}

/// Whether the kernel was told that the pages of the index in this directory are read here and
/// there.
bool is_read_at_random(const std::filesystem::path& directory) {
    std::ifstream maps("/proc/self/smaps");
    const std::string file = (directory / "data.mdb").string();
    bool ours = false;
    for (std::string line; std::getline(maps, line);) {
        if (line.starts_with("VmFlags:") && ours) return line.find(" rr") != std::string::npos;
        if (line.find(file) != std::string::npos) ours = true;
    }
    FAIL("the index is not mapped");
    return false;
}

std::string keys_of(const Open& open, const Range& range) {
    std::string out;
    const auto txn = open.env.read();
    REQUIRE_GOOD(txn);
    REQUIRE_GOOD(txn->scan(open.table, range, [&](const Entry& entry) -> Result<Walk> {
        out += std::string(entry.key) + " ";
        return Walk::on;
    }));
    return out;
}

/// Runs the step in a child process that has no environment open yet; its exit status. A child of
/// a sanitised program must not run the exit handlers of its parent.
template <typename Step>
pid_t in_child(Step step) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(step() ? 0 : 1);
    return child;
}

bool succeeded(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A pipe that holds one process back until another lets it go.
struct Signal {
    std::array<int, 2> ends{};

    Signal() {
        if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    }

    void give() const { [[maybe_unused]] const auto wrote = ::write(ends[1], "x", 1); }

    void await() const {
        char byte = 0;
        [[maybe_unused]] const auto got = ::read(ends[0], &byte, 1);
    }
};

} // namespace

TEST_SUITE("base/lmdb") {
    TEST_CASE("what is committed is there, what is dropped is not") {
        const test::TempDir dir;
        auto open = open_in(dir.path());
        REQUIRE_GOOD(open);
        REQUIRE_GOOD(put(*open, "a", "1"));
        {
            auto txn = open->env.write();
            REQUIRE_GOOD(txn);
            REQUIRE_GOOD(txn->put(open->table, "a", "2"));
        }
        CHECK(*get(*open, "a") == "1");
    }

    TEST_CASE("a nested transaction that is dropped takes only its own changes away") {
        const test::TempDir dir;
        auto open = open_in(dir.path());
        REQUIRE_GOOD(open);
        auto txn = open->env.write();
        REQUIRE_GOOD(txn);
        {
            auto kept = txn->nested();
            REQUIRE_GOOD(kept);
            REQUIRE_GOOD(kept->put(open->table, "a", "1"));
            REQUIRE_GOOD(std::move(*kept).commit());
        }
        {
            auto dropped = txn->nested();
            REQUIRE_GOOD(dropped);
            REQUIRE_GOOD(dropped->put(open->table, "b", "2"));
        }
        REQUIRE_GOOD(std::move(*txn).commit());
        CHECK(*get(*open, "a") == "1");
        CHECK(*get(*open, "b") == "-");
    }

    TEST_CASE("a range gives the keys from one end or the other, without its upper bound") {
        const test::TempDir dir;
        auto open = open_in(dir.path());
        REQUIRE_GOOD(open);
        for (const char* key : {"a", "b", "b\xff", "c", "\xff", "\xff\xff"})
            REQUIRE_GOOD(put(*open, key, "x"));

        struct Case {
            std::string label;
            Range range;
            std::string keys;
        };

        for (const Case& c : {
                 Case{"all", {}, "a b b\xff c \xff \xff\xff "},
                 Case{
                     "all, turned round",
                     {.order = Order::descending},
                     "\xff\xff \xff c b\xff b a "},
                 Case{"from a to c", {.from = "a", .to = "c"}, "a b b\xff "},
                 Case{
                     "down from c",
                     {.from = "b", .to = "c", .order = Order::descending},
                     "b\xff b "},
                 Case{
                     "down from the end",
                     {.from = "c", .order = Order::descending},
                     "\xff\xff \xff c "},
                 Case{"past all", {.from = "\xff\xff\xff"}, ""},
                 Case{"before all", {.to = "a", .order = Order::descending}, ""},
                 Case{"a prefix", Range::prefix("b"), "b b\xff "},
                 Case{"a prefix of all ones", Range::prefix("\xff"), "\xff \xff\xff "},
             }) {
            CAPTURE(c.label);
            CHECK(keys_of(*open, c.range) == c.keys);
        }
    }

    TEST_CASE("keys of 511 bytes are stored, longer and empty ones are nobody's") {
        const test::TempDir dir;
        auto open = open_in(dir.path());
        REQUIRE_GOOD(open);
        const std::string longest(lmdb::max_key_size, 'k');
        REQUIRE_GOOD(put(*open, longest, "v"));
        CHECK(*get(*open, longest) == "v");
        const auto over = put(*open, longest + "k", "v");
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().kind == Kind::misuse);
        CHECK(*get(*open, longest + "k") == "-");
        CHECK(*get(*open, "") == "-");
    }

    TEST_CASE("a new entry never replaces one that is there") {
        const test::TempDir dir;
        auto open = open_in(dir.path());
        REQUIRE_GOOD(open);
        REQUIRE_GOOD(put(*open, "a", "1"));
        auto txn = open->env.write();
        REQUIRE_GOOD(txn);
        const auto again = txn->put_new(open->table, "a", "2");
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error().kind == Kind::corrupt);
    }

    TEST_CASE("a full map is a temporary error of its own, and a larger map goes on") {
        const test::TempDir dir;
        {
            auto open = open_in(dir.path());
            REQUIRE_GOOD(open);
            REQUIRE_GOOD(put(*open, "before", "kept"));
            const auto full = put(*open, "big", std::string(small_map, 'x'));
            REQUIRE_FALSE(full.has_value());
            CHECK(full.error().kind == Kind::temporary);
            CHECK(full.error().cause == Cause::storage_full);
            CHECK(
                full.error().what ==
                "cannot write to table things: MDB_MAP_FULL: Environment mapsize limit reached"
            );
            CHECK(
                full.error().remedy ==
                "raise map_size in the [archive] section of the configuration"
            );
            CHECK(*get(*open, "before") == "kept");
            REQUIRE_GOOD(put(*open, "after", "small"));
        }
        auto larger = open_in(dir.path(), 4 * small_map);
        REQUIRE_GOOD(larger);
        REQUIRE_GOOD(put(*larger, "big", std::string(small_map, 'x')));
        CHECK(*get(*larger, "before") == "kept");
        CHECK(*get(*larger, "after") == "small");
    }

    TEST_CASE("an environment is open once in a process, and may be opened again after") {
        const test::TempDir dir;
        {
            const auto open = open_in(dir.path());
            REQUIRE_GOOD(open);
            const auto again = open_in(dir.path() / ".");
            REQUIRE_FALSE(again.has_value());
            CHECK(again.error().kind == Kind::misuse);
        }
        CHECK(open_in(dir.path()).has_value());
    }

    TEST_CASE("an index is read ahead while it fits into half of the memory") {
        CHECK(lmdb::reads_ahead(0, 1000));
        CHECK(lmdb::reads_ahead(500, 1000));
        CHECK_FALSE(lmdb::reads_ahead(501, 1000));
        CHECK(lmdb::reads_ahead(501, std::nullopt));
    }

    TEST_CASE("a large index is opened for reading at random, unless it is read in order") {
        const test::TempDir dir;
        const auto memory = total_memory();
        REQUIRE(memory.has_value());
        {
            auto open = open_in(dir.path());
            REQUIRE_GOOD(open);
            REQUIRE_GOOD(put(*open, "key", "value"));
            CHECK_FALSE(is_read_at_random(dir.path()));
        }
        // All of it but the beginning is a hole.
        std::filesystem::resize_file(dir.path() / "data.mdb", *memory / 2 + 4096);
        {
            const auto open = open_in(dir.path());
            REQUIRE_GOOD(open);
            CHECK(is_read_at_random(dir.path()));
            CHECK(*get(*open, "key") == "value");
        }
        const auto env = Env::open(
            {.directory = dir.path(), .access = Access::read_only, .reading = Reading::in_order}
        );
        REQUIRE_GOOD(env);
        CHECK_FALSE(is_read_at_random(dir.path()));
    }

    TEST_CASE("a missing directory and a missing index are told with a remedy") {
        const test::TempDir dir;
        const auto missing = open_in(dir.path() / "none");
        REQUIRE_FALSE(missing.has_value());
        CHECK(
            missing.error().what ==
            "cannot open index " + (dir.path() / "none").string() + ": No such file or directory"
        );
        CHECK(missing.error().remedy == "create it, or correct the path");
        const auto empty = open_in(dir.path(), small_map, Access::read_only);
        REQUIRE_FALSE(empty.has_value());
        CHECK(empty.error().kind == Kind::temporary);
        CHECK(std::filesystem::is_empty(dir.path()));
    }

    TEST_CASE("an environment that is open for reading changes nothing") {
        const test::TempDir dir;
        {
            auto open = open_in(dir.path());
            REQUIRE_GOOD(open);
            REQUIRE_GOOD(put(*open, "a", "1"));
        }
        auto open = open_in(dir.path(), small_map, Access::read_only);
        REQUIRE_GOOD(open);
        CHECK(*get(*open, "a") == "1");
        const auto change = put(*open, "a", "2");
        REQUIRE_FALSE(change.has_value());
        CHECK(change.error().kind == Kind::misuse);
        const auto table = open->env.tables({"things", "new"});
        REQUIRE_FALSE(table.has_value());
        CHECK(table.error().kind == Kind::misuse);
    }

    TEST_CASE("two processes see each other's changes, and follow a map that grew") {
        const test::TempDir dir;
        Signal ready;
        Signal grown;
        // The child opens with the small map, waits until the parent wrote past it, and reads on.
        const pid_t child = in_child([&] {
            auto open = open_in(dir.path());
            if (!open || !put(*open, "child", "was here")) return false;
            ready.give();
            grown.await();
            const auto big = get(*open, "big");
            return big && big->size() == 2 * small_map && put(*open, "child", "read it");
        });
        ready.await();
        auto open = open_in(dir.path(), 16 * small_map);
        REQUIRE_GOOD(open);
        CHECK(*get(*open, "child") == "was here");
        const auto wrote = put(*open, "big", std::string(2 * small_map, 'x'));
        grown.give();
        REQUIRE_GOOD(wrote);
        REQUIRE(succeeded(child));
        CHECK(*get(*open, "child") == "read it");
    }

    TEST_CASE("a map that grew is followed also while other threads of the process read") {
        const test::TempDir dir;
        Signal ready;
        Signal grown;
        const pid_t child = in_child([&] {
            auto open = open_in(dir.path());
            if (!open || !put(*open, "a", "1")) return false;
            ready.give();
            grown.await();
            std::atomic<int> seen = 0;
            std::vector<std::thread> readers;
            for (int i = 0; i < 4; ++i)
                readers.emplace_back([&] {
                    for (int k = 0; k < 50; ++k)
                        if (const auto big = get(*open, "big"); big && big->size() == 2 * small_map)
                            ++seen;
                });
            for (std::thread& reader : readers)
                reader.join();
            return seen == 200;
        });
        ready.await();
        auto open = open_in(dir.path(), 16 * small_map);
        REQUIRE_GOOD(open);
        const auto wrote = put(*open, "big", std::string(2 * small_map, 'x'));
        grown.give();
        REQUIRE_GOOD(wrote);
        CHECK(succeeded(child));
    }

    TEST_CASE("places of readers that died are cleared when the table is full") {
        const test::TempDir dir;
        const auto open_few = [&] {
            return Env::open({.directory = dir.path(), .map_size = small_map, .max_readers = 2});
        };
        Signal ready;
        Signal done;
        const pid_t child = in_child([&] {
            auto env = open_few();
            if (!env || !env->tables({"things"})) return false;
            const auto one = env->read();
            const auto two = env->read();
            const auto three = env->read();
            ready.give();
            done.await();
            ::_exit(
                one && two && !three ? 0 : 1
            ); // as a killed process does: no place is given back
        });
        ready.await();
        auto env = open_few();
        REQUIRE_GOOD(env);
        const auto full = env->read();
        done.give();
        REQUIRE(succeeded(child));
        REQUIRE_FALSE(full.has_value());
        CHECK(full.error().kind == Kind::temporary);
        CHECK(full.error().cause == Cause::other);
        CHECK(env->read().has_value());
    }

    TEST_CASE("a file that is no index is damage, and the error says what to do") {
        const test::TempDir dir;
        {
            std::ofstream file(dir.path() / "data.mdb");
            file << std::string(64 << 10, 'x');
        }
        const auto open = open_in(dir.path());
        REQUIRE_FALSE(open.has_value());
        CHECK(open.error().kind == Kind::corrupt);
        CHECK(open.error().remedy == "restore the index from a backup");
    }
}

} // namespace kwit
