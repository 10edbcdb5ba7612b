#include "core/archive/group.hh"

#include <algorithm>
#include <array>
#include <exception>

namespace kwit {

struct CommitGroup::Job {
    const Change& change; // of the caller that waits for it
    Result<void> result{};
    std::exception_ptr bug{};
    bool done = false;
};

Result<void> CommitGroup::run(lmdb::Env& env, const Change& change) {
    Job job{change};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&job);
    while (!job.done) {
        if (leading_) {
            changed_.wait(lock);
            continue;
        }
        leading_ = true;
        // Nothing here may throw: the others would wait for this leader for ever.
        std::array<Job*, max_batch> places{};
        const std::size_t size = std::min(waiting_.size(), max_batch);
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(size);
        std::copy(waiting_.begin(), end, places.begin());
        const auto batch = std::span(places).first(size);
        waiting_.erase(waiting_.begin(), end);
        lock.unlock();
        const bool committed = run_guarded(env, batch);
        lock.lock();
        if (committed) ++transactions_;
        for (Job* each : batch)
            each->done = true;
        leading_ = false;
        changed_.notify_all();
    }
    lock.unlock();
    if (job.bug) std::rethrow_exception(job.bug);
    return std::move(job.result);
}

std::uint64_t CommitGroup::transactions() const {
    const std::lock_guard lock(mutex_);
    return transactions_;
}

std::size_t CommitGroup::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

void CommitGroup::run_one(lmdb::WriteTxn& outer, Job& job) {
    // Nothing thrown here may leave: the other callers wait for the leader.
    try {
        job.result = [&]() -> Result<void> {
            lmdb::WriteTxn txn = TRY(outer.nested());
            TRY(job.change(txn));
            return std::move(txn).commit();
        }();
    } catch (...) {
        job.bug = std::current_exception();
    }
}

bool CommitGroup::run_guarded(lmdb::Env& env, std::span<Job* const> batch) noexcept {
    try {
        return run_batch(env, batch);
    } catch (...) {
        // Nothing was committed: after the commit nothing is left that could throw.
        for (Job* job : batch)
            if (!job->bug) job->bug = std::current_exception();
        return false;
    }
}

bool CommitGroup::run_batch(lmdb::Env& env, std::span<Job* const> batch) {
    const auto is_good = [](const Job* job) { return !job->bug && job->result.has_value(); };
    const auto fail_all = [&](const Error& error) {
        for (Job* job : batch)
            if (is_good(job)) job->result = fail(error);
    };
    auto txn = env.write();
    if (!txn) {
        fail_all(txn.error());
        return false;
    }
    for (Job* job : batch)
        run_one(*txn, *job);
    if (std::none_of(batch.begin(), batch.end(), is_good)) return false;
    if (const auto committed = std::move(*txn).commit(); !committed) {
        fail_all(committed.error());
        return false;
    }
    return true;
}

} // namespace kwit
