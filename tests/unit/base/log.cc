#include "core/base/log.hh"

#include "core/base/file.hh"
#include "core/base/text.hh"
#include "core/base/time.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace kwit;

namespace {

constexpr std::size_t much = 1U << 22;

/// Standard error goes to a file for a while.
class Captured {
public:
    explicit Captured(const std::filesystem::path& path)
        : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)), path_(path),
          before_(::dup(STDERR_FILENO)) {
        REQUIRE(::dup2(file_.get(), STDERR_FILENO) == STDERR_FILENO);
    }

    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;

    ~Captured() { ::dup2(before_.get(), STDERR_FILENO); }

    [[nodiscard]] std::string text() const { return read_whole(path_, much).value_or(""); }

private:
    Fd file_;
    std::filesystem::path path_;
    Fd before_;
};

std::string file_sink(const std::filesystem::path& path) {
    return "file:" + path.string();
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
    const auto text = read_whole(path, much);
    REQUIRE_GOOD(text);
    std::vector<std::string> lines;
    for (const std::string_view line : split(*text, '\n'))
        if (!line.empty()) lines.emplace_back(line);
    return lines;
}

/// A line of a file without its time, which must be one.
std::string without_time(const std::string& line) {
    const std::size_t space = line.find(' ');
    REQUIRE(space != std::string::npos);
    CHECK(parse_rfc3339(line.substr(0, space)).has_value());
    return line.substr(space + 1);
}

} // namespace

TEST_SUITE("base/log") {

    TEST_CASE("lines go to standard error from level info on, and begin with the queue id") {
        const test::TempDir dir;
        const Captured captured(dir.path() / "stderr");
        log::debug("4WxYz", "nobody asked");
        log::info("4WxYz", "imported 2 documents for 10023");
        log::warning("", "no mail in hand");
        log::error("4WxYz", "cannot sync /x: No space left on device");
        CHECK(
            captured.text() == "4WxYz: imported 2 documents for 10023\n"
                               "-: warning: no mail in hand\n"
                               "4WxYz: error: cannot sync /x: No space left on device\n"
        );
    }

    TEST_CASE("nothing foreign begins a line of its own") {
        const test::TempDir dir;
        const Captured captured(dir.path() / "stderr");
        log::info("4Wx\nYz", "subject \"a\r\n9999: imported\x1b[2J\u202e\"");
        CHECK(captured.text() == "4Wx\\nYz: subject \"a\\r\\n9999: imported\\x1b[2J\\u{202e}\"\n");
    }

    TEST_CASE("an error is logged with its remedy, a line for each of its lines") {
        const test::TempDir dir;
        const Captured captured(dir.path() / "stderr");
        log::error("", Error{Kind::misuse, "a.toml:1: x\na.toml:2: y", "mend them"});
        log::error("4WxYz", Error{Kind::temporary, "cannot open /x: gone"});
        CHECK(
            captured.text() == "-: error: a.toml:1: x\n"
                               "-: error: a.toml:2: y; mend them\n"
                               "4WxYz: error: cannot open /x: gone\n"
        );
    }

    TEST_CASE("a file gets lines with their time, at the end of what it holds") {
        const test::TempDir dir;
        const auto path = dir.path() / "kwit.log";
        REQUIRE_GOOD(log::set_up({.sink = file_sink(path), .level = log::Level::info}));
        log::info("1", "first");
        REQUIRE_GOOD(log::set_up({.sink = file_sink(path), .level = log::Level::warning}));
        log::info("2", "below the level");
        log::warning("3", "second");
        REQUIRE_GOOD(log::set_up({}));
        const auto lines = lines_of(path);
        REQUIRE(lines.size() == 2);
        CHECK(without_time(lines.at(0)) == "1: first");
        CHECK(without_time(lines.at(1)) == "3: warning: second");

        struct stat status {};

        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U & ~0640U) == 0);
    }

    TEST_CASE("after a rotation the file of the name is written, made anew when it is gone") {
        const test::TempDir dir;
        const auto path = dir.path() / "kwit.log";
        REQUIRE_GOOD(log::set_up({.sink = file_sink(path)}));
        log::info("1", "before");
        std::filesystem::rename(path, dir.path() / "kwit.log.1");
        log::info("2", "after");
        std::filesystem::remove(path);
        log::info("3", "after the removal");
        REQUIRE_GOOD(log::set_up({}));
        REQUIRE(lines_of(dir.path() / "kwit.log.1").size() == 1);
        REQUIRE(lines_of(path).size() == 1);
        CHECK(without_time(lines_of(path).front()) == "3: after the removal");
    }

    TEST_CASE("a directory that is away leaves the file in hand, and nothing is lost") {
        const test::TempDir dir;
        const auto logs = dir.path() / "logs";
        std::filesystem::create_directory(logs);
        REQUIRE_GOOD(log::set_up({.sink = file_sink(logs / "kwit.log")}));
        std::filesystem::rename(logs, dir.path() / "moved");
        log::info("1", "still here");
        REQUIRE_GOOD(log::set_up({}));
        CHECK(lines_of(dir.path() / "moved" / "kwit.log").size() == 1);
    }

    TEST_CASE("a sink that cannot be had is an error with a remedy, and the old one stays") {
        const test::TempDir dir;
        const Captured captured(dir.path() / "stderr");
        for (const std::string& sink :
             {std::string("journal"),
              std::string("file:"),
              file_sink(dir.path() / "no" / "kwit.log")}) {
            CAPTURE(sink);
            const auto changed = log::set_up({.sink = sink});
            REQUIRE_FALSE(changed.has_value());
            CHECK(changed.error().kind == Kind::misuse);
            CHECK_FALSE(changed.error().remedy.empty());
        }
        log::info("1", "here");
        CHECK(captured.text() == "1: here\n");
    }

    TEST_CASE("threads write whole lines, also while the sink changes") {
        const test::TempDir dir;
        const auto path = dir.path() / "kwit.log";
        constexpr int threads = 8;
        constexpr int lines = 200;
        REQUIRE_GOOD(log::set_up({.sink = file_sink(path)}));
        {
            std::vector<std::jthread> writers;
            for (int t = 0; t < threads; ++t)
                writers.emplace_back([t] {
                    for (int i = 0; i < lines; ++i)
                        log::info(std::to_string(t), std::to_string(i) + std::string(200, 'x'));
                });
            for (int i = 0; i < 20; ++i)
                CHECK(log::set_up({.sink = file_sink(path)}).has_value());
        }
        REQUIRE_GOOD(log::set_up({}));
        std::set<std::string> seen;
        for (const std::string& line : lines_of(path)) {
            CHECK(line.ends_with(std::string(200, 'x')));
            seen.insert(without_time(line));
        }
        CHECK(seen.size() == static_cast<std::size_t>(threads) * lines);
        CHECK(lines_of(path).size() == seen.size());
    }
}
