#include "core/intake/refusals.hh"

#include "core/base/log.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

constexpr auto gathering = std::chrono::seconds(1); // with the commit it stays under two
constexpr auto longest_commit = std::chrono::minutes(10);
constexpr std::size_t max_addresses = 100'000;

std::int64_t day_of(Time time) {
    return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

} // namespace

Refusals::Refusals(ArchiveDoor& archive)
    : archive_(archive),
      thread_([this](const std::stop_token& stop) { write_as_they_come(stop); }) {}

Refusals::~Refusals() {
    thread_.request_stop();
    thread_.join();
    flush();
}

void Refusals::add(Receipt receipt) {
    const std::scoped_lock lock(mutex_);
    if (counts_only(receipt)) {
        log::info(
            receipt.queue_id,
            fmt::format("many refusals at {} today: this one gets no receipt", receipt.address)
        );
        return;
    }
    if (waiting_.size() >= max_waiting) {
        log::warning(receipt.queue_id, "too many refusals at once: this one gets no receipt");
        return;
    }
    waiting_.push_back({.receipt = std::move(receipt)});
    arrived_.notify_one();
}

bool Refusals::counts_only(const Receipt& receipt) {
    if (const auto day = day_of(receipt.received_at); day != day_) {
        day_ = day;
        today_.clear();
    }
    if (today_.size() >= max_addresses && !today_.contains(receipt.address)) return true;
    return ++today_[receipt.address] > max_per_address_and_day;
}

void Refusals::flush() {
    // One writer at a time, so that who waits for flush() finds everything written.
    const std::scoped_lock writing(writing_);
    MailCommit batch;
    {
        const std::scoped_lock lock(mutex_);
        batch.receipts.swap(waiting_);
    }
    if (batch.receipts.empty()) return;
    batch.by = {.who = "kwit-milter", .at = now()};
    const auto archive = archive_.get();
    const auto kept =
        archive ? keep(**archive, batch) : Result<std::vector<Kept>>(fail(archive.error()));
    if (kept) return;
    log::error(
        "",
        Error{kept.error()}.in(
            fmt::format("{} receipts of refused mails are lost", batch.receipts.size())
        )
    );
}

void Refusals::write_as_they_come(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, stop, [this] { return !waiting_.empty(); });
            if (stop.stop_requested()) return;
        }
        {
            std::unique_lock lock(mutex_);
            arrived_.wait_for(lock, stop, gathering, [] { return false; });
        }
        pulse_.promise(longest_commit);
        flush();
        pulse_.rest();
    }
}

} // namespace kwit
