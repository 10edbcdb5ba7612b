#include "tests/crash/proof.hh"

#include "core/base/json.hh"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace kwit::crash {

namespace {

std::filesystem::path archive_in(const std::filesystem::path& root) {
    return root / "archive";
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string text_of(const std::vector<std::string>& story) {
    return fmt::format("\n    {}", fmt::join(story, "\n    "));
}

void good(const Ended& ended, const std::string& doing) {
    if (!ended.fault.empty()) throw std::runtime_error(doing + ": " + ended.fault);
}

/// What differs: each mail as a whole or not at all, those that were promised as a whole.
void compare(
    const Stories& stories,
    const Stories& golden,
    const std::set<std::string>& promised,
    const std::string& when,
    std::vector<std::string>& faults
) {
    for (const auto& [id, story] : stories) {
        const auto wanted = golden.find(id);
        if (wanted == golden.end())
            faults.push_back(fmt::format("{}: a mail nobody sent, {}", when, id));
        else if (story != wanted->second)
            faults.push_back(fmt::format(
                "{}: mail {} is\n  {}\n  instead of{}",
                when,
                id,
                text_of(story),
                text_of(wanted->second)
            ));
    }
    for (const auto& [id, story] : golden)
        if (promised.contains("250 " + id) && !stories.contains(id))
            faults.push_back(fmt::format("{}: mail {} was answered 250 and is gone", when, id));
}

} // namespace

std::set<std::string> promises(const std::vector<Event>& events, std::optional<std::size_t> cut) {
    std::set<std::string> texts;
    for (std::size_t at = 0; at < std::min(cut.value_or(events.size()), events.size()); ++at)
        if (events[at].what == Event::What::note) texts.insert(events[at].text);
    return texts;
}

bool is_sync(const Event& event) {
    return event.what == Event::What::sync || event.durable;
}

std::vector<std::size_t> cuts_of(const std::vector<Event>& events) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; at < events.size(); ++at) {
        if (is_sync(events[at])) cuts.push_back(at);
        if (events[at].what == Event::What::note) cuts.push_back(at + 1);
    }
    cuts.push_back(events.size());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    return cuts;
}

bool is_done_again(const std::vector<Event>& events, std::size_t sync) {
    for (std::size_t at = sync + 1; at < events.size(); ++at) {
        const Event& event = events[at];
        if (event.what == Event::What::note || event.durable) return false;
        // A name that it is given: its bytes have to be there first.
        if (event.what == Event::What::move && event.offset == events[sync].inode) return false;
        if (event.what == Event::What::entry && event.other == events[sync].inode) return false;
        if (events[at].what == Event::What::sync && events[at].inode == events[sync].inode)
            return true;
    }
    return false;
}

namespace {

bool changes(const Event& event, std::uint64_t inode) {
    switch (event.what) {
    case Event::What::sync:
    case Event::What::call:
    case Event::What::note:
        return false;
    case Event::What::move:
        return event.inode == inode || event.other == inode;
    default:
        return event.inode == inode;
    }
}

/// Whether nothing has changed since the same was synced: of mails that come together one syncs a
/// directory for another, if it so happens.
bool is_done_already(const std::vector<Event>& events, std::size_t sync) {
    const std::uint64_t inode = events[sync].inode;
    if (events[sync].what != Event::What::sync) return false;
    for (std::size_t at = sync; at-- > 0;) {
        if (changes(events[at], inode)) return false;
        if (events[at].what == Event::What::sync && events[at].inode == inode) return true;
    }
    return false;
}

} // namespace

std::size_t hash_of(const Image& image, const std::set<std::string>& promised) {
    std::string all = fmt::format("{}\n", fmt::join(promised, "\n"));
    for (const auto& [path, bytes] : image.files)
        all += fmt::format("{} {} ", path, bytes ? bytes->size() : 0) + bytes.value_or("");
    return std::hash<std::string>{}(all);
}

