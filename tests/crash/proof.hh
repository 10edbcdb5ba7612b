// "250 means filed", as something that can be wrong: a scenario is acted in a process that is
// watched, and what it leaves behind, or could leave behind after a power cut, is compared with
// what was promised meanwhile.
#pragma once

#include "tests/crash/calls.hh"
#include "tests/crash/disk.hh"
#include "tests/crash/office.hh"
#include "tests/crash/run.hh"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kwit::crash {

struct Scenario {
    std::string name;
    bool fresh = false;            ///< there is no archive yet: it is made on the way
    std::vector<Letter> before{};  ///< were taken earlier
    std::vector<Letter> letters{}; ///< are taken now
    bool together = false;         ///< in one commit
    /// Syncs on its way that only other scenarios need; each is shown needed by one of them.
    std::set<std::string> needed_elsewhere{};
    /// Does something to the archive first, also watched. What it leaves behind is not our doing,
    /// so only what is promised counts.
    std::function<void(const std::filesystem::path& archive)> other_program{};
    /// A first try died at this call ("link archive/…"); the scenario is the second one, which
    /// begins with the note "again".
    std::optional<std::pair<std::string, Side>> died_at{};
};

/// What was promised by the first `cut` events: the texts of the notes.
std::set<std::string>
promises(const std::vector<Event>& events, std::optional<std::size_t> cut = std::nullopt);

/// Places where a cut is worth a look: before each sync, where most is in doubt, after each
/// promise, and the end. What a cut elsewhere could leave is among what these could.
std::vector<std::size_t> cuts_of(const std::vector<Event>& events);

/// Whether it makes something durable.
bool is_sync(const Event& event);

/// Whether the same file or directory is synced again before anything else is made durable or is
/// promised, so that one of the two makes no difference.
bool is_done_again(const std::vector<Event>& events, std::size_t sync);

constexpr unsigned seed = 20261121;

/// Whether an image of a cut keeps what was promised: what is wrong.
using Judge = std::function<std::vector<std::string>(const Image&, std::size_t cut)>;

/// To tell images with the same promises apart.
std::size_t hash_of(const Image& image, const std::set<std::string>& promised);

/// Judges every image that a cut from the event `from` on could leave, so many of them made at
/// random; where one is broken first and how, or nothing.
std::string first_broken(
    const Disk& disk,
    const std::vector<Event>& events,
    std::size_t from,
    int at_random,
    const Judge& judge
);

/// What the record says of the files, against the files: a recorder that misses something is worth
/// nothing.
bool explains(const Disk& disk, const std::filesystem::path& root);

/// Tries for each sync from the event `from` on whether a cut would do harm without it. What is
/// wrong with that: a sync that nothing needs and nobody said so, or one that is needed although it
/// was said not to be. found: those that are needed are added.
std::vector<std::string> try_without_each(
    const Disk& before,
    const std::vector<Event>& events,
    std::size_t from,
    const std::set<std::string>& needed_elsewhere,
    std::set<std::string>& found,
    const Judge& judge
);

class Proof {
public:
    explicit Proof(Scenario scenario);

    /// A tree as it is before the scenario, in a directory of its own.
    struct World {
        Folder dir{};

        [[nodiscard]] std::filesystem::path root() const { return dir.path() / "world"; }

        [[nodiscard]] std::filesystem::path record() const { return dir.path() / "record"; }
    };

    void make(World& world) const;

    /// The scenario, watched, in a process of its own.
    Ended act(const World& world, std::optional<Stop> stop = std::nullopt) const;

    /// What is wrong with the archive below the root for those to whom these promises were made;
    /// in the end every letter was sent again. watched: also that is recorded.
    std::vector<std::string> judge(
        const std::filesystem::path& root,
        const std::set<std::string>& promised,
        const World* watched = nullptr
    ) const;

    /// The same for an image.
    std::vector<std::string> judge(const Image& image, const std::set<std::string>& promised);

    [[nodiscard]] const Scenario& scenario() const { return scenario_; }

    /// Images judged so far; what was judged good is not judged twice.
    [[nodiscard]] std::size_t judged() const { return judged_; }

private:
    void act_here(const World& world) const;
    Ended act_once(const World& world, std::optional<Stop> stop) const;
    std::string
    judge_here(const std::filesystem::path& root, const std::set<std::string>& promised) const;
    void make_golden();
    void find_call();

    Scenario scenario_;
    World base_{};
    std::optional<Stop> died_at_{};
    Stories golden_{}; ///< of an undisturbed run
    std::set<std::size_t> good_{};
    std::size_t judged_ = 0;
};

} // namespace kwit::crash
