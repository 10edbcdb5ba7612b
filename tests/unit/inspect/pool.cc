#include "core/inspect/pool.hh"

#include "core/base/sha256.hh"
#include "tests/unit/inspect/children.hh"
#include "tests/unit/inspect/pdf_maker.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace kwit;
using namespace kwit::inspect;

namespace {

/// Our children that run.
std::vector<pid_t> children() {
    return test::children_of(::getpid());
}

/// A pool and programs that are not what they should be.
class World {
public:
    World() { settings.timeout = std::chrono::seconds(20); } // a machine that is busy is not late

    /// The fake that behaves as its name says.
    void use(const std::string& mode) {
        settings.program = dir_.path() / mode;
        std::error_code there;
        std::filesystem::create_symlink(KWIT_INSPECTOR_FAKE, settings.program, there);
    }

    void use_real() { settings.program = KWIT_INSPECTOR_BUILT; }

    /// How often the fake was started or asked.
    [[nodiscard]] std::size_t count(const std::string& what) const {
        std::error_code none;
        const auto size = std::filesystem::file_size(settings.program.string() + what, none);
        return none ? 0 : size;
    }

    [[nodiscard]] std::size_t asked() const { return count(".asked"); }

    Result<Inspected> look(const std::string& content = test::one_page(), Look how = Look::pdf) {
        auto file = TempFile::create(dir_.path());
        REQUIRE_GOOD(file);
        REQUIRE_GOOD(file->write(as_bytes(content)));
        const auto reader = file->reader();
        REQUIRE_GOOD(reader);
        return pool.look_into(settings, *reader, Digest(sha256(content)), how);
    }

    Result<UnpackedOrNot> unpack(const std::string& content) {
        auto file = TempFile::create(dir_.path());
        REQUIRE_GOOD(file);
        REQUIRE_GOOD(file->write(as_bytes(content)));
        const auto reader = file->reader();
        REQUIRE_GOOD(reader);
        const UnpackOrder order{
            .look = Look::zip, .members = 5, .bytes = 100, .make_output = [this] {
                return TempFile::create(dir_.path());
            }};
        return pool.unpack(settings, order, *reader, Digest(sha256(content)));
    }

    /// The inspectors of this pool: our children that were not there before.
    [[nodiscard]] std::vector<pid_t> inspectors() const {
        std::vector<pid_t> found = children();
        std::erase_if(found, [this](pid_t pid) {
            return std::find(before_.begin(), before_.end(), pid) != before_.end();
        });
        return found;
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name) const {
        return dir_.path() / name;
    }

    InspectorSettings settings{};
    Pool pool{};

private:
    test::TempDir dir_{};
    std::vector<pid_t> before_ = children();
};

std::string why(const Result<Inspected>& inspected) {
    REQUIRE_GOOD(inspected);
    const auto* const not_to_be = std::get_if<Uninspectable>(&*inspected);
    REQUIRE(not_to_be != nullptr);
    return not_to_be->why;
}

std::uint32_t pages(const Result<Inspected>& inspected) {
    REQUIRE_GOOD(inspected);
    REQUIRE(std::holds_alternative<PdfFacts>(*inspected));
    return std::get<PdfFacts>(*inspected).pages;
}

} // namespace

