#include "cli/stored.hh"

#include "core/archive/objects.hh"
#include "tests/unit/cli/output.hh"
#include "tests/unit/temp_dir.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

namespace kwit::cli {

namespace {

/// An archive with one object of 600,000 bytes.
struct Store {
    test::TempDir dir{};
    Settings settings{};
    test::Output output{};
    std::string content = std::string(600'000, 'x');
    Digest digest = Digest(sha256(content));
    std::unique_ptr<Archive> archive{};
    Context context{
        .settings = settings,
        .out = output.printer,
        .by = {.who = "test", .at = *parse_rfc3339("2026-11-21T12:00:00Z")},
        .command_line = "kwit document get"};

    Store() {
        settings.archive = {.path = dir.path() / "archive", .min_free = 0, .map_size = 64ULL << 20};
        auto opened = Archive::open(settings.archive);
        REQUIRE_GOOD(opened);
        archive = *std::move(opened);
        auto file = temp_file(*archive);
        REQUIRE_GOOD(file);
        REQUIRE_GOOD(file->write(as_bytes(content)));
        REQUIRE_GOOD(publish_object(*archive, *std::move(file), digest));
    }
};

} // namespace

TEST_SUITE("cli/stored") {
    TEST_CASE("an object comes out byte for byte") {
        Store store;
        REQUIRE_GOOD(print_object(store.context, *store.archive, store.digest));
        CHECK(store.output.text() == store.content);
    }

    TEST_CASE("nothing comes out of a damaged object") {
        Store store;
        const auto path = object_path(*store.archive, store.digest);
        REQUIRE(::chmod(path.c_str(), 0640) == 0);
        std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(500'000).put('y');
        const auto printed = print_object(store.context, *store.archive, store.digest);
        REQUIRE_FALSE(printed.has_value());
        CHECK(printed.error().kind == Kind::corrupt);
        CHECK(printed.error().what == "the object " + store.digest.hex() + " is damaged");
        CHECK(store.output.text().empty());
    }

    TEST_CASE("an object that is gone is damage, not an archive that is away") {
        Store store;
        std::filesystem::remove(object_path(*store.archive, store.digest));
        const auto printed = print_object(store.context, *store.archive, store.digest);
        REQUIRE_FALSE(printed.has_value());
        CHECK(printed.error().kind == Kind::corrupt);
        CHECK(printed.error().what == "the object " + store.digest.hex() + " is missing");
    }
}

} // namespace kwit::cli
