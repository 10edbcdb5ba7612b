#include "core/inspect/program.hh"

#include "core/inspect/installed.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

using namespace kwit;
using namespace kwit::inspect;

namespace {

/// $KWIT_INSPECTOR as it was, afterwards.
class Environment {
public:
    Environment() {
        if (const char* const value = std::getenv("KWIT_INSPECTOR")) before_ = value;
        ::unsetenv("KWIT_INSPECTOR");
    }

    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    Environment(Environment&&) = delete;
    Environment& operator=(Environment&&) = delete;

    ~Environment() {
        if (before_)
            ::setenv("KWIT_INSPECTOR", before_->c_str(), 1);
        else
            ::unsetenv("KWIT_INSPECTOR");
    }

private:
    std::optional<std::string> before_{};
};

} // namespace

TEST_SUITE("inspect/program") {
    TEST_CASE("the configuration comes first, then the environment; what is named must be there") {
        const Environment restored;
        const test::TempDir dir;
        const auto one = dir.path() / "one";
        const auto two = dir.path() / "two";
        std::ofstream(one) << '\n';
        std::ofstream(two) << '\n';

        ::setenv("KWIT_INSPECTOR", two.c_str(), 1);
        CHECK(*find_program(one) == one);
        CHECK(*find_program({}) == two);

        const auto wrong = find_program(dir.path() / "three");
        REQUIRE_FALSE(wrong);
        CHECK(
            wrong.error().what == "there is no kwit-inspector at " + (dir.path() / "three").string()
        );
        CHECK(wrong.error().remedy == "correct [inspector] program, or install it");
        CHECK(wrong.error().cause == Cause::unreachable);

        std::filesystem::remove(two);
        const auto gone = find_program({});
        REQUIRE_FALSE(gone);
        CHECK(gone.error().remedy == "correct $KWIT_INSPECTOR, or take it away");
    }

    TEST_CASE("without either it is where it is installed, or nowhere") {
        const Environment restored;
        const auto found = find_program({});
        if (found) {
            CHECK(*found == installed_program);
        } else {
            CHECK(found.error().remedy == "install it, or name it in [inspector] program");
        }
    }
}