TEST_SUITE("inspect/pool") {
    TEST_CASE("a document is looked into, by one inspector for all") {
        World world;
        world.use_real();
        CHECK(pages(world.look()) == 1);
        const auto first = world.inspectors();
        CHECK(first.size() == 1);
        CHECK(pages(world.look(test::pages(3))) == 3);
        CHECK(world.inspectors() == first);
    }

    TEST_CASE("the inspector ends with its pool") {
        const World before;
        {
            World world;
            world.use_real();
            CHECK(pages(world.look()) == 1);
            CHECK(before.inspectors().size() == 1);
        }
        CHECK(before.inspectors().empty());
    }

    TEST_CASE("many threads are served at once, each with its own document") {
        World world;
        world.use_real();
        world.settings.children = 3;
        std::vector<std::jthread> threads;
        std::vector<std::uint32_t> found(8);
        for (std::uint32_t i = 0; i < found.size(); ++i)
            threads.emplace_back([&world, &found, i] {
                for (std::uint32_t j = 0; j < 5; ++j) {
                    const auto inspected = world.look(test::pages(1 + i + 8 * j));
                    if (inspected) found[i] += std::get<PdfFacts>(*inspected).pages;
                }
            });
        threads.clear();
        for (std::uint32_t i = 0; i < found.size(); ++i)
            CHECK(found[i] == 5 * (1 + i) + 8 * (0 + 1 + 2 + 3 + 4));
    }

    TEST_CASE("a document at which its child fails twice is uninspectable, and is remembered") {
        struct Case {
            std::string mode;
            std::string why;
        };

        for (const Case& c :
             {Case{"crashes", "it crashed (signal 11)"},
              Case{"burns", "it used up its processor time"},
              Case{"starves", "it gave up: memory ran out"},
              Case{"breaks-out", "it tried what the sandbox forbids"},
              Case{"silent", "it ended without an answer (exit code 0)"},
              Case{"nonsense", "it answered what is no answer"},
              Case{"empty", "it answered what is no answer"},
              Case{"floods", "it does not stop talking"}}) {
            CAPTURE(c.mode);
            World world;
            world.use(c.mode);
            CHECK(why(world.look()) == c.why);
            CHECK(world.asked() == 2);
            CHECK(why(world.look()) == c.why);
            CHECK(world.asked() == 2);
            CHECK(why(world.look("another document")) == c.why);
            CHECK(world.asked() == 4);
        }
    }

    TEST_CASE("one failure alone says nothing about the document") {
        World world;
        world.use("crashes-once");
        CHECK(pages(world.look()) == 1);
        CHECK(world.asked() == 2);
    }

    TEST_CASE("what is known is not asked again") {
        World world;
        world.use("plain");
        CHECK(pages(world.look()) == 1);
        CHECK(pages(world.look()) == 1);
        CHECK(world.asked() == 1);
    }

    TEST_CASE("what was not asked for is no answer") {
        World world;
        world.use("plain"); // it talks of PDFs
        CHECK(why(world.look("<a/>", Look::xml)) == "it answered what is no answer");
        CHECK(world.asked() == 2);
        for (const std::string mode : {"opens", "packs"}) { // it unpacks what is no container
            CAPTURE(mode);
            World other;
            other.use(mode);
            CHECK(why(other.look()) == "it answered what is no answer");
            CHECK(why(other.look("<a/>", Look::xml)) == "it answered what is no answer");
        }
    }

    TEST_CASE("what came out of a container counts whatever is said of it") {
        World world;
        world.use("belittles");
        const auto unpacked = world.unpack("PK");
        REQUIRE_GOOD(unpacked);
        REQUIRE(std::holds_alternative<Unpacked>(*unpacked));
        CHECK(std::get<Unpacked>(*unpacked).members.size() == 2);
        CHECK(std::get<Unpacked>(*unpacked).spent_members == 2);
    }

    TEST_CASE("what is ours is an error for now, and nothing is remembered") {
        struct Case {
            std::string mode;
            std::string what;
            Cause cause;
        };

        World world;
        for (const Case& c :
             {Case{
                  "dies",
                  (world.path("dies").string() + " ended with exit code 7"),
                  Cause::unreachable},
              Case{
                  "older",
                  world.path("older").string() + " does not speak as this kwit does",
                  Cause::unreachable},
              Case{
                  "babbles",
                  world.path("babbles").string() + " does not speak as this kwit does",
                  Cause::unreachable},
              Case{
                  "troubled",
                  world.path("troubled").string() + " cannot work: there is no sandbox here",
                  Cause::unreachable},
              Case{"leaves", "kwit-inspector died", Cause::unreachable},
              Case{"leaves-slowly", "kwit-inspector died", Cause::unreachable},
              Case{
                  "no-child",
                  "kwit-inspector cannot look into a document: cannot fork a child",
                  Cause::overloaded},
              Case{
                  "killed",
                  "the child that looked into the document was killed from outside",
                  Cause::overloaded},
              Case{
                  "no-sandbox",
                  "kwit-inspector cannot put a child into its sandbox",
                  Cause::unreachable}}) {
            CAPTURE(c.mode);
            world.use(c.mode);
            const auto inspected = world.look();
            REQUIRE_FALSE(inspected);
            CHECK(inspected.error().kind == Kind::temporary);
            CHECK(inspected.error().what == c.what);
            CHECK(inspected.error().cause == c.cause);
        }
    }

    TEST_CASE("time that is over is an error for now") {
        struct Case {
            std::string mode;
            std::string what;
            Cause cause;
        };

        World world;
        world.settings.timeout = std::chrono::seconds(2);
        for (const Case& c :
             {Case{"slow", "looking into a document took too long", Cause::overloaded},
              Case{"deaf", "kwit-inspector does not answer, and was ended", Cause::unreachable},
              Case{
                  "hangs",
                  world.path("hangs").string() + " does not say that it is ready",
                  Cause::unreachable}}) {
            CAPTURE(c.mode);
            world.use(c.mode);
            const auto inspected = world.look();
            REQUIRE_FALSE(inspected);
            CHECK(inspected.error().what == c.what);
            CHECK(inspected.error().cause == c.cause);
        }
    }

    TEST_CASE("a program that is missing is found once it is there") {
        World world;
        world.settings.program = world.path("plain");
        for (int i = 0; i < 3; ++i) {
            const auto inspected = world.look();
            REQUIRE_FALSE(inspected);
            CHECK(
                inspected.error().what ==
                "there is no kwit-inspector at " + world.settings.program.string()
            );
            CHECK(inspected.error().cause == Cause::unreachable);
        }
        world.use("plain");
        CHECK(pages(world.look()) == 1);
    }

    TEST_CASE("one that dies again and again is given a pause, and works again after it") {
        World world;
        world.use("dies-twice");
        const std::string died = world.settings.program.string() + " ended with exit code 7";
        CHECK(world.look().error().what == died);
        // The second start is tried at once, the third is not: until then the old error is told.
        auto looked = world.look();
        for (; !looked; looked = world.look())
            REQUIRE(looked.error().what == died);
        CHECK(pages(looked) == 1);
        CHECK(world.count(".started") == 3);
    }

    TEST_CASE("an inspector that was killed is started again without anybody's noticing") {
        World world;
        world.use_real();
        CHECK(pages(world.look()) == 1);
        const auto before = world.inspectors();
        REQUIRE(before.size() == 1);
        REQUIRE(::kill(before.front(), SIGKILL) == 0);
        siginfo_t ended{}; // dead, and left for the pool to reap
        REQUIRE(::waitid(P_PID, static_cast<id_t>(before.front()), &ended, WEXITED | WNOWAIT) == 0);
        CHECK(pages(world.look(test::pages(2))) == 2);
        CHECK(world.inspectors() != before);
    }

    TEST_CASE("another program in the configuration takes over") {
        World world;
        world.use("crashes");
        CHECK(why(world.look()) == "it crashed (signal 11)");
        world.use_real();
        CHECK(pages(world.look(test::pages(2))) == 2);
        CHECK(world.inspectors().size() == 1);
    }

    TEST_CASE("another file under the same name takes over, and what was found before is forgotten"
    ) {
        World world;
        world.use("crashes");
        CHECK(why(world.look()) == "it crashed (signal 11)");
        std::filesystem::remove(world.settings.program);
        std::filesystem::copy_file(KWIT_INSPECTOR_BUILT, world.settings.program);
        CHECK(pages(world.look(test::pages(2))) == 2);
        CHECK(pages(world.look()) == 1);
        CHECK(world.inspectors().size() == 1);
    }

    TEST_CASE("with every place taken for too long the answer is busy") {
        World world;
        world.use("slow");
        world.settings.children = 1;
        world.settings.timeout = std::chrono::seconds(2);
        std::jthread other([&world] { [[maybe_unused]] const auto slow = world.look("one"); });
        while (world.asked() == 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        InspectorSettings hasty = world.settings;
        hasty.timeout = std::chrono::seconds(1);
        auto file = TempFile::create(world.path(""));
        REQUIRE_GOOD(file);
        const auto inspected = world.pool.look_into(hasty, *file->reader(), Digest(sha256("two")));
        REQUIRE_FALSE(inspected);
        CHECK(inspected.error().what == "1 documents are being looked into at once");
        CHECK(inspected.error().cause == Cause::overloaded);
    }

    TEST_CASE("a probe says whether it can be started") {
        World world;
        world.use_real();
        REQUIRE_GOOD(Pool::probe(world.settings));
        CHECK(world.inspectors().empty());
        world.use("dies");
        CHECK_FALSE(Pool::probe(world.settings));
        world.settings.program = world.path("nowhere");
        CHECK_FALSE(Pool::probe(world.settings));
    }
}
