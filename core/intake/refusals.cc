#include "core/intake/refusals.hh"

#include "core/base/log.hh"
#include "core/intake/origin.hh"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace kwit {

namespace {

constexpr auto gathering = std::chrono::seconds(1); // with the commit it stays under two
constexpr auto longest_commit = std::chrono::minutes(10);
constexpr std::size_t max_addresses = 100'000;
constexpr std::size_t max_slice = 50; // receipts in one transaction

void tell_overflow(std::string_view queue_id) {
    log::complain(
        queue_id,
        {.kind = Kind::temporary,
         .what = fmt::format(
             "more than {} receipts of refused mails wait to be written: this mail gets none",
             Refusals::max_waiting
         ),
         .remedy =
             "the senders were told, and it is counted; look why the archive is slow or away"},
        log::Level::warning
    );
}

} // namespace

Refusals::Refusals(ArchiveDoor& archive)
    : archive_(archive),
      thread_([this](const std::stop_token& stop) { write_as_they_come(stop); }) {}

Refusals::~Refusals() {
    thread_.request_stop();
    thread_.join();
    finish();
}

void Refusals::add(Receipt receipt) {
    const std::scoped_lock lock(mutex_);
    const bool is_counted = counts_only(receipt);
    if (is_counted)
        log::info(
            receipt.queue_id,
            fmt::format("many refusals at {} today: this one gets no receipt", receipt.address)
        );
    else if (waiting_.size() >= max_waiting)
        tell_overflow(receipt.queue_id);
    if (is_counted || waiting_.size() >= max_waiting)
        count_mail(receipt);
    else
        waiting_.push_back({.receipt = std::move(receipt)});
    arrived_.notify_one();
}

void Refusals::count_mail(const Receipt& receipt) {
    counters_.count(
        {.what = Counted::mail,
         .at = receipt.received_at,
         .reason = receipt.findings.empty() ? Reason::busy : receipt.findings.front().reason,
         .address = receipt.address,
         .is_known = true,
         .network = network_of(receipt.client_address),
         .sender_domain = sender_domain_of(receipt.envelope_from)}
    );
}

void Refusals::count(const CountedRefusal& refusal) {
    const std::scoped_lock lock(mutex_);
    counters_.count(refusal);
    arrived_.notify_one();
}

void Refusals::missed(const NearMiss& miss) {
    const std::scoped_lock lock(mutex_);
    misses_.add(miss);
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

void Refusals::finish() {
    flush();
    const std::scoped_lock lock(mutex_);
    if (!waiting_.empty())
        log::error("", fmt::format("{} receipts of refused mails are lost", waiting_.size()));
    if (!counters_.empty()) log::error("", "counters of refused recipients are lost");
}

void Refusals::flush() {
    // One writer at a time, so that who waits for flush() finds everything written.
    const std::scoped_lock writing(writing_);
    std::vector<ReceiptDraft> receipts;
    Counters counters;
    Misses misses;
    {
        const std::scoped_lock lock(mutex_);
        receipts.swap(waiting_);
        std::swap(counters, counters_);
        std::swap(misses, misses_);
    }
    if (!receipts.empty()) write_receipts(receipts);
    if (!counters.empty()) write_counters(counters);
    if (!misses.empty()) write_misses(misses);
}

void Refusals::write_receipts(std::span<const ReceiptDraft> receipts) {
    while (!receipts.empty()) {
        const auto slice = receipts.first(std::min(receipts.size(), max_slice));
        const auto written = write_slice(slice);
        if (!written && written.error().kind == Kind::temporary) {
            if (!receipts_wait_)
                log::warning(
                    "", fmt::format("receipts of refused mails wait: {}", written.error().what)
                );
            receipts_wait_ = true;
            return put_back(receipts);
        }
        if (!written) write_one_by_one(slice);
        receipts_wait_ = false;
        receipts = receipts.subspan(slice.size());
    }
}

/// They stand or fall together.
Result<void> Refusals::write_slice(std::span<const ReceiptDraft> slice) {
    const auto archive = TRY(archive_.get());
    const MailCommit batch{
        .receipts = {slice.begin(), slice.end()}, .by = {.who = "kwit-milter", .at = now()}};
    TRY(keep(*archive, batch));
    return {};
}

/// One that cannot be written must not take the others with it.
void Refusals::write_one_by_one(std::span<const ReceiptDraft> slice) {
    for (const ReceiptDraft& one : slice)
        if (const auto written = write_slice({&one, 1}); !written)
            log::error(
                one.receipt.queue_id,
                Error{written.error()}.in("the receipt of a refused mail is lost")
            );
}

/// Those that came meanwhile are the younger ones; what is over the limit goes.
void Refusals::put_back(std::span<const ReceiptDraft> receipts) {
    const std::scoped_lock lock(mutex_);
    const std::size_t room = max_waiting - std::min(max_waiting, waiting_.size());
    const auto fitting = receipts.first(std::min(receipts.size(), room));
    waiting_.insert(waiting_.begin(), fitting.begin(), fitting.end());
    for (const ReceiptDraft& one : receipts.subspan(fitting.size())) {
        tell_overflow(one.receipt.queue_id);
        count_mail(one.receipt);
    }
}

void Refusals::write_counters(const Counters& counters) {
    const auto archive = archive_.get();
    const auto written =
        archive ? add_counters(**archive, counters) : Result<void>(fail(archive.error()));
    if (written) {
        counters_wait_ = false;
        return;
    }
    if (!counters_wait_)
        log::warning("", fmt::format("counters of refusals wait: {}", written.error().what));
    counters_wait_ = true;
    const std::scoped_lock lock(mutex_);
    counters_.add(counters);
}

/// They wait as long as the archive is away; that is told for the counters.
void Refusals::write_misses(const Misses& misses) {
    const auto archive = archive_.get();
    const auto written = archive ? add_near_misses(**archive, misses) : Result<void>();
    if (archive && written) return;
    if (archive && written.error().kind != Kind::temporary) {
        log::complain("", Error{written.error()}.in("near misses of recipients are lost"));
        return;
    }
    const std::scoped_lock lock(mutex_);
    misses_.add(misses);
}

/// Nobody waits for these, so no bug in them may end the milter.
void Refusals::flush_guarded() {
    try {
        flush();
    } catch (const std::exception& bug) {
        log::error(
            "", fmt::format("receipts or counters of refusals are lost: a bug: {}", bug.what())
        );
    }
}

void Refusals::write_as_they_come(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, stop, [this] { return !waiting_.empty() || !counters_.empty(); });
            if (stop.stop_requested()) return;
        }
        {
            std::unique_lock lock(mutex_);
            arrived_.wait_for(lock, stop, gathering, [] { return false; });
        }
        pulse_.promise(longest_commit);
        flush_guarded();
        pulse_.rest();
    }
}

} // namespace kwit
