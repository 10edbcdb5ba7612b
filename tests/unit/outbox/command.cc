#include "core/outbox/submit.hh"
#include "tests/unit/outbox/office.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

#include <csignal>
#include <sstream>
#include <thread>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

using std::chrono::seconds;
constexpr Timeouts quick{
    .connect = seconds(2), .stall = seconds(2), .whole = seconds(10), .grace = seconds(1)};

class Command {
public:
    explicit Command(const std::string& script) {
        std::ofstream(program()) << "#!/bin/sh\ncd " << dir_.path().string() << "\n" << script;
        std::filesystem::permissions(program(), std::filesystem::perms::owner_all);
    }

    [[nodiscard]] std::filesystem::path program() const { return dir_.path() / "send mail"; }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(dir_.path() / name, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

    [[nodiscard]] Result<Submitted> send(
        const Notice& notice,
        std::optional<File> original = {},
        const std::stop_token& stop = {},
        const Timeouts& timeouts = quick
    ) const {
        auto wire = Wire::of(notice, std::move(original));
        REQUIRE_GOOD(wire);
        return submit("sendmail:" + program().string(), notice, *wire, timeouts, stop);
    }

    [[nodiscard]] const TempDir& dir() const { return dir_; }

private:
    TempDir dir_;
};

Notice failure() {
    return rendered(malformed(NoticeKind::failure));
}

std::string with_lf(std::string text) {
    std::erase(text, '\r');
    return text;
}

} // namespace

TEST_SUITE("outbox/command") {

    TEST_CASE("the command gets the mail on its input and one recipient, without a shell") {
        const Command command(R"(printf '%s|' "$@" >arguments; cat >mail)");
        Notice notice = rendered(malformed(NoticeKind::correction));
        notice.to = "a;touch x@kunde.example";
        REQUIRE_GOOD(command.send(notice));
        CHECK(command.read("arguments") == "-i|-f||--|a;touch x@kunde.example|");
        CHECK(command.read("mail") == with_lf(wired(notice)));
    }

    TEST_CASE("its exit status says whether it is tried again") {
        struct Case {
            std::string script;
            Kind kind;
            std::string_view why;
        };

        for (const Case& c :
             {Case{
                  "cat >/dev/null; echo no such user >&2; exit 67",
                  Kind::refused,
                  " ended with status 67: no such user"},
              {"cat >/dev/null; exit 75", Kind::temporary, " ended with status 75"},
              {"cat >/dev/null; exit 69", Kind::temporary, " ended with status 69"},
              {"cat >/dev/null; kill -TERM $$", Kind::temporary, " was killed by signal 15"},
              {"exit 75", Kind::temporary, " ended with status 75"}}) {
            CAPTURE(c.script);
            const Command command(c.script);
            const auto done = command.send(failure());
            REQUIRE_FALSE(done.has_value());
            CHECK(done.error().kind == c.kind);
            CHECK(done.error().cause == Cause::other);
            CHECK(done.error().what == command.program().string() + std::string(c.why));
        }
    }

    TEST_CASE("a large mail and a talkative command do not wait for each other") {
        const Command command(
            "head -c 2000000 /dev/zero | tr '\\0' x; cat >mail; echo; echo queued >&2"
        );
        const File original =
            file_with(command.dir().path() / "original", std::string(2000000, '\xfe'));
        const Notice notice = failure();
        auto again = File::open(command.dir().path() / "original");
        REQUIRE_GOOD(again);
        const auto done = command.send(notice, *std::move(again));
        REQUIRE_GOOD(done);
        CHECK(done->reply.ends_with("queued"));
        CHECK(done->reply.size() <= 1003);
        auto third = File::open(command.dir().path() / "original");
        REQUIRE_GOOD(third);
        CHECK(command.read("mail") == with_lf(wired(notice, *std::move(third), 65536)));
    }

    TEST_CASE("a command that reads only a part has not taken the mail") {
        const Command command("head -c 100 >/dev/null; exit 0");
        const auto done = command.send(
            failure(), file_with(command.dir().path() / "original", std::string(2000000, '\xfe'))
        );
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == Kind::temporary);
        CHECK(done.error().what.ends_with("did not read the whole mail"));
    }

    TEST_CASE("a command that closes its output early is still fed") {
        const Command command("exec >/dev/null 2>&1; sleep 0.2; cat >mail");
        const Notice notice = failure();
        REQUIRE_GOOD(command.send(notice));
        CHECK(command.read("mail") == with_lf(wired(notice)));
    }

    TEST_CASE("a mail that cannot be read to its end is never ended: the command is killed") {
        const Command command("cat >mail; echo whole >whole");
        const auto path = command.dir().path() / "original";
        std::string text;
        while (text.size() < 2000000)
            text += "0123456789012345678901234567890123456789\r\n";
        const Notice notice = failure();
        auto wire = Wire::of(notice, file_with(path, text));
        REQUIRE_GOOD(wire);
        std::filesystem::resize_file(path, 1000000);
        const auto done =
            submit("sendmail:" + command.program().string(), notice, *wire, quick, {});
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == Kind::corrupt);
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        CHECK(command.read("whole").empty());
    }

    TEST_CASE("a command that hangs is ended with its children, in time") {
        const Command command("sleep 60; echo x");
        const auto begun = std::chrono::steady_clock::now();
        const auto done = command.send(failure());
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == Kind::temporary);
        CHECK(std::chrono::steady_clock::now() - begun < seconds(30));
    }

    TEST_CASE("a stop does not wait for a command that hangs") {
        const Command command("cat >/dev/null; sleep 60");
        std::stop_source stop;
        std::jthread stopper([&stop] {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            stop.request_stop();
        });
        const auto begun = std::chrono::steady_clock::now();
        Timeouts patient = quick;
        patient.stall = patient.whole = seconds(120);
        CHECK_FALSE(command.send(failure(), {}, stop.get_token(), patient).has_value());
        CHECK(std::chrono::steady_clock::now() - begun < seconds(30));
    }

    TEST_CASE("a program that is not there is a transport that is away") {
        const Notice notice = failure();
        auto wire = Wire::of(notice, {});
        REQUIRE_GOOD(wire);
        const auto done = submit("sendmail:/nowhere/sendmail", notice, *wire, quick, {});
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == Kind::temporary);
        CHECK(done.error().cause == Cause::unreachable);
        CHECK(done.error().what.starts_with("cannot start /nowhere/sendmail: "));
    }
}
