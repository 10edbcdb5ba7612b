// The submitter: whenever it dies and whatever a power cut takes, each notice that is owed is sent,
// none that was marked is sent again, and what is sent twice is the same mail to the byte.

#include "core/outbox/submitter.hh"

#include "core/base/json.hh"
#include "tests/crash/proof.hh"
#include "tests/crash/sending.hh"
#include "tests/crash/server.hh"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace kwit;
using namespace kwit::crash;

namespace {

/// An archive that owes two notices.
class Debt {
public:
    Debt()
        : owing_([](Office& office) {
              office.take(tagged_letter("<1@kunde.example>"));
              office.take(failing_letter("<2@lieferant.example>"));
          }) {
        REQUIRE(owing_.ids().size() == 2);
    }

    [[nodiscard]] const Owing& owing() const { return owing_; }

    enum class Marked { perhaps, surely };

    /// Sends what the archive below the root still owes; what is wrong with it. before: what the
    /// server had taken by then.
    [[nodiscard]] Lines judge(
        const std::filesystem::path& root,
        const std::vector<test::TakenMail>& before,
        Marked marked = Marked::perhaps
    ) const {
        Server server;
        const Ended done = in_child([&] {
            Office office(root / "archive");
            Json found = {{"owed", owed_by(office.archive())}};
            Lines faults = faults_of(office.archive());
            found["sent"] = send_due(office.archive(), server.url());
            for (const std::string& fault : faults_of(office.archive()))
                faults.push_back(fault);
            if (!owed_by(office.archive()).empty()) faults.emplace_back("still owed");
            for (const auto& [id, story] : stories_of(office.archive()))
                for (const std::string& line : story)
                    if (line.starts_with("notice") &&
                        line.find("sent, outbox -") == std::string::npos)
                        faults.push_back(line);
            found["faults"] = faults;
            return json_line(found);
        });
        if (!done.fault.empty()) return {done.fault};
        const Json found = Json::parse(done.said);
        Lines faults = found["faults"];
        if (marked == Marked::surely && !found["owed"].empty())
            faults.emplace_back("a round was over, and what it sent is owed again");
        compare(found["owed"].get<Lines>(), before, server.taken(), faults);
        return faults;
    }

private:
    static std::vector<std::string>
    copies(const std::vector<test::TakenMail>& mails, const std::string& id) {
        std::vector<std::string> all;
        for (const test::TakenMail& mail : mails)
            if (mail.data.find("Message-ID: <" + id + "@") != std::string::npos)
                all.push_back(mail.from + " " + mail.to + "\n" + mail.data);
        return all;
    }

    void compare(
        const Lines& left,
        const std::vector<test::TakenMail>& before,
        const std::vector<test::TakenMail>& after,
        Lines& faults
    ) const {
        for (const std::string& id : owing_.ids()) {
            const bool was_owed = std::find(left.begin(), left.end(), id) != left.end();
            const auto first = copies(before, id);
            const auto second = copies(after, id);
            if (!was_owed && first.empty()) faults.push_back("marked, never sent: " + id);
            if (first.size() > 1) faults.push_back("sent twice at once: " + id);
            if (second.size() != (was_owed ? 1 : 0))
                faults.push_back(fmt::format("sent again {} times: {}", second.size(), id));
            if (!first.empty() && !second.empty() && first.front() != second.front())
                faults.push_back("another mail with the same Message-ID: " + id);
        }
    }

    Owing owing_;
};

} // namespace

TEST_SUITE("crash/submitter") {
    TEST_CASE("whenever the submitter dies, each notice is sent, and twice only as the same mail") {
        const Debt debt;
        const Stops stops = stop_everywhere(
            debt.owing(),
            2,
            [&](const std::filesystem::path& root, const std::vector<test::TakenMail>& taken) {
                return debt.judge(root, taken);
            }
        );
        // Two mails: a dozen things said and heard each, and a commit.
        CHECK(stops.calls >= 36);
        CHECK(stops.points >= 70 / points_step);
        CHECK(stops.sent_unmarked);
    }

    TEST_CASE("no power cut makes the submitter forget what it sent") {
        const Debt debt;
        const Owing::World world;
        debt.owing().make(world);
        const Disk before(world.root());
        Server server;
        REQUIRE(Owing::act(world, server.url()).fault == "");
        const auto taken = server.taken();
        REQUIRE(taken.size() == 2);
        const auto events = read_record(world.record());
        Disk disk = before;
        disk.play(events);
        CHECK(explains(disk, world.root()));
        std::size_t judged = 0;
        const auto judge = [&](const Image& image, std::size_t cut) {
            ++judged;
            const Folder dir;
            image.write_to(dir.path() / "world");
            const bool over = promises(events, cut).contains("sent 2");
            return debt.judge(
                dir.path() / "world",
                heard_by(events, cut, taken),
                over ? Debt::Marked::surely : Debt::Marked::perhaps
            );
        };
        CHECK(first_broken(disk, events, 0, 2, judge) == "");
        CHECK(judged >= 20);
        // The first mark may be lost until the second one is made: its mail goes out again.
        std::set<std::string> found;
        const auto wrong = try_without_each(
            before,
            events,
            0,
            {"fsync archive",
             "fdatasync archive/index/data.mdb",
             "fsync archive/index",
             "commit: dsync-write archive/index/data.mdb"},
            found,
            judge
        );
        CHECK(in_one(wrong) == "");
        CHECK(found.contains("commit: dsync-write archive/index/data.mdb"));
    }
}
