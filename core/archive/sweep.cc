#include "core/archive/sweep.hh"

#include "core/archive/journal.hh"
#include "core/archive/object_rows.hh"
#include "core/archive/object_tree.hh"
#include "core/archive/objects.hh"
#include "core/archive/receipts.hh"
#include "core/archive/recipe_rows.hh"
#include "core/archive/rows.hh"
#include "core/archive/seen.hh"
#include "core/base/file.hh"
#include "core/base/json.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <span>
#include <thread>
#include <utility>

namespace kwit {

namespace {

using Clock = std::chrono::steady_clock;

/// What one transaction may hold, as mails wait for it.
constexpr std::size_t max_in_transaction = 64;
constexpr auto max_time_in_transaction = std::chrono::milliseconds(50);
constexpr auto longest_pause = std::chrono::milliseconds(200);

/// An original and the receipts whose original it is.
struct Candidate {
    Digest digest;
    Digest file;                 ///< the object that goes with it: itself, or its recipe
    std::uint64_t size = 0;      ///< of the file
    std::uint64_t originals = 0; ///< receipts whose original it is, those seen or not
    std::vector<Ulid> receipts{};
    Time since{};
};

struct Rubbish {
    Digest digest;
    std::uint64_t size = 0;
    Time changed{};
};

bool is_past(Time since, Milliseconds age, Time now) {
    return now - since > age;
}

/// Whether all who name the object are these receipts.
bool names_alone(const std::optional<ObjectRow>& row, std::size_t receipts) {
    return row && row->documents == 0 && row->originals == receipts;
}

Swept told(const Candidate& candidate) {
    Swept swept{
        .what = Swept::What::original,
        .name = candidate.digest.hex(),
        .size = candidate.size,
        .since = candidate.since};
    for (const Ulid& id : candidate.receipts)
        swept.receipts.push_back(id.text());
    return swept;
}

Swept told(const Rubbish& rubbish) {
    return {
        .what = Swept::What::unreferenced,
        .name = rubbish.digest.hex(),
        .size = rubbish.size,
        .since = rubbish.changed};
}

void count(SweepTotal& total, std::uint64_t size) {
    ++total.count;
    total.bytes += size;
}

// ── finding ──────────────────────────────────────────────────────────────────────────────────────

template <typename Item>
using Take = std::function<Result<void>(const std::vector<Item>&)>;

/// Gathers what one transaction may hold.
template <typename Item>
class Batch {
public:
    explicit Batch(const Take<Item>& take) : take_(take) {}

    Result<void> add(std::optional<Item> item) {
        if (item) items_.push_back(std::move(*item));
        return items_.size() == max_in_transaction ? end() : Result<void>();
    }

    Result<void> end() {
        if (items_.empty()) return {};
        return take_(std::exchange(items_, {}));
    }

private:
    const Take<Item>& take_;
    std::vector<Item> items_{};
};

/// Walks through receipts and files and hands over, in batches, what may go.
class Finder {
public:
    Finder(const Archive& archive, Time now) : archive_(archive), now_(now) {}

    Result<void> originals(const Take<Candidate>& take) {
        const auto keep = archive_.settings().keep_originals;
        if (!keep) return {};
        Batch<Candidate> batch(take);
        // Ids are minted when the mail has come: what is younger by its id is younger.
        const ReceiptFilter old{.until = now_ - *keep};
        const auto look = [&](const Receipt& receipt) -> Result<lmdb::Walk> {
            auto candidate = TRY(candidate_of(receipt, *keep));
            TRY(batch.add(std::move(candidate)));
            return lmdb::Walk::on;
        };
        TRY(each_receipt(archive_, old, {}, look));
        TRY(add_shared(batch));
        return batch.end();
    }

