// Sending what an archive owes, for the proofs of the submitter.
#pragma once

#include "core/archive/archive.hh"
#include "tests/crash/office.hh"
#include "tests/crash/proof.hh"
#include "tests/crash/record.hh"
#include "tests/crash/run.hh"
#include "tests/unit/outbox/smtp_server.hh"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kwit::crash {

using Lines = std::vector<std::string>;

/// Rounds at noon of the day after, when all that is owed is due, until there is nothing more; how
/// many mails were sent.
std::size_t send_due(Archive& archive, const std::string& url);

/// The outbox ids that an archive owes, in their order.
Lines owed_by(const Archive& archive);

/// What had been taken by the first `cut` events: the server's answers that were heard.
std::vector<test::TakenMail> heard_by(
    const std::vector<Event>& events, std::size_t cut, const std::vector<test::TakenMail>& taken
);

std::string in_one(const Lines& lines);

/// An archive that owes notices, and a submitter that works on copies of it.
class Owing {
public:
    using World = Proof::World;

    /// fill: called in a child, with an office that is made and filled.
    explicit Owing(const std::function<void(Office&)>& fill);

    /// The outbox ids that it owes.
    [[nodiscard]] const Lines& ids() const { return ids_; }

    void make(const World& world) const;

    /// In a child: sends what is owed, and is killed at the stop.
    static Ended
    act(const World& world, const std::string& url, std::optional<Stop> stop = std::nullopt);

private:
    World base_{};
    Lines ids_{};
};

/// What is wrong with what a submitter left below the root, when the server had taken these mails.
using JudgeLeft = std::function<
    Lines(const std::filesystem::path& root, const std::vector<test::TakenMail>& taken)>;

struct Stops {
    std::size_t calls = 0;      ///< of a whole round
    std::size_t points = 0;     ///< at which it died
    bool sent_unmarked = false; ///< it died after the server had taken something
};

/// Kills the submitter before and after every call of its round that sends so many mails, each time
/// on a copy of its own, and judges what it left.
Stops stop_everywhere(const Owing& owing, std::size_t mails, const JudgeLeft& judge);

} // namespace kwit::crash
