#include "core/archive/group.hh"

#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <future>
#include <new>
#include <thread>

// ThreadSanitizer has allocating operators of its own: there memory never runs out.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KWIT_FOREIGN_ALLOCATOR
#endif
#endif

namespace {

/// How many allocations of this thread succeed before the next one fails; negative: all succeed.
thread_local long allocations_left = -1;

/// Memory runs out in this thread after so many allocations, once.
class ShortOfMemory {
public:
    explicit ShortOfMemory(long after) { allocations_left = after; }

    ShortOfMemory(const ShortOfMemory&) = delete;
    ShortOfMemory& operator=(const ShortOfMemory&) = delete;

    ~ShortOfMemory() { allocations_left = -1; }

    static bool came_to_it() { return allocations_left < 0; }
};

} // namespace

#ifdef KWIT_FOREIGN_ALLOCATOR
constexpr bool memory_can_run_out = false;
#else
constexpr bool memory_can_run_out = true;

void* operator new(std::size_t size) {
    if (allocations_left == 0) {
        allocations_left = -1;
        throw std::bad_alloc();
    }
    if (allocations_left > 0) --allocations_left;
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

// Sorting asks for its buffer in this way, and gives it back by the operator below.
void* operator new(std::size_t size, const std::nothrow_t& /*nothrow*/) noexcept {
    return std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
#endif

namespace kwit {

namespace {

/// A group with an index of one table.
struct Grouped {
    test::TempDir dir{};
    Result<lmdb::Env> env{lmdb::Env::open({.directory = dir.path(), .map_size = 1U << 20})};
    lmdb::Table table{};
    CommitGroup group{};
    std::atomic<bool> ran_out = false; // of memory, in a change that waited

    Grouped() {
        REQUIRE_GOOD(env);
        const auto tables = env->tables({"things"});
        REQUIRE_GOOD(tables);
        table = tables->front();
    }

    std::uint64_t entries() {
        const auto txn = env->read();
        REQUIRE_GOOD(txn);
        return txn->stat(table)->entries;
    }

    /// Holds the first change until `count` more wait behind it, then lets all go. How many
    /// transactions that took; errors and exceptions of the changes come in `results`.
    std::uint64_t run_behind_one(
        std::size_t count,
        const std::function<Result<void>(std::size_t, lmdb::WriteTxn&)>& change,
        std::vector<std::string>& results,
        long memory_for = -1
    ) {
        std::promise<void> begun;
        std::promise<void> go;
        std::thread leader([&] {
            const auto held = group.run(*env, [&](lmdb::WriteTxn& /*txn*/) -> Result<void> {
                begun.set_value();
                go.get_future().wait();
                return {};
            });
            CHECK(held.has_value());
        });
        begun.get_future().wait();
        results.assign(count, "");
        std::atomic<std::size_t> ended = 0; // before the leader: they could not even wait
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back([&, i] {
                try {
                    const Change mine = [&](lmdb::WriteTxn& txn) { return change(i, txn); };
                    const auto done = [&] {
                        const ShortOfMemory until_then(memory_for);
                        auto result = group.run(*env, mine);
                        if (memory_for >= 0 && ShortOfMemory::came_to_it()) ran_out = true;
                        return result;
                    }();
                    results[i] = done ? "done" : done.error().what;
                } catch (const std::bad_alloc&) {
                    ran_out = true;
                    results[i] = "no memory";
                    ++ended;
                } catch (const std::exception& bug) {
                    results[i] = std::string("bug: ") + bug.what();
                }
            });
        while (group.waiting() + ended < count)
            std::this_thread::yield();
        go.set_value();
        leader.join();
        for (std::thread& thread : threads)
            thread.join();
        return group.transactions() - 1;
    }
};

} // namespace

TEST_SUITE("archive/group") {
    TEST_CASE("changes that wait share one transaction, sixteen at most") {
        for (const std::size_t count : {max_batch, max_batch + 1}) {
            CAPTURE(count);
            Grouped grouped;
            std::vector<std::string> results;
            const auto put = [&](std::size_t i, lmdb::WriteTxn& txn) {
                return txn.put(grouped.table, "k" + std::to_string(i), "v");
            };
            CHECK(grouped.run_behind_one(count, put, results) == (count > max_batch ? 2 : 1));
            CHECK(results == std::vector<std::string>(count, "done"));
            CHECK(grouped.entries() == count);
        }
    }

    TEST_CASE("an error and an exception undo their own change alone") {
        Grouped grouped;
        std::vector<std::string> results;
        const auto change = [&](std::size_t i, lmdb::WriteTxn& txn) -> Result<void> {
            TRY(txn.put(grouped.table, "k" + std::to_string(i), "v"));
            if (i == 1) return fail(Kind::refused, "poisoned");
            if (i == 2) throw std::runtime_error("thrown");
            return {};
        };
        CHECK(grouped.run_behind_one(4, change, results) == 1);
        CHECK(results == std::vector<std::string>{"done", "poisoned", "bug: thrown", "done"});
        CHECK(grouped.entries() == 2);
    }

    TEST_CASE("when none of them succeeds nothing is committed") {
        Grouped grouped;
        std::vector<std::string> results;
        const auto change = [&](std::size_t /*i*/, lmdb::WriteTxn& txn) -> Result<void> {
            TRY(txn.put(grouped.table, "k", "v"));
            return fail(Kind::refused, "poisoned");
        };
        CHECK(grouped.run_behind_one(3, change, results) == 0);
        CHECK(grouped.entries() == 0);
    }

    TEST_CASE("memory that runs out anywhere leaves nobody waiting and tells nobody a lie") {
        for (long memory_for = 0;; ++memory_for) {
            CAPTURE(memory_for);
            REQUIRE(memory_for < 1000);
            Grouped grouped;
            std::vector<std::string> results;
            const auto put = [&](std::size_t i, lmdb::WriteTxn& txn) -> Result<void> {
                if (i == 0)
                    return fail(Kind::refused, std::string(100, 'x'), "a remedy of its own");
                const std::string value(1000, 'v');
                return txn.put(grouped.table, "k" + std::to_string(i), value);
            };
            grouped.run_behind_one(4, put, results, memory_for);
            const auto done = std::count(results.begin(), results.end(), "done");
            CHECK(grouped.entries() == static_cast<std::uint64_t>(done));
            if (!grouped.ran_out) {
                CHECK(done == 3);
                if (memory_can_run_out) CHECK(memory_for >= 3); // it did run out before
                break;
            }
            grouped.run_behind_one(2, put, results); // and the group goes on
            CHECK(results == std::vector<std::string>{std::string(100, 'x'), "done"});
        }
    }

    TEST_CASE("when the transaction cannot begin, every change hears why") {
        Grouped made;
        made.env = fail(Kind::misuse, "closed");
        auto env = lmdb::Env::open(
            {.directory = made.dir.path(), .map_size = 1U << 20, .access = Access::read_only}
        );
        REQUIRE_GOOD(env);
        const auto done =
            made.group.run(*env, [](lmdb::WriteTxn& /*txn*/) -> Result<void> { return {}; });
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == Kind::misuse);
        CHECK(made.group.transactions() == 0);
        // Also when there is no memory to say so, and the next one is not left waiting.
        bool ran_out = true;
        for (long memory_for = 0; ran_out; ++memory_for) {
            const Change nothing = [](lmdb::WriteTxn& /*txn*/) -> Result<void> { return {}; };
            try {
                const ShortOfMemory until_then(memory_for);
                const auto told = made.group.run(*env, nothing);
                ran_out = ShortOfMemory::came_to_it();
                CHECK_FALSE(told.has_value());
            } catch (const std::bad_alloc&) {
                CHECK(memory_for < 100);
            }
        }
    }
}

} // namespace kwit