    /// Counts what stays.
    Result<void> rubbish(SweepReport& report, const SweepStep& step, const Take<Rubbish>& take) {
        Batch<Rubbish> batch(take);
        const auto look = [&](const ObjectFile& file) -> Result<void> {
            if (!file.digest) {
                count(report.foreign, file.size);
                step({Swept::What::foreign, file.path.string(), file.size, file.changed});
                return {};
            }
            const auto row = TRY(row_of(*file.digest));
            if (row) return {};
            if (is_past(file.changed, sweep_age, now_))
                return batch.add(Rubbish{*file.digest, file.size, file.changed});
            count(report.young, file.size);
            return {};
        };
        TRY(each_object_file(archive_.path(), look));
        return batch.end();
    }

private:
    /// Originals of several receipts, all of which were seen by now.
    Result<void> add_shared(Batch<Candidate>& batch) const {
        for (const auto& [digest, candidate] : shared_) {
            const auto row = TRY(row_of(candidate.file));
            const bool alone = names_alone(row, candidate.receipts.size());
            TRY(batch.add(alone ? std::optional(candidate) : std::nullopt));
        }
        return {};
    }

    [[nodiscard]] Result<std::optional<ObjectRow>> row_of(const Digest& digest) const {
        const lmdb::ReadTxn txn = TRY(archive_.read());
        return load_object(archive_, txn, digest);
    }

    /// The file that would go with the original, and its size; nothing when a document has the
    /// same bytes.
    [[nodiscard]] Result<std::optional<Candidate>> file_of(const Digest& original) const {
        const lmdb::ReadTxn txn = TRY(archive_.read());
        const auto objects = TRY(objects_of_original(archive_, txn, original));
        const auto row = TRY(load_object(archive_, txn, objects.front()));
        if (!row || row->documents > 0) return std::optional<Candidate>();
        return std::optional(Candidate{original, objects.front(), row->size, row->originals});
    }

    /// Nothing for one whose original is needed, and for one that shares it with others: these are
    /// looked at when all receipts were seen.
    Result<std::optional<Candidate>> candidate_of(const Receipt& receipt, Milliseconds keep) {
        std::optional<Candidate> none;
        const auto since = idle_since(receipt);
        if (receipt.original.empty() || receipt.original_removed_at) return none;
        if (!since || !is_past(*since, keep, now_)) return none;
        const Digest digest = TRY(Digest::parse(receipt.original));
        const Ulid id = TRY(Ulid::parse(receipt.id));
        auto candidate = TRY(file_of(digest));
        if (!candidate) return none;
        candidate->receipts = {id};
        candidate->since = *since;
        if (candidate->originals == 1) return candidate;
        const auto [place, is_new] = shared_.try_emplace(digest, *candidate);
        if (is_new) return none;
        place->second.receipts.push_back(id);
        place->second.since = std::max(place->second.since, *since);
        return none;
    }

    const Archive& archive_;
    Time now_;
    std::map<Digest, Candidate> shared_{};
};

// ── removing ─────────────────────────────────────────────────────────────────────────────────────

class Remover {
public:
    Remover(Archive& archive, const By& by, const SweepStep& step, SweepReport& report)
        : archive_(archive), by_(by), step_(step), report_(report) {}

    Result<void> originals(const std::vector<Candidate>& batch) {
        return in_pieces<Candidate>(
            batch,
            [&](auto rest, lmdb::WriteTxn& txn) { return let_go(rest, txn); },
            [&] { return remove_files_of_originals(); }
        );
    }

    Result<void> rubbish(const std::vector<Rubbish>& batch) {
        return in_pieces<Rubbish>(
            batch,
            [&](auto rest, lmdb::WriteTxn& txn) { return remove_rubbish(rest, txn); },
            [&] { return tell_of_rubbish(); }
        );
    }

private:
    template <typename Item>
    using Piece = std::function<Result<std::size_t>(std::span<const Item>, lmdb::WriteTxn&)>;

    /// Hands the batch to transactions, each of which takes as much as its time allows; after each
    /// comes `then`, and a pause.
    template <typename Item>
    Result<void> in_pieces(
        std::span<const Item> batch,
        const Piece<Item>& piece,
        const std::function<Result<void>()>& then
    ) {
        while (!batch.empty()) {
            const auto begun = Clock::now();
            std::size_t taken = 0;
            const auto changed = archive_.change([&](lmdb::WriteTxn& txn) -> Result<void> {
                deadline_ = Clock::now() + max_time_in_transaction;
                taken = TRY(piece(batch, txn));
                return {};
            });
            TRY(changed);
            const auto took = Clock::now() - begun;
            TRY(then());
            std::this_thread::sleep_for(std::min<Clock::duration>(took, longest_pause));
            batch = batch.subspan(taken);
        }
        return {};
    }

