#include "core/base/lmdb.hh"

#include "core/base/file.hh"
#include "core/base/memory.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <lmdb.h>
#include <sys/file.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <set>

namespace kwit::lmdb {

namespace {

constexpr mode_t file_mode = 0600;

/// How long a change of the map's size waits for the transactions of this process to end.
constexpr auto patience = std::chrono::seconds(5);

Error library_error(const std::string& doing, int code) {
    Error error{
        Kind::temporary,
        fmt::format("cannot {}: {}", doing, mdb_strerror(code)),
    };
    switch (code) {
    case MDB_MAP_FULL:
        error.cause = Cause::storage_full;
        error.remedy = "raise map_size in the [archive] section of the configuration";
        break;
    case MDB_READERS_FULL:
        error.remedy = "too many programs read the index at once: end some of them";
        break;
    case MDB_TXN_FULL:
        error.remedy = "the change is too big for one transaction: send the mail again alone";
        break;
    case MDB_MAP_RESIZED:
        error.remedy = "another program enlarged the index: try again";
        break;
    case MDB_PANIC:
        error.cause = Cause::restart_needed;
        error.remedy = broken_remedy;
        break;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        error.kind = Kind::corrupt;
        error.remedy = "restore the index from a backup";
        break;
    default:
        error.kind = Kind::misuse;
        break;
    }
    return error;
}

Error lmdb_error(const std::string& doing, int code) {
    if (code < 0) return library_error(doing, code); // LMDB's own codes are all negative
    Error error = system_error(doing, code);
    if (code == ENOMEM)
        error.remedy = "lower map_size in the [archive] section of the configuration, or lift the "
                       "limit of address space";
    return error;
}

MDB_val lent(std::string_view text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): LMDB does not write to what it is
    // given.
    return {text.size(), const_cast<char*>(text.data())};
}

std::string_view view(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

/// The environments that are open in this process. LMDB's rule is about the process, so this is
/// too: a second one of the same files would drop the first one's locks when it closes.
class OpenHere {
public:
    static bool add(const std::string& directory) {
        const std::lock_guard lock(mutex());
        return names().insert(directory).second;
    }

    static void remove(const std::string& directory) {
        const std::lock_guard lock(mutex());
        names().erase(directory);
    }

private:
    static std::mutex& mutex() {
        static std::mutex the;
        return the;
    }

    static std::set<std::string>& names() {
        static std::set<std::string> the;
        return the;
    }
};

struct CloseEnv {
    void operator()(MDB_env* env) const noexcept { mdb_env_close(env); }
};

struct CloseCursor {
    void operator()(MDB_cursor* cursor) const noexcept { mdb_cursor_close(cursor); }
};

/// One walk through a range of a table, from the end that its order says.
class Cursor {
public:
    static Result<Cursor>
    open(MDB_txn* txn, MDB_dbi dbi, const std::string& table, const Range& range = {}) {
        MDB_cursor* cursor = nullptr;
        if (const int code = mdb_cursor_open(txn, dbi, &cursor); code != 0)
            return fail(lmdb_error("read table " + table, code));
        return Cursor(cursor, table, range);
    }

    Result<std::optional<Entry>> first() {
        const auto entry = TRY(range_.order == Order::ascending ? seek() : seek_below());
        return inside(entry);
    }

    Result<std::optional<Entry>> next() {
        const auto entry = TRY(get({}, range_.order == Order::ascending ? MDB_NEXT : MDB_PREV));
        return inside(entry);
    }

private:
    Cursor(MDB_cursor* cursor, std::string table, Range range)
        : cursor_(cursor), table_(std::move(table)), range_(std::move(range)) {}

    /// The first entry that is not below the range.
    Result<std::optional<Entry>> seek() {
        return range_.from.empty() ? get({}, MDB_FIRST) : get(range_.from, MDB_SET_RANGE);
    }

    /// The last entry that is not above the range.
    Result<std::optional<Entry>> seek_below() {
        if (range_.to.empty()) return get({}, MDB_LAST);
        const auto above = TRY(get(range_.to, MDB_SET_RANGE));
        return get({}, above ? MDB_PREV : MDB_LAST);
    }

    [[nodiscard]] std::optional<Entry> inside(const std::optional<Entry>& entry) const {
        if (!entry || entry->key < range_.from) return std::nullopt;
        if (!range_.to.empty() && entry->key >= range_.to) return std::nullopt;
        return entry;
    }

    Result<std::optional<Entry>> get(std::string_view from, MDB_cursor_op where) {
        MDB_val key = lent(from);
        MDB_val value{};
        const int code = mdb_cursor_get(cursor_.get(), &key, &value, where);
        if (code == MDB_NOTFOUND) return std::optional<Entry>();
        if (code != 0) return fail(lmdb_error("read table " + table_, code));
        return std::optional<Entry>(Entry{view(key), view(value)});
    }

    std::unique_ptr<MDB_cursor, CloseCursor> cursor_;
    std::string table_; // for messages
    Range range_;
};

/// LMDB writes the first pages of a new file long before it syncs them: a power cut in between
/// could leave a file that is no index, now and for ever. So a new file gets its name when it is on
/// disk.
Result<void> make_index(const EnvOptions& options) {
    const std::filesystem::path path = options.directory / "data.mdb";
    const std::filesystem::path unfinished = options.directory / "data.mdb.new";
    std::error_code none;
    if (std::filesystem::exists(path, none)) return {};
    const Fd directory(::open(options.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // One at a time; the lock goes with the process. What one left behind that died is made anew.
    if (!directory || ::flock(directory.get(), LOCK_EX) != 0)
        return fail(system_error("lock directory " + options.directory.string(), errno));
    if (std::filesystem::exists(path, none)) return {};
    std::filesystem::remove(unfinished, none);
    MDB_env* made = nullptr;
    int code = mdb_env_create(&made);
    {
        const std::unique_ptr<MDB_env, CloseEnv> env(made);
        constexpr unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK;
        if (code == 0) code = mdb_env_set_mapsize(made, options.map_size);
        if (code == 0) code = mdb_env_open(made, unfinished.c_str(), flags, file_mode);
        if (code == 0) code = mdb_env_sync(made, 1);
    }
    if (code != 0) return fail(lmdb_error("make index " + path.string(), code));
    if (std::rename(unfinished.c_str(), path.c_str()) != 0)
        return fail(system_error("name index " + path.string(), errno));
    return {};
}

/// As the file is now; a milter that runs for years looks again when it is started again.
unsigned advice(const EnvOptions& options) {
    if (options.reading == Reading::in_order) return 0;
    std::error_code missing;
    const auto size = std::filesystem::file_size(options.directory / "data.mdb", missing);
    return missing || reads_ahead(size, total_memory()) ? 0U : MDB_NORDAHEAD;
}

bool is_possible(std::string_view key) {
    return !key.empty() && key.size() <= max_key_size;
}

} // namespace

bool reads_ahead(std::uint64_t index_size, const std::optional<std::uint64_t>& memory) {
    return !memory || index_size <= *memory / 2;
}

// ── the environment ──────────────────────────────────────────────────────────────────────────────

/// LMDB lets the map be changed only while this process has no transaction open, so they are
/// counted.
struct Env::State {
    std::filesystem::path directory{}; // for messages
    std::string registered{};
    std::unique_ptr<MDB_env, CloseEnv> env{};
    bool may_write = false;
    std::atomic<bool> broken = false;

    std::mutex mutex{};
    std::condition_variable changed{};
    unsigned open = 0;
    bool resizing = false;

    /// Notes that this process has the index open; `misuse` when it has.
    Result<void> claim();

    /// Opens the environment; LMDB's code.
    int start(const EnvOptions& options);

    Result<void> enter();
    void leave();

    Result<bool> mend(int code);

private:
    /// Takes over the size that another process gave the map.
    Result<void> adopt_map_size();

    template <typename Condition>
    bool wait_for(std::unique_lock<std::mutex>& lock, Condition condition) {
        // The system's clock, as ThreadSanitizer does not know pthread_cond_clockwait() yet.
        return changed.wait_until(lock, std::chrono::system_clock::now() + patience, condition);
    }
};

Result<void> Env::State::enter() {
    std::unique_lock lock(mutex);
    if (!wait_for(lock, [&] { return !resizing; }))
        return fail(lmdb_error("use index " + directory.string(), MDB_MAP_RESIZED));
    ++open;
    return {};
}

void Env::State::leave() {
    {
        const std::lock_guard lock(mutex);
        --open;
    }
    changed.notify_all();
}

Result<void> Env::State::adopt_map_size() {
    std::unique_lock lock(mutex);
    if (resizing) return {}; // another thread is at it; enter() waits for it
    resizing = true;
    const bool alone = wait_for(lock, [&] { return open == 0; });
    const int code = alone ? mdb_env_set_mapsize(env.get(), 0) : MDB_MAP_RESIZED;
    resizing = false;
    lock.unlock();
    changed.notify_all();
    if (code != 0) return fail(lmdb_error("enlarge the map of index " + directory.string(), code));
    return {};
}

void Env::Close::operator()(State* state) const noexcept {
    state->env.reset();
    if (!state->registered.empty()) OpenHere::remove(state->registered);
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): this is the deleter.
    delete state;
}

Result<void> Env::State::claim() {
    std::error_code missing;
    const auto canonical = std::filesystem::canonical(directory, missing);
    const std::string doing = "open index " + directory.string();
    if (missing) return fail(system_error(doing, missing.value()));
    if (!OpenHere::add(canonical.string()))
        return fail(Kind::misuse, "cannot " + doing + ": this program has it open already");
    registered = canonical.string();
    return {};
}

int Env::State::start(const EnvOptions& options) {
    MDB_env* made = nullptr;
    int code = mdb_env_create(&made);
    env.reset(made);
    if (code == 0) code = mdb_env_set_maxdbs(made, options.max_tables);
    if (code == 0) code = mdb_env_set_maxreaders(made, options.max_readers);
    if (code == 0) code = mdb_env_set_mapsize(made, options.map_size);
    const unsigned flags = MDB_NOTLS | (may_write ? 0U : MDB_RDONLY) |
                           (options.access == Access::at_rest ? MDB_NOLOCK : 0U) | advice(options);
    if (code == 0) code = mdb_env_open(made, directory.c_str(), flags, file_mode);
    // What a process wrote that was killed in the middle of a commit is seen, but perhaps not on
    // disk yet; nor is the name of an index that it had just made. Who acts on what he reads here
    // must not lose it in a power cut.
    if (code == 0 && may_write) code = mdb_env_sync(made, 1);
    return code;
}

Result<Env> Env::open(const EnvOptions& options) {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): owned by the pointer from here on.
    std::unique_ptr<State, Close> state(new State);
    state->directory = options.directory;
    state->may_write = options.access == Access::read_write;
    TRY(state->claim());
    if (state->may_write) TRY(make_index(options));
    const int code = state->start(options);
    if (code != 0) return fail(lmdb_error("open index " + options.directory.string(), code));
    if (state->may_write) TRY(sync_directory(options.directory));
    Env opened(std::move(state));
    TRY(opened.clear_dead_readers());
    return opened;
}

/// Whether it is worth beginning again after this code.
Result<bool> Env::State::mend(int code) {
    if (code == MDB_MAP_RESIZED) {
        TRY(adopt_map_size());
        return true;
    }
    int cleared = 0;
    return code == MDB_READERS_FULL && mdb_reader_check(env.get(), &cleared) == 0 && cleared > 0;
}

Result<Env::Begun> Env::begin(State& state, unsigned flags) {
    constexpr int attempts = 3;
    for (int attempt = 1;; ++attempt) {
        TRY(state.enter());
        Txn::Place place(&state);
        MDB_txn* txn = nullptr;
        const int code = mdb_txn_begin(state.env.get(), nullptr, flags, &txn);
        if (code == 0) return Begun{std::move(place), Txn::Handle(txn)};
        place.reset();
        if (code == MDB_PANIC) state.broken = true;
        const bool again = TRY(state.mend(code));
        if (!again || attempt == attempts)
            return fail(lmdb_error("use index " + state.directory.string(), code));
    }
}

Result<std::vector<Table>> Env::open_tables(
    State& state,
    const std::vector<std::string>& names,
    Missing missing,
    unsigned txn_flags,
    unsigned table_flags
) {
    std::vector<Table> tables;
    Begun begun = TRY(begin(state, txn_flags));
    for (const std::string& name : names) {
        MDB_dbi handle = 0;
        const int code = mdb_dbi_open(begun.txn.get(), name.c_str(), table_flags, &handle);
        if (code == MDB_NOTFOUND && missing == Missing::reads_empty) {
            tables.push_back(Table(std::nullopt, name));
            continue;
        }
        if (code == MDB_NOTFOUND) return std::vector<Table>();
        if (code != 0) return fail(lmdb_error("open table " + name, code));
        tables.push_back(Table(handle, name));
    }
    // Handles outlive their transaction only when it is committed, a read-only one too.
    if (const int code = mdb_txn_commit(begun.txn.release()); code != 0)
        return fail(lmdb_error("open the tables of the index", code));
    return tables;
}

Result<std::vector<Table>> Env::tables(const std::vector<std::string>& names, Missing missing) {
    // The usual case needs no writer's lock. Who may write makes them, so there are none that miss.
    if (state_->may_write) missing = Missing::is_error;
    auto tables = TRY(open_tables(*state_, names, missing, MDB_RDONLY, 0));
    if (tables.empty() && state_->may_write)
        tables = TRY(open_tables(*state_, names, missing, 0, MDB_CREATE));
    if (!tables.empty()) return tables;
    return fail(
        Kind::misuse,
        fmt::format("index {} lacks tables of this version of kwit", state_->directory.string()),
        "let a command that writes open it once, for example kwit client add"
    );
}

Result<ReadTxn> Env::read() const {
    Begun begun = TRY(begin(*state_, MDB_RDONLY));
    return ReadTxn(std::move(begun.place), std::move(begun.txn));
}

Result<WriteTxn> Env::write() {
    if (!state_->may_write)
        return fail(
            Kind::misuse,
            "cannot change index " + state_->directory.string() + ": it is open for reading only"
        );
    Begun begun = TRY(begin(*state_, 0));
    return WriteTxn(std::move(begun.place), std::move(begun.txn));
}

Result<void> Env::copy(int descriptor) const {
    constexpr int attempts = 3;
    for (int attempt = 1;; ++attempt) {
        TRY(state_->enter());
        Txn::Place place(state_.get());
        const int code = mdb_env_copyfd2(state_->env.get(), descriptor, MDB_CP_COMPACT);
        if (code == 0) return {};
        place.reset();
        // What can be mended shows before anything is written.
        const bool again = TRY(state_->mend(code));
        if (!again || attempt == attempts)
            return fail(lmdb_error("copy index " + state_->directory.string(), code));
    }
}

Result<int> Env::clear_dead_readers() {
    int cleared = 0;
    if (const int code = mdb_reader_check(state_->env.get(), &cleared); code != 0)
        return fail(lmdb_error("look for dead readers of index " + state_->directory.string(), code)
        );
    return cleared;
}

bool Env::broken() const {
    return state_->broken;
}

// ── transactions ─────────────────────────────────────────────────────────────────────────────────

void Txn::Abort::operator()(MDB_txn* txn) const noexcept {
    mdb_txn_abort(txn);
}

void Txn::Leave::operator()(void* state) const noexcept {
    static_cast<Env::State*>(state)->leave();
}

Result<std::optional<std::string_view>> Txn::get(const Table& table, std::string_view key) const {
    if (!is_possible(key) || !table.handle_) return std::optional<std::string_view>();
    MDB_val wanted = lent(key);
    MDB_val value{};
    const int code = mdb_get(txn_.get(), *table.handle_, &wanted, &value);
    if (code == MDB_NOTFOUND) return std::optional<std::string_view>();
    if (code != 0) return fail(lmdb_error("read table " + table.name_, code));
    return std::optional<std::string_view>(view(value));
}

Result<void> Txn::scan(
    const Table& table, const Range& range, const std::function<Result<Walk>(const Entry&)>& step
) const {
    if (!table.handle_) return {};
    Cursor cursor = TRY(Cursor::open(txn_.get(), *table.handle_, table.name_, range));
    auto entry = TRY(cursor.first());
    while (entry) {
        const Walk walk = TRY(step(*entry));
        if (walk == Walk::stop) break;
        entry = TRY(cursor.next());
    }
    return {};
}

Result<std::optional<Entry>> Txn::last(const Table& table) const {
    if (!table.handle_) return std::optional<Entry>();
    Cursor cursor =
        TRY(Cursor::open(txn_.get(), *table.handle_, table.name_, {.order = Order::descending}));
    return cursor.first();
}

Result<TableStat> Txn::stat(const Table& table) const {
    if (!table.handle_) return TableStat{};
    MDB_stat found{};
    if (const int code = mdb_stat(txn_.get(), *table.handle_, &found); code != 0)
        return fail(lmdb_error("measure table " + table.name_, code));
    return TableStat{
        found.ms_entries,
        (found.ms_branch_pages + found.ms_leaf_pages + found.ms_overflow_pages) * found.ms_psize};
}

Result<void> WriteTxn::put_with(
    const Table& table, std::string_view key, std::string_view value, unsigned flags
) {
    MDB_val where = lent(key);
    MDB_val what = lent(value);
    const int code = mdb_put(txn_.get(), table.handle_.value(), &where, &what, flags);
    if (code == MDB_KEYEXIST)
        return fail(
            Kind::corrupt,
            "table " + table.name_ + " has an entry already where a new one belongs",
            "run kwit verify"
        );
    if (code != 0) return fail(lmdb_error("write to table " + table.name_, code));
    return {};
}

Result<void> WriteTxn::put(const Table& table, std::string_view key, std::string_view value) {
    return put_with(table, key, value, 0);
}

Result<void> WriteTxn::put_new(const Table& table, std::string_view key, std::string_view value) {
    return put_with(table, key, value, MDB_NOOVERWRITE);
}

Result<bool> WriteTxn::erase(const Table& table, std::string_view key) {
    if (!is_possible(key)) return false;
    MDB_val where = lent(key);
    const int code = mdb_del(txn_.get(), table.handle_.value(), &where, nullptr);
    if (code != 0 && code != MDB_NOTFOUND)
        return fail(lmdb_error("erase from table " + table.name_, code));
    return code == 0;
}

Result<WriteTxn> WriteTxn::nested() {
    MDB_txn* inner = nullptr;
    const int code = mdb_txn_begin(mdb_txn_env(txn_.get()), txn_.get(), 0, &inner);
    if (code != 0) return fail(lmdb_error("begin a part of a transaction", code));
    return WriteTxn(nullptr, Handle(inner));
}

Result<void> WriteTxn::commit() && {
    // LMDB frees the handle even when the commit fails: let go of it before looking.
    const int code = mdb_txn_commit(txn_.release());
    place_.reset();
    if (code != 0) return fail(lmdb_error("commit to the index", code));
    return {};
}

Range Range::prefix(std::string_view prefix, Order order) {
    std::string to(prefix);
    while (!to.empty() && to.back() == '\xff')
        to.pop_back();
    if (!to.empty()) to.back() = static_cast<char>(static_cast<unsigned char>(to.back()) + 1);
    return {std::string(prefix), to, order};
}

} // namespace kwit::lmdb
