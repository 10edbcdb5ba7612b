#include "core/base/file.hh"

#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <sys/stat.h>

#include <fstream>

namespace kwit {

namespace {

Result<Published> publish(const std::filesystem::path& path, std::string_view text) {
    TempFile file = TRY(TempFile::create(path.parent_path()));
    TRY(file.write(as_bytes(text)));
    return std::move(file).publish(path, 0440);
}

} // namespace

TEST_SUITE("base/file") {
    TEST_CASE("a published file has its bytes, its mode and its name") {
        const test::TempDir dir;
        const auto done = publish(dir.path() / "a", "hello");
        REQUIRE_GOOD(done);
        CHECK(*done == Published::linked);
        const auto text = read_whole(dir.path() / "a", 5);
        REQUIRE_GOOD(text);
        CHECK(*text == "hello");

        struct stat status {};

        REQUIRE(::stat((dir.path() / "a").c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0440);
    }

    TEST_CASE("a file that is there already is kept, and one of another size is damage") {
        const test::TempDir dir;
        REQUIRE_GOOD(publish(dir.path() / "a", "hello"));
        const auto again = publish(dir.path() / "a", "world");
        REQUIRE_GOOD(again);
        CHECK(*again == Published::present);
        CHECK(*read_whole(dir.path() / "a", 5) == "hello");
        const auto shorter = publish(dir.path() / "a", "wor");
        REQUIRE_FALSE(shorter.has_value());
        CHECK(shorter.error().kind == Kind::corrupt);
    }

    TEST_CASE("publishing what is there makes it young again") {
        const test::TempDir dir;
        REQUIRE_GOOD(publish(dir.path() / "a", "hello"));
        const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(99);
        std::filesystem::last_write_time(dir.path() / "a", old);
        REQUIRE_GOOD(publish(dir.path() / "a", "hello"));
        CHECK(std::filesystem::last_write_time(dir.path() / "a") > old + std::chrono::hours(98));
    }

    TEST_CASE("a staged file takes the place of another when it is complete, else it leaves") {
        const test::TempDir dir;
        std::ofstream(dir.path() / "a") << "before";
        {
            auto staged = StagedFile::create(dir.path() / "part");
            REQUIRE_GOOD(staged);
            REQUIRE_GOOD(staged->write(as_bytes("half")));
            CHECK_FALSE(StagedFile::create(dir.path() / "part").has_value());
            CHECK(std::filesystem::exists(dir.path() / "part"));
        }
        CHECK_FALSE(std::filesystem::exists(dir.path() / "part"));
        CHECK(*read_whole(dir.path() / "a", 9) == "before");

        auto staged = StagedFile::create(dir.path() / "part");
        REQUIRE_GOOD(staged);
        REQUIRE_GOOD(staged->write(as_bytes("after")));
        REQUIRE_GOOD(std::move(*staged).replace(dir.path() / "a", 0400));
        CHECK(*read_whole(dir.path() / "a", 9) == "after");
        CHECK_FALSE(std::filesystem::exists(dir.path() / "part"));

        struct stat status {};

        REQUIRE(::stat((dir.path() / "a").c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0400);
    }

    TEST_CASE("a staged file that cannot take a place leaves nothing behind") {
        const test::TempDir dir;
        std::filesystem::create_directory(dir.path() / "taken");
        {
            auto staged = StagedFile::create(dir.path() / "part");
            REQUIRE_GOOD(staged);
            CHECK_FALSE(std::move(*staged).replace(dir.path() / "taken", 0400).has_value());
        }
        CHECK_FALSE(std::filesystem::exists(dir.path() / "part"));
    }

    TEST_CASE("a temporary file that is not published leaves nothing behind") {
        const test::TempDir dir;
        {
            auto file = TempFile::create(dir.path());
            REQUIRE_GOOD(file);
            REQUIRE_GOOD(file->write(as_bytes("x")));
        }
        CHECK(std::filesystem::is_empty(dir.path()));
    }

    TEST_CASE("the reader of a temporary file sees what was written, at any place") {
        const test::TempDir dir;
        auto file = TempFile::create(dir.path());
        REQUIRE_GOOD(file);
        REQUIRE_GOOD(file->write(as_bytes("0123456789")));
        const auto reader = file->reader();
        REQUIRE_GOOD(reader);
        std::array<std::byte, 4> buffer{};
        const auto got = reader->read_at(8, buffer);
        REQUIRE_GOOD(got);
        CHECK(*got == 2);
        CHECK(as_text(Bytes(buffer).first(2)) == "89");
        CHECK(reader->size() == 10);
    }

    TEST_CASE("a file over the limit is not read") {
        const test::TempDir dir;
        std::ofstream(dir.path() / "a") << "123456";
        CHECK(read_whole(dir.path() / "a", 6).has_value());
        const auto over = read_whole(dir.path() / "a", 5);
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().kind == Kind::refused);
    }

    TEST_CASE("an error names the verb, the path, the cause and a remedy") {
        const auto missing = File::open("/nonexistent/kwit");
        REQUIRE_FALSE(missing.has_value());
        CHECK(missing.error().what == "cannot open /nonexistent/kwit: No such file or directory");
        CHECK(missing.error().remedy == "create it, or correct the path");
    }
}

} // namespace kwit
