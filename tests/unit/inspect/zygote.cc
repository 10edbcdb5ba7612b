// What the real kwit-inspector says of its children.
#include "core/base/file.hh"
#include "core/inspect/process.hh"
#include "tests/unit/inspect/children.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"
#include "tests/unit/zip_maker.hh"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

using namespace kwit;
using namespace kwit::inspect;

namespace {

constexpr auto step = std::chrono::milliseconds(10);
constexpr std::uint32_t many = 1000; // more members than words that fit into a socket

TempFile written(const test::TempDir& dir, const std::string& content) {
    auto file = TempFile::create(dir.path());
    REQUIRE_GOOD(file);
    REQUIRE_GOOD(file->write(as_bytes(content)));
    return *std::move(file);
}

std::string with_many_members() {
    std::vector<test::Entry> entries;
    for (std::uint32_t i = 0; i < many; ++i)
        entries.push_back({.name = std::to_string(i) + ".txt", .content = "x"});
    return test::zip_of(entries);
}

/// The child of the only inspector that was started since; -1: it has none.
pid_t child_of_the_newest(const std::vector<pid_t>& before) {
    for (const pid_t inspector : test::children_of(::getpid()))
        if (std::find(before.begin(), before.end(), inspector) == before.end())
            if (const auto children = test::children_of(inspector); !children.empty())
                return children.front();
    return -1;
}

bool sleeps(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    return line.find(") S ") != std::string::npos;
}

/// Until it has slept for a while: it waits for its words to be heard.
void wait_until_it_waits(pid_t pid) {
    int quiet = 0;
    for (int i = 0; i < 2000 && quiet < 10; ++i) {
        std::this_thread::sleep_for(step);
        quiet = sleeps(pid) ? quiet + 1 : 0;
    }
    REQUIRE(quiet == 10);
}

} // namespace

TEST_SUITE("inspector/zygote") {
    TEST_CASE("how a child ended is said even where its words have not been heard yet") {
        const test::TempDir dir;
        const auto before = test::children_of(::getpid());
        const auto process =
            Process::start(KWIT_INSPECTOR_BUILT, Clock::now() + std::chrono::seconds(20));
        REQUIRE_GOOD(process);
        const TempFile file = written(dir, with_many_members());
        const auto document = file.reader();
        REQUIRE_GOOD(document);
        const TempFile output = written(dir, "");
        auto ends = make_ends();
        REQUIRE_GOOD(ends);
        const Request request{
            .look = Look::zip,
            .cpu_seconds = 10,
            .memory = 1ULL << 30,
            .members = many,
            .unpacked = 1ULL << 20};
        const std::array descriptors = {
            ends->theirs.get(), document->descriptor(), output.descriptor()};
        REQUIRE_GOOD(process->ask(request, descriptors));
        ends->theirs = Fd();
        REQUIRE_GOOD(wait_for_packet(ends->ours.get(), Clock::now() + std::chrono::seconds(20)));
        const pid_t child = child_of_the_newest(before);
        REQUIRE(child != -1);
        wait_until_it_waits(child);
        ::kill(child, SIGKILL);
        // Nothing is read before the zygote knows of it.
        while (::kill(child, 0) == 0)
            std::this_thread::sleep_for(step);
        std::this_thread::sleep_for(10 * step);

        std::size_t members = 0;
        std::vector<Word> rest;
        for (;;) {
            const auto packet = receive_packet(ends->ours.get());
            REQUIRE_GOOD(packet);
            if (!*packet) break;
            auto word = decode_word((*packet)->bytes);
            REQUIRE_GOOD(word);
            if (std::holds_alternative<Member>(*word))
                ++members;
            else
                rest.push_back(*std::move(word));
        }
        CHECK(members < many);
        CHECK(rest == std::vector<Word>{Started{}, Ended{Ended::How::killed, SIGKILL}});
    }
}
