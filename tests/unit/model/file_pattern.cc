#include "core/model/file_pattern.hh"

#include <doctest/doctest.h>

#include <string>

namespace kwit {

TEST_SUITE("model/file_pattern") {
    TEST_CASE("a star stands for anything, a question mark for one character") {
        struct Case {
            std::string_view name;
            std::string_view pattern;
            bool fits;
        };

        for (const Case& c : {
                 Case{"AGB.pdf", "agb.pdf", true},
                 Case{"AGB.pdf", "agb", false},
                 Case{"Unsere AGB 2026.pdf", "*agb*", true},
                 Case{"agb", "*agb*", true},
                 Case{"ag b.pdf", "*agb*", false},
                 Case{"Anlage_1.pdf", "Anlage_*", true},
                 Case{"Anlage_", "Anlage_*", true},
                 Case{"Anlage_", "Anlage_?", false},
                 Case{"Anlage_1", "Anlage_?", true},
                 Case{"Anlage_12", "Anlage_?", false},
                 Case{"meine Anlage_1.pdf", "Anlage_*", false},
                 Case{"aXbXc", "a*b*c", true},
                 Case{"abcbc", "a*bc", true}, // the star has to be tried again
                 Case{"aaaaaaaaaaaaaaaaaaaab", "a*a*a*a*a*c", false},
                 Case{"[1] x.pdf", "[1]*", true}, // no sets
                 Case{"1 x.pdf", "[1]*", false},
                 Case{"a.b", "a?b", true},
                 Case{"ZAŁĄCZNIK 1.pdf", "załącznik*", true},
                 Case{"Za\xCC\x88une.pdf", "z\xC3\xA4une.*", true}, // composed and not
                 Case{"Zäune.pdf", "Z?une.pdf", true},
                 Case{"", "*a*", false},
                 Case{"", "*", true},
             }) {
            CAPTURE(c.name);
            CAPTURE(c.pattern);
            CHECK(matches_pattern(c.name, c.pattern) == c.fits);
        }
    }

    TEST_CASE("a pattern is a short line that not every name fits") {
        CHECK(is_pattern("*agb*"));
        CHECK(is_pattern("?"
                         "a"));
        CHECK(is_pattern(std::string(max_pattern, 'a')));
        CHECK_FALSE(is_pattern(std::string(max_pattern + 1, 'a')));
        for (const std::string_view bad :
             {"",
              "*",
              "?",
              "*?*",
              "a\nb",
              "a/b",
              "a\\b",
              "\xFF",
              "a\xE2\x80\xAE"
              "b"}) {
            CAPTURE(bad);
            CHECK_FALSE(is_pattern(bad));
        }
    }

    TEST_CASE("the worst pattern on the longest name takes no time") {
        std::string pattern;
        while (pattern.size() + 2 < max_pattern)
            pattern += "*a";
        CHECK_FALSE(matches_pattern(std::string(200, 'a') + "b", pattern + "c"));
    }
}

} // namespace kwit