namespace {

/// What a cut leaves of that which is in doubt.
struct Choice {
    std::string name;
    Chosen chosen;
    bool torn = false;
};

/// All subsets when they are few; else none, all, each alone, all but each, and random ones, half
/// of them torn.
std::vector<Choice> choices(std::size_t count, std::mt19937& dice, int at_random) {
    constexpr std::size_t few = 4;
    std::vector<Choice> all;
    if (count <= few) {
        for (std::size_t bits = 0; bits < (std::size_t{1} << count); ++bits) {
            Chosen chosen(count);
            for (std::size_t i = 0; i < count; ++i)
                chosen[i] = (bits >> i & 1U) != 0;
            all.push_back({fmt::format("subset {:b}", bits), chosen});
        }
        return all;
    }
    all.push_back({"none", Chosen(count, false)});
    all.push_back({"all", Chosen(count, true)});
    for (std::size_t i = 0; i < count; ++i) {
        Chosen chosen(count, true);
        chosen[i] = false;
        all.push_back({fmt::format("all but {}", i), chosen});
        chosen.flip();
        all.push_back({fmt::format("only {}", i), chosen});
    }
    for (int i = 0; i < at_random; ++i) {
        Chosen chosen(count);
        for (std::size_t n = 0; n < count; ++n)
            chosen[n] = (dice() & 1U) != 0;
        all.push_back({fmt::format("random {} of seed {}", i, seed), chosen, i % 2 == 1});
    }
    return all;
}

/// Nothing of what is in doubt, all but what the lost sync leaves so, all but each of that.
std::vector<Choice> choices_without(const Chosen& lost) {
    std::vector<Choice> all = {{"none", Chosen(lost.size(), false)}};
    Chosen others = lost;
    others.flip();
    all.push_back({"all but what is lost", others});
    for (std::size_t i = 0; i < lost.size(); ++i) {
        if (!lost[i]) continue;
        Chosen chosen(lost.size(), true);
        chosen[i] = false;
        all.push_back({fmt::format("all but {}", i), chosen});
    }
    return all;
}

std::string describe(
    const std::vector<Event>& events,
    std::size_t cut,
    const Choice& choice,
    const std::vector<std::string>& faults
) {
    return fmt::format(
        "cut at event {} ({}), {}: {}",
        cut,
        cut < events.size() ? events[cut].text : "the end",
        choice.name,
        fmt::join(faults, "; ")
    );
}

/// Whether some cut does harm when the sync is not done.
bool is_needed(
    const Disk& without, const std::vector<Event>& events, std::size_t sync, const Judge& judge
) {
    for (const std::size_t cut : cuts_of(events)) {
        if (cut <= sync) continue;
        for (const Choice& choice : choices_without(without.lost(cut)))
            if (!judge(without.image(cut, choice.chosen), cut).empty()) return true;
    }
    return false;
}

} // namespace

std::string first_broken(
    const Disk& disk,
    const std::vector<Event>& events,
    std::size_t from,
    int at_random,
    const Judge& judge
) {
    std::mt19937 dice(seed);
    for (const std::size_t cut : cuts_of(events)) {
        if (cut < from) continue;
        for (const Choice& choice : choices(disk.doubtful(cut), dice, at_random)) {
            const Image image = disk.image(cut, choice.chosen, choice.torn ? &dice : nullptr);
            const auto faults = judge(image, cut);
            if (!faults.empty()) return describe(events, cut, choice, faults);
        }
    }
    return {};
}

bool explains(const Disk& disk, const std::filesystem::path& root) {
    Image recorded = disk.whole();
    Image real = image_of(root);
    // LMDB writes its lock file through a map; it holds nothing that outlives a boot.
    for (Image* const image : {&recorded, &real})
        std::erase_if(image->files, [](const auto& file) {
            return file.first.ends_with("lock.mdb");
        });
    return recorded == real;
}

std::vector<std::string> try_without_each(
    const Disk& before,
    const std::vector<Event>& events,
    std::size_t from,
    const std::set<std::string>& needed_elsewhere,
    std::set<std::string>& found,
    const Judge& judge
) {
    std::vector<std::string> wrong;
    std::set<std::string> needless;
    for (std::size_t at = from; at < events.size(); ++at) {
        if (!is_sync(events[at]) || is_done_again(events, at)) continue;
        Disk without = before;
        without.play(events, at);
        if (is_needed(without, events, at, judge))
            found.insert(events[at].text);
        else if (needed_elsewhere.contains(events[at].text))
            needless.insert(events[at].text);
        else if (!is_done_already(events, at))
            wrong.push_back("nothing needs " + events[at].text);
    }
    for (const std::string& role : needed_elsewhere)
        if (!needless.contains(role)) wrong.push_back("it is needed here, too: " + role);
    return wrong;
}

Proof::Proof(Scenario scenario) : scenario_(std::move(scenario)) {
    std::filesystem::create_directory(base_.root());
    good(
        in_child([&] {
            if (scenario_.fresh) return std::string();
            Office office(archive_in(base_.root()));
            office.make();
            office.fill();
            for (const Letter& letter : scenario_.before)
                office.take(letter);
            office.flush();
            return std::string();
        }),
        "preparing " + scenario_.name
    );
    make_golden();
    if (scenario_.died_at) find_call();
}

