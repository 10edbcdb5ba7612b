#include "core/archive/objects.hh"

#include "tests/unit/archive/world.hh"

#include <doctest/doctest.h>

#include <filesystem>

using namespace kwit;
using test::World;

namespace {

/// A digest of our choice: publishing believes its caller.
Digest made_up(unsigned char first, unsigned char second, unsigned char last) {
    Sha256Value value{};
    value.front() = std::byte{first};
    value.at(1) = std::byte{second};
    value.back() = std::byte{last};
    return Digest(value);
}

Result<void> publish(const Archive& archive, const Digest& digest) {
    TempFile file = TRY(temp_file(archive));
    TRY(file.write(as_bytes("a document")));
    return publish_object(archive, std::move(file), digest);
}

bool is_there(const Archive& archive, const Digest& digest) {
    return std::filesystem::exists(object_path(archive, digest));
}

} // namespace

TEST_SUITE("archive/objects") {
    TEST_CASE("directories are known to be durable when an object of theirs was published") {
        World world;
        const Archive& archive = world.archive();
        const Digest one = made_up(1, 2, 3);
        CHECK_FALSE(archive.shards().is_durable(one));
        REQUIRE_GOOD(publish(archive, one));
        CHECK(archive.shards().is_durable(made_up(1, 2, 4)));
        CHECK(archive.shards().is_above_durable(made_up(1, 5, 4)));
        CHECK_FALSE(archive.shards().is_durable(made_up(1, 5, 4)));
        CHECK_FALSE(archive.shards().is_above_durable(made_up(2, 2, 3)));
        REQUIRE_GOOD(publish(archive, made_up(1, 2, 4)));
        CHECK(is_there(archive, made_up(1, 2, 4)));
    }

    TEST_CASE("a directory that somebody took away is made again at the next try") {
        World world;
        const Archive& archive = world.archive();
        REQUIRE_GOOD(publish(archive, made_up(1, 2, 3)));
        std::filesystem::remove_all(object_path(archive, made_up(1, 2, 3)).parent_path());
        const auto refused = publish(archive, made_up(1, 2, 4));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().kind == Kind::temporary);
        CHECK_FALSE(archive.shards().is_durable(made_up(1, 2, 4)));
        REQUIRE_GOOD(publish(archive, made_up(1, 2, 4)));
        CHECK(is_there(archive, made_up(1, 2, 4)));
    }

    TEST_CASE("a spare file is empty, and only so many are kept") {
        World world;
        const Archive& archive = world.archive();
        TempFile file = *spare_file(archive);
        REQUIRE_GOOD(file.write(as_bytes("the mail before")));
        archive.spare_files()->give(std::move(file));
        TempFile again = *spare_file(archive);
        CHECK(again.size() == 0);
        REQUIRE_GOOD(again.write(as_bytes("next")));
        CHECK(again.reader()->size() == 4);
        std::string bytes(16, '?');
        CHECK(again.reader()->read_at(0, std::as_writable_bytes(std::span(bytes))) == 4);
        CHECK(bytes.starts_with("next?"));
        CHECK_FALSE(archive.spare_files()->take().has_value());
        for (std::size_t i = 0; i <= SpareFiles::most; ++i)
            archive.spare_files()->give(*temp_file(archive));
        for (std::size_t i = 0; i < SpareFiles::most; ++i)
            CHECK(archive.spare_files()->take().has_value());
        CHECK_FALSE(archive.spare_files()->take().has_value());
    }
}