    [[nodiscard]] bool out_of_time() const { return Clock::now() >= deadline_; }

    // originals: the receipts let go of them …

    Result<std::size_t> let_go(std::span<const Candidate> rest, lmdb::WriteTxn& txn) {
        std::size_t taken = 0;
        while (taken < rest.size() && (taken == 0 || !out_of_time())) {
            const Candidate& candidate = rest[taken++];
            const bool gone = TRY(let_go_of(candidate, txn));
            if (gone) let_go_.push_back(candidate);
        }
        return taken;
    }

    /// Looks again at everything: a person, a bounce or another mail may have come in between.
    Result<bool> let_go_of(const Candidate& candidate, lmdb::WriteTxn& txn) {
        const auto objects = TRY(objects_of_original(archive_, txn, candidate.digest));
        const auto row = TRY(load_object(archive_, txn, candidate.file));
        if (objects.front() != candidate.file) return false;
        if (!names_alone(row, candidate.receipts.size())) return false;
        auto receipts = TRY(free_receipts(candidate, txn));
        if (receipts.empty()) return false;
        TRY(remove(candidate.digest, receipts, objects, txn));
        return true;
    }

    Result<void> remove(
        const Digest& original,
        std::vector<Receipt>& receipts,
        const std::vector<Digest>& objects,
        lmdb::WriteTxn& txn
    ) const {
        for (Receipt& receipt : receipts)
            TRY(mark(receipt, txn));
        for (const Digest& object : objects)
            TRY(let_go_of_object(archive_, txn, object, receipts.size()));
        return erase_recipe(archive_, txn, original);
    }

    /// None when one of them still needs its original.
    [[nodiscard]] Result<std::vector<Receipt>>
    free_receipts(const Candidate& candidate, const lmdb::Txn& txn) const {
        std::vector<Receipt> receipts;
        for (const Ulid& id : candidate.receipts) {
            auto receipt = TRY(load_receipt(archive_, txn, id));
            if (!receipt || !is_free(*receipt, candidate.digest)) return std::vector<Receipt>();
            receipts.push_back(std::move(*receipt));
        }
        return receipts;
    }

    [[nodiscard]] bool is_free(const Receipt& receipt, const Digest& digest) const {
        const auto since = idle_since(receipt);
        const auto keep = archive_.settings().keep_originals;
        return receipt.original == digest.hex() && !receipt.original_removed_at && since && keep &&
               is_past(*since, *keep, by_.at);
    }

    Result<void> mark(Receipt& receipt, lmdb::WriteTxn& txn) const {
        receipt.original_removed_at = by_.at;
        TRY(put_receipt(archive_, txn, receipt));
        const Json about = {
            {"receipt", receipt.id},
            {"sha256", receipt.original},
            {"size", receipt.size},
            {"idle_since", rfc3339(idle_since(receipt).value_or(receipt.received_at))},
            {"keep_originals",
             archive_.settings().keep_originals.value_or(std::chrono::seconds(0)).count()}};
        return append_journal(archive_, txn, by_, "original-removed", about);
    }

    // … and then their files go

    Result<void> remove_files_of_originals() {
        if (let_go_.empty()) return {};
        TRY(archive_.change([this](lmdb::WriteTxn& txn) { return unlink_unnamed(txn); }));
        for (const Candidate& candidate : std::exchange(let_go_, {})) {
            count(report_.originals, candidate.size);
            step_(told(candidate));
        }
        return sync_directories();
    }

    Result<void> unlink_unnamed(const lmdb::Txn& txn) {
        for (const Candidate& candidate : let_go_) {
            // The same mail may have come again.
            const auto row = TRY(load_object(archive_, txn, candidate.file));
            if (!row) TRY(unlink(candidate.file));
        }
        return {};
    }

