#include "core/rules/categories.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

TEST_SUITE("rules/categories") {
    TEST_CASE("a category is known in any case, and keeps the policy's spelling") {
        const Policy policy{.name = "p", .categories = {"FZ", "Är", "\u0141adunek"}};
        REQUIRE(category_named(policy, "fz") != nullptr);
        CHECK(*category_named(policy, "fz") == "FZ");
        REQUIRE(category_named(policy, "a\u0308R") != nullptr);
        CHECK(*category_named(policy, "a\u0308R") == "Är");
        REQUIRE(category_named(policy, "\u0142ADUNEK") != nullptr);
        CHECK(category_named(policy, "FX") == nullptr);
        CHECK(category_named(policy, "") == nullptr);
    }

    TEST_CASE("near is one letter away, no more") {
        const Policy policy{.name = "p", .categories = {"FK", "FZ", "FS", "INNE"}};
        using Names = std::vector<std::string>;

        struct Case {
            std::string_view read;
            Names near;
        };

        for (const Case& c : {
                 Case{"FX", {"FK", "FZ", "FS"}},
                 Case{"F", {"FK", "FZ", "FS"}},
                 Case{"FZA", {"FZ"}},
                 Case{"ZF", {"FZ"}},
                 Case{"KZ", {"FZ"}},
                 Case{"INE", {"INNE"}},
                 Case{"INEN", {"INNE"}},
                 Case{"INNA", {"INNE"}},
                 Case{"IENN", {}},
                 Case{"FZ", {"FK", "FS"}}, // itself is no neighbour
                 Case{"XX", {}},
                 Case{"", {}},
             }) {
            CAPTURE(c.read);
            CHECK(categories_near(policy, c.read) == c.near);
        }
    }
}

} // namespace kwit::rules