void Proof::find_call() {
    World world;
    make(world);
    good(act_once(world, std::nullopt), "an undisturbed run of " + scenario_.name);
    for (const Event& event : read_record(world.record()))
        if (event.what == Event::What::call && event.text == scenario_.died_at->first) {
            died_at_ = {event.offset, scenario_.died_at->second};
            return;
        }
    throw std::runtime_error("no call " + scenario_.died_at->first);
}

void Proof::make_golden() {
    World world;
    make(world);
    const Ended done = in_child([&] {
        act_here(world);
        Office office(archive_in(world.root()));
        if (const auto faults = faults_of(office.archive()); !faults.empty())
            throw std::runtime_error(faults.front());
        Json all;
        for (const auto& [id, story] : stories_of(office.archive()))
            all[id] = story;
        return json_line(all);
    });
    good(done, "an undisturbed run of " + scenario_.name);
    const Json told = Json::parse(done.said);
    for (const auto& [id, story] : told.items())
        golden_[id] = story.get<std::vector<std::string>>();
    for (const Letter& letter : scenario_.letters)
        if (!golden_.contains(letter.id))
            throw std::runtime_error("an undisturbed run loses " + letter.id);
}

void Proof::make(World& world) const {
    std::filesystem::copy(base_.root(), world.root(), std::filesystem::copy_options::recursive);
}

void Proof::act_here(const World& world) const {
    if (scenario_.other_program) scenario_.other_program(archive_in(world.root()));
    Office office(archive_in(world.root()));
    if (scenario_.fresh) {
        office.make();
        office.fill(Office::Fill::least);
    }
    if (scenario_.together)
        office.take_together(scenario_.letters);
    else
        for (const Letter& letter : scenario_.letters)
            office.take(letter);
    office.flush();
}

Ended Proof::act(const World& world, std::optional<Stop> stop) const {
    if (died_at_ && !act_once(world, died_at_).killed)
        throw std::runtime_error("the first try did not die: " + scenario_.name);
    return act_once(world, stop);
}

Ended Proof::act_once(const World& world, std::optional<Stop> stop) const {
    const bool again = std::filesystem::exists(world.record());
    return in_child([&] {
        watch({.root = world.root(), .record = world.record(), .stop = stop});
        if (again) note("again");
        act_here(world);
        return std::string();
    });
}

std::vector<std::string> Proof::judge(
    const std::filesystem::path& root, const std::set<std::string>& promised, const World* watched
) const {
    const Ended done = in_child([&] {
        if (watched != nullptr) watch({.root = watched->root(), .record = watched->record()});
        return judge_here(root, promised);
    });
    std::vector<std::string> faults = lines_of(done.said);
    if (!done.fault.empty()) faults.push_back(done.fault);
    return faults;
}

std::string
Proof::judge_here(const std::filesystem::path& root, const std::set<std::string>& promised) const {
    std::vector<std::string> faults;
    Office office(archive_in(root));
    for (const std::string& promise : promised)
        if (promise.starts_with("made ") && !office.has(promise.substr(5)))
            faults.push_back(promise + " was promised and is gone");
    if (scenario_.fresh) {
        office.make();
        office.fill(Office::Fill::least);
    }
    for (const std::string& fault : faults_of(office.archive()))
        faults.push_back(fault);
    std::set<std::string> old = promised;
    for (const Letter& letter : scenario_.before)
        if (!letter.refused) old.insert("250 " + letter.id);
    compare(stories_of(office.archive()), golden_, old, "afterwards", faults);
    if (scenario_.other_program) return fmt::format("{}", fmt::join(faults, "\n"));
    // Whoever heard no 250 sends it again; who heard one may do so too.
    for (const Letter& letter : scenario_.letters) {
        if (letter.refused) continue;
        if (!office.take(letter)) faults.push_back("sent again, not taken: " + letter.id);
        old.insert("250 " + letter.id);
    }
    compare(stories_of(office.archive()), golden_, old, "sent again", faults);
    for (const std::string& fault : faults_of(office.archive()))
        faults.push_back("sent again: " + fault);
    return fmt::format("{}", fmt::join(faults, "\n"));
}

std::vector<std::string> Proof::judge(const Image& image, const std::set<std::string>& promised) {
    const std::size_t hash = hash_of(image, promised);
    if (good_.contains(hash)) return {};
    ++judged_;
    const Folder dir;
    image.write_to(dir.path() / "world");
    auto faults = judge(dir.path() / "world", promised);
    if (faults.empty()) good_.insert(hash);
    return faults;
}

} // namespace kwit::crash
