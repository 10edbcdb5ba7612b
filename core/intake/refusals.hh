// Receipts of refused mails, and counters of refused recipients: they are told to the sender in
// SMTP at once, so nobody waits for their commit. They stand in bounded memory and are written
// together within two seconds; a crash may lose them. Beyond a number per address and day refused
// mails are only counted, so that a flood fills neither memory nor disk. While the archive is away
// they wait, as long as there is room.
#pragma once

#include "core/archive/commit.hh"
#include "core/archive/counters.hh"
#include "core/archive/near_misses.hh"
#include "core/base/pulse.hh"
#include "core/intake/archive_door.hh"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace kwit {

class Refusals {
public:
    static constexpr std::size_t max_waiting = 1000;
    static constexpr std::uint32_t max_per_address_and_day = 100;

    /// Starts the writing thread; the caller has the signals blocked that it must not get.
    explicit Refusals(ArchiveDoor& archive);
    Refusals(const Refusals&) = delete;
    Refusals& operator=(const Refusals&) = delete;
    Refusals(Refusals&&) = delete;
    Refusals& operator=(Refusals&&) = delete;
    ~Refusals();

    /// A refused mail.
    void add(Receipt receipt);

    /// A refused recipient. Waits for nothing but memory.
    void count(const CountedRefusal& refusal);

    /// The same recipient again, as one that may be near a known address.
    void missed(const NearMiss& miss);

    /// Writes what waits now.
    void flush();

    /// The same at the end of the program: what cannot be written now is lost, and the log says so.
    void finish();

    /// Of the writing thread.
    [[nodiscard]] const Pulse& pulse() const { return pulse_; }

private:
    bool counts_only(const Receipt& receipt);
    void count_mail(const Receipt& receipt);
    void write_receipts(std::span<const ReceiptDraft> receipts);
    Result<void> write_slice(std::span<const ReceiptDraft> slice);
    void write_one_by_one(std::span<const ReceiptDraft> slice);
    void put_back(std::span<const ReceiptDraft> receipts);
    void write_counters(const Counters& counters);
    void write_misses(const Misses& misses);
    void flush_guarded();
    void write_as_they_come(const std::stop_token& stop);

    ArchiveDoor& archive_;
    std::mutex mutex_;
    std::mutex writing_;
    std::condition_variable_any arrived_;
    std::vector<ReceiptDraft> waiting_;
    Counters counters_;
    Misses misses_;
    bool receipts_wait_ = false; // as the log was told last; guarded by writing_
    bool counters_wait_ = false;
    std::map<std::string, std::uint32_t> today_; // receipts of each address
    Time day_{};                                 // that today_ is of
    Pulse pulse_;
    std::jthread thread_;
};

} // namespace kwit
