#include "core/base/sha256.hh"

#include "core/model/digest.hh"

#include <doctest/doctest.h>

namespace kwit {

TEST_SUITE("base/sha256") {
    TEST_CASE("the digest of FIPS 180-4's example") {
        CHECK(
            Digest(sha256("abc")).hex() ==
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    TEST_CASE("peeking changes nothing") {
        Sha256 hash;
        hash.update("a");
        CHECK(hash.peek() == sha256("a"));
        hash.update("bc");
        CHECK(std::move(hash).finish() == sha256("abc"));
    }
}

} // namespace kwit
