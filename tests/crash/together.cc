// Many notices in one mail: whenever the submitter dies while it makes the mail of a day and sends
// it, each notice is told once, and what is sent twice is the same mail to the byte.
#include "core/outbox/together.hh"

#include "core/archive/directory.hh"
#include "core/archive/receipts.hh"
#include "core/base/json.hh"
#include "tests/crash/proof.hh"
#include "tests/crash/sending.hh"
#include "tests/crash/server.hh"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

using namespace kwit;
using namespace kwit::crash;

namespace {

/// The mails to which the archive's notices point, and how they ended: "01JD… sent".
std::set<std::string> ends_of(const Archive& archive) {
    const auto receipts = list_receipts(archive);
    if (!receipts) throw std::runtime_error(receipts.error().what);
    std::set<std::string> ends;
    for (const Receipt& receipt : *receipts)
        for (const NoticeRecord& notice : receipt.notices)
            ends.insert(notice.outbox + " " + notice.state);
    return ends;
}

/// An archive that owes two notices to somebody who wants one mail a day.
class Day {
public:
    Day()
        : owing_([](Office& office) {
              const auto daily = set_notify(
                  office.archive(), "10023", "books@office.example", Telling::daily, {"test", now()}
              );
              if (!daily) throw std::runtime_error(daily.error().what);
              office.take(open_letter("<1@lieferant.example>"));
          }) {
        REQUIRE(owing_.ids().size() == 2);
    }

    [[nodiscard]] const Owing& owing() const { return owing_; }

    /// Sends what the archive below the root still owes; what is wrong with it. before: what the
    /// server had taken by then.
    [[nodiscard]] Lines
    judge(const std::filesystem::path& root, const std::vector<test::TakenMail>& before) const {
        Server server;
        const Ended done = in_child([&] {
            Office office(root / "archive");
            Json found = {{"owed", owed_by(office.archive())}};
            Lines faults = faults_of(office.archive());
            send_due(office.archive(), server.url());
            for (const std::string& fault : faults_of(office.archive()))
                faults.push_back(fault);
            if (!owed_by(office.archive()).empty()) faults.emplace_back("still owed");
            found["faults"] = faults;
            found["ends"] = ends_of(office.archive());
            return json_line(found);
        });
        if (!done.fault.empty()) return {done.fault};
        const Json found = Json::parse(done.said);
        Lines faults = found["faults"];
        compare(found, before, server.taken(), faults);
        return faults;
    }

private:
    void compare(
        const Json& found,
        const std::vector<test::TakenMail>& before,
        const std::vector<test::TakenMail>& after,
        Lines& faults
    ) const {
        const auto owed = found["owed"].get<Lines>();
        const auto ends = found["ends"].get<Lines>();
        if (owed == owing_.ids() && !before.empty()) faults.emplace_back("sent before it was owed");
        if (owed.empty() && before.empty()) faults.emplace_back("marked, never sent");
        if (before.size() > 1) faults.emplace_back("sent twice at once");
        if (after.size() != (owed.empty() ? 0 : 1))
            faults.push_back(fmt::format("sent again {} times", after.size()));
        if (ends.size() != 1 || !ends.front().ends_with(" sent")) {
            faults.push_back("the notices ended otherwise: " + in_one(ends));
            return;
        }
        std::set<std::string> mails;
        for (const auto& taken : {before, after})
            for (const test::TakenMail& mail : taken)
                mails.insert(mail.from + " " + mail.to + "\n" + mail.data);
        if (mails.size() != 1)
            faults.push_back(fmt::format("{} different mails", mails.size()));
        else if (const std::string id = ends.front().substr(0, ends.front().find(' '));
                 mails.begin()->find("Message-ID: <" + id + "@") == std::string::npos)
            faults.emplace_back("the notices point to another mail");
    }

    Owing owing_;
};

} // namespace

TEST_SUITE("crash/together") {
    TEST_CASE("whenever the submitter dies, many notices are told in one mail, and that once") {
        const Day day;
        const Stops stops = stop_everywhere(
            day.owing(),
            1,
            [&](const std::filesystem::path& root, const std::vector<test::TakenMail>& taken) {
                return day.judge(root, taken);
            }
        );
        // The commit that makes the mail, a dozen things said and heard, and the commit after it.
        CHECK(stops.calls >= 20);
        CHECK(stops.points >= 36 / points_step);
        CHECK(stops.sent_unmarked);
    }

    TEST_CASE("no power cut makes another mail of what was sent") {
        const Day day;
        const Owing::World world;
        day.owing().make(world);
        const Disk before(world.root());
        Server server;
        REQUIRE(Owing::act(world, server.url()).fault == "");
        const auto taken = server.taken();
        REQUIRE(taken.size() == 1);
        const auto events = read_record(world.record());
        Disk disk = before;
        disk.play(events);
        CHECK(explains(disk, world.root()));
        std::size_t judged = 0;
        const auto judge = [&](const Image& image, std::size_t cut) {
            ++judged;
            const Folder dir;
            image.write_to(dir.path() / "world");
            return day.judge(dir.path() / "world", heard_by(events, cut, taken));
        };
        CHECK(first_broken(disk, events, 0, 2, judge) == "");
        CHECK(judged >= 20);
    }
}