    // what no row names

    Result<std::size_t> remove_rubbish(std::span<const Rubbish> rest, lmdb::WriteTxn& txn) {
        removed_.clear();
        std::size_t taken = 0;
        while (taken < rest.size() && (taken == 0 || !out_of_time())) {
            const bool is_rubbish = TRY(still_rubbish(rest[taken].digest, txn));
            if (is_rubbish) removed_.push_back(rest[taken]);
            ++taken;
        }
        if (removed_.empty()) return taken;
        // Before the files go: where nothing can be written, nothing is removed.
        TRY(tell_journal(txn));
        for (const Rubbish& rubbish : removed_)
            TRY(unlink(rubbish.digest));
        return taken;
    }

    Result<void> tell_journal(lmdb::WriteTxn& txn) const {
        Json objects = Json::array();
        for (const Rubbish& rubbish : removed_)
            objects.push_back({{"sha256", rubbish.digest.hex()}, {"size", rubbish.size}});
        return append_journal(archive_, txn, by_, "objects-removed", {{"objects", objects}});
    }

    [[nodiscard]] Result<bool> still_rubbish(const Digest& digest, const lmdb::Txn& txn) const {
        const auto row = TRY(load_object(archive_, txn, digest));
        if (row) return false;
        const auto file = TRY(look_at_object(archive_.path(), digest));
        return file && file->digest && is_past(file->changed, sweep_age, by_.at);
    }

    Result<void> tell_of_rubbish() {
        for (const Rubbish& rubbish : std::exchange(removed_, {})) {
            count(report_.unreferenced, rubbish.size);
            step_(told(rubbish));
        }
        return sync_directories();
    }

    // files

    Result<void> unlink(const Digest& digest) {
        const std::filesystem::path path = object_path(archive_, digest);
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
            return fail(system_error("remove " + path.string(), errno));
        directories_.insert(path.parent_path());
        return {};
    }

    /// Not inside the transaction, as it takes long: a file that comes back after a power cut is
    /// found again by the next sweep.
    Result<void> sync_directories() {
        for (const std::filesystem::path& directory : std::exchange(directories_, {}))
            TRY(sync_directory(directory));
        return {};
    }

    Archive& archive_;
    const By& by_;
    const SweepStep& step_;
    SweepReport& report_;
    Clock::time_point deadline_{};
    std::vector<Candidate> let_go_{};
    std::vector<Rubbish> removed_{};
    std::set<std::filesystem::path> directories_{};
};

} // namespace

std::string_view name_of(Swept::What what) {
    switch (what) {
    case Swept::What::original:
        return "original";
    case Swept::What::unreferenced:
        return "unreferenced";
    case Swept::What::foreign:
        return "foreign";
    }
    return "";
}

std::optional<Time> idle_since(const Receipt& receipt) {
    const bool waits =
        std::any_of(receipt.notices.begin(), receipt.notices.end(), [](const NoticeRecord& notice) {
            return notice.state == "queued";
        });
    if (waits || is_unresolved(receipt)) return std::nullopt;
    return std::max(receipt.received_at, receipt.resolved_at.value_or(receipt.received_at));
}

Result<SweepReport> look_for_rubbish(const Archive& archive, Time now, const SweepStep& step) {
    SweepReport report;
    const auto tell = [&](SweepTotal& total) {
        return [&](const auto& batch) -> Result<void> {
            for (const auto& item : batch) {
                count(total, item.size);
                step(told(item));
            }
            return {};
        };
    };
    Finder finder(archive, now);
    TRY(finder.originals(tell(report.originals)));
    TRY(finder.rubbish(report, step, tell(report.unreferenced)));
    return report;
}

Result<SweepReport> sweep(Archive& archive, const By& by, const SweepStep& step) {
    SweepReport report;
    Finder finder(archive, by.at);
    Remover remover(archive, by, step, report);
    TRY(finder.originals([&](const auto& batch) { return remover.originals(batch); }));
    TRY(finder.rubbish(report, step, [&](const auto& batch) { return remover.rubbish(batch); }));
    return report;
}

} // namespace kwit
