// Group commit: changes that end together share one transaction and one sync.
//
// Whoever finds no leader leads: it runs every change that waits, each in a nested transaction of
// its own, and commits once in its own thread; the others wait for it. A change that fails is
// undone alone. No change is reported as done before the commit that holds it is on disk.
#pragma once

#include "core/base/lmdb.hh"
#include "core/base/result.hh"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

namespace kwit {

/// Runs inside a transaction, perhaps in another caller's thread; must not start another change.
using Change = std::function<Result<void>(lmdb::WriteTxn&)>;

/// Changes that share one transaction at most: LMDB holds 131,071 dirty pages in one.
constexpr std::size_t max_batch = 16;

class CommitGroup {
public:
    /// Durable when it returns without error. An exception of the change comes out here.
    Result<void> run(lmdb::Env& env, const Change& change);

    /// Transactions committed so far.
    [[nodiscard]] std::uint64_t transactions() const;

    /// Changes that wait for the leader of this moment.
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Job;

    static void run_one(lmdb::WriteTxn& outer, Job& job);

    /// The same whatever happens, such as memory that runs out: the others wait for the leader.
    static bool run_guarded(lmdb::Env& env, std::span<Job* const> batch) noexcept;

    /// Whether something was committed.
    static bool run_batch(lmdb::Env& env, std::span<Job* const> batch);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Job*> waiting_;
    bool leading_ = false;
    std::uint64_t transactions_ = 0;
};

} // namespace kwit
