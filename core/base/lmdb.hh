// LMDB in types. The door to <lmdb.h>; nothing else in kwit knows its C names.
//
// An Env is one environment, open at most once in a process, and must not be used after fork().
// Transactions are short and belong to one call: leaving the scope aborts, commit() uses them up. A
// thread holds one transaction at a time (nested ones aside). What get() and cursors lend points
// into the map and dies with the transaction or with its next write: decode it inside. Flags: the
// durable defaults, MDB_NOTLS, MDB_NORDAHEAD (Reading); no DUPSORT, WRITEMAP. Keys: 1 to 511 bytes.
//
// Errors: a full map is `temporary` with Cause::storage_full, a reader table that stays full after
// dead readers were cleared is `temporary`, an environment in panic Cause::restart_needed, damaged
// pages `corrupt`.
#pragma once

#include "core/base/result.hh"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct MDB_txn;

namespace kwit {

enum class Access {
    read_write, ///< made when it is missing
    read_only,  ///< looked at, never made or changed
    at_rest,    ///< the same where nobody writes, as in a backup: without a lock file
};

/// What an index is mostly read for.
enum class Reading {
    anywhere, ///< rows here and there: nothing is read ahead when it is large, see reads_ahead()
    in_order, ///< whole tables from end to end: always read ahead
};

namespace lmdb {

class Env;
class Txn;

constexpr std::size_t max_key_size = 511;

/// Of an environment that a failed write broke (Env::broken).
constexpr const char* broken_remedy = "look at the disk; it is closed and opened again by itself";

/// A named table; opened once through Env::tables(), then a plain value.
class Table {
public:
    Table() = default;

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    friend class Env;
    friend class Txn;
    friend class WriteTxn;

    Table(std::optional<unsigned> handle, std::string name)
        : handle_(handle), name_(std::move(name)) {}

    std::optional<unsigned> handle_{}; // nothing: not in the index, see Missing::reads_empty
    std::string name_{};               // for messages
};

/// A pair as it lies in the map: borrowed, see above.
struct Entry {
    std::string_view key;
    std::string_view value;
};

struct TableStat {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0; ///< of the pages it takes up
};

enum class Order { ascending, descending };

/// Keys from `from` on and below `to`; an empty `to` is the end of the table.
struct Range {
    std::string from{};
    std::string to{};
    Order order = Order::ascending;

    /// All keys that begin with the prefix.
    static Range prefix(std::string_view prefix, Order order = Order::ascending);
};

enum class Walk { on, stop };

/// What both kinds of transaction can do.
class Txn {
public:
    /// The value of the key, borrowed; nothing when there is none.
    [[nodiscard]] Result<std::optional<std::string_view>>
    get(const Table& table, std::string_view key) const;

    /// Calls step for the entries of the range until it says stop. It must not write to the table.
    [[nodiscard]] Result<void> scan(
        const Table& table,
        const Range& range,
        const std::function<Result<Walk>(const Entry&)>& step
    ) const;

    /// The entry with the greatest key, borrowed.
    [[nodiscard]] Result<std::optional<Entry>> last(const Table& table) const;

    [[nodiscard]] Result<TableStat> stat(const Table& table) const;

protected:
    struct Abort {
        void operator()(MDB_txn* txn) const noexcept;
    };

    /// A place in the Env's count of open transactions; see Env::State.
    struct Leave {
        void operator()(void* state) const noexcept;
    };

    using Handle = std::unique_ptr<MDB_txn, Abort>;
    using Place = std::unique_ptr<void, Leave>;

    Txn(Place place, Handle txn) : place_(std::move(place)), txn_(std::move(txn)) {}

    Place place_; // left after the transaction has ended; null in nested ones
    Handle txn_;

private:
    friend class Env;
};

class ReadTxn : public Txn {
private:
    friend class Env;
    using Txn::Txn;
};

/// The one writer of the environment, in all processes; belongs to the thread that began it.
class WriteTxn : public Txn {
public:
    Result<void> put(const Table& table, std::string_view key, std::string_view value);

    /// `corrupt` when the key is there already: for tables that only grow.
    Result<void> put_new(const Table& table, std::string_view key, std::string_view value);

    /// Whether there was such a key.
    Result<bool> erase(const Table& table, std::string_view key);

    /// A transaction inside this one, which must not be used until the inner one has ended.
    Result<WriteTxn> nested();

    /// Durable when it returns (a nested one: part of the outer one).
    Result<void> commit() &&;

private:
    friend class Env;
    using Txn::Txn;

    Result<void>
    put_with(const Table& table, std::string_view key, std::string_view value, unsigned flags);
};

/// What becomes of tables that are not there and may not be made.
enum class Missing {
    is_error,
    reads_empty, ///< for tables that came later than the index may have been made
};

struct EnvOptions {
    std::filesystem::path directory;   ///< must exist
    std::uint64_t map_size = 1U << 20; ///< bytes; the file never grows past it
    unsigned max_tables = 64;
    unsigned max_readers = 1022; ///< at a time, in all processes
    Access access = Access::read_write;
    Reading reading = Reading::anywhere;
};

/// Whether the system is to read what lies around a page, too, whenever one has to come from the
/// disk. That fills the memory soon with an index that can stay there. Of a larger one, where rows
/// lie anywhere, it reads megabytes for each of them, which drive out what is wanted more. Memory:
/// all there is, nothing when that is not known; half of it may be counted on.
bool reads_ahead(std::uint64_t index_size, const std::optional<std::uint64_t>& memory);

class Env {
public:
    static Result<Env> open(const EnvOptions& options);

    /// Opens the tables, in order; made when they are missing and the Env may write. Call it at
    /// start, before other threads use the Env.
    Result<std::vector<Table>>
    tables(const std::vector<std::string>& names, Missing missing = Missing::is_error);

    [[nodiscard]] Result<ReadTxn> read() const;

    /// Waits for the writer of another thread or process.
    Result<WriteTxn> write();

    /// Writes one moment of it, without its unused pages, into a file that is data.mdb of another
    /// environment then. Writers go on meanwhile, and no page that was in use then is used again.
    [[nodiscard]] Result<void> copy(int descriptor) const;

    /// Clears the places of readers whose processes died; their number.
    Result<int> clear_dead_readers();

    /// A write failed in the one place that LMDB cannot undo: nothing goes until it is closed and
    /// opened again. Known when the first transaction after it was refused.
    [[nodiscard]] bool broken() const;

private:
    struct State;
    friend class Txn;

    struct Close {
        void operator()(State* state) const noexcept;
    };

    explicit Env(std::unique_ptr<State, Close> state) : state_(std::move(state)) {}

    struct Begun {
        Txn::Place place;
        Txn::Handle txn;
    };

    static Result<Begun> begin(State& state, unsigned flags);

    /// Nothing when one of them is missing, may not be made, and that is an error.
    static Result<std::vector<Table>> open_tables(
        State& state,
        const std::vector<std::string>& names,
        Missing missing,
        unsigned txn_flags,
        unsigned table_flags
    );

    std::unique_ptr<State, Close> state_;
};

} // namespace lmdb

} // namespace kwit
