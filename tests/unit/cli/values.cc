#include "cli/values.hh"

#include "tests/unit/result.hh"

#include <cstdlib>
#include <ctime>

namespace kwit::cli {

namespace {

/// The zone of this machine for one test.
class Zone {
public:
    explicit Zone(const char* name) {
        const char* const before = std::getenv("TZ");
        if (before != nullptr) before_ = before;
        set(name);
    }

    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;
    Zone(Zone&&) = delete;
    Zone& operator=(Zone&&) = delete;

    ~Zone() { set(before_ ? before_->c_str() : nullptr); }

private:
    static void set(const char* name) {
        if (name != nullptr)
            ::setenv("TZ", name, 1);
        else
            ::unsetenv("TZ");
        ::tzset();
    }

    std::optional<std::string> before_{};
};

} // namespace

TEST_SUITE("cli/values") {
    TEST_CASE("how long ago something was is as good as a time") {
        const Zone zone("UTC");
        const auto now = parse_rfc3339("2026-11-21T10:00:00Z");
        REQUIRE(now.has_value());

        struct Case {
            std::string text;
            std::string_view utc;
        };

        for (const Case& c :
             {Case{"30d", "2026-10-22T10:00:00.000Z"},
              Case{"12h", "2026-11-20T22:00:00.000Z"},
              Case{"2026-11-01", "2026-11-01T00:00:00.000Z"}}) {
            CAPTURE(c.text);
            const auto time = parse_since("--since", c.text, *now);
            REQUIRE_GOOD(time);
            CHECK(rfc3339(*time) == c.utc);
        }
        const auto none = parse_since("--since", "lately", *now);
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().kind == Kind::misuse);
        CHECK(none.error().what == "\"lately\" of --since is no time");
    }

    TEST_CASE("a share is over nothing and at most all") {
        struct Case {
            std::string text;
            double share;
        };

        for (const Case& c :
             {Case{"1%", 0.01}, Case{"0.5%", 0.005}, Case{"100%", 1}, Case{"99.999%", 0.99999}}) {
            CAPTURE(c.text);
            const auto share = parse_share("--sample", c.text);
            REQUIRE_GOOD(share);
            CHECK(*share == doctest::Approx(c.share));
        }
        for (const char* text :
             {"",
              "%",
              "1",
              "0%",
              "0.0%",
              "100.001%",
              "-1%",
              "1%%",
              "1 %",
              "1e1%",
              ".%",
              "1.2.3%",
              "0000000000.1%",
              "inf%",
              "0x1%"}) {
            CAPTURE(text);
            const auto share = parse_share("--sample", text);
            REQUIRE_FALSE(share.has_value());
            CHECK(share.error().kind == Kind::misuse);
        }
    }

    TEST_CASE("times are read in the local zone, in UTC where they say so") {
        const Zone zone("Europe/Warsaw");

        struct Case {
            std::string text;
            std::string_view utc;
        };

        for (const Case& c :
             {Case{"2026-11-21", "2026-11-20T23:00:00.000Z"},
              Case{"2026-07-01", "2026-06-30T22:00:00.000Z"},
              Case{"2026-11-21 10:30", "2026-11-21T09:30:00.000Z"},
              Case{"2026-11-21T10:30:00Z", "2026-11-21T10:30:00.000Z"}}) {
            CAPTURE(c.text);
            const auto time = parse_when("--since", c.text);
            REQUIRE_GOOD(time);
            CHECK(rfc3339(*time) == c.utc);
        }
    }

    TEST_CASE("what is no time is misuse and names the option and the forms there are") {
        for (const std::string text :
             {"", "yesterday", "2026-02-30", "2026-13-01", "2026-11-21 25:00", "2026-11-21x"}) {
            CAPTURE(text);
            const auto time = parse_when("--since", text);
            REQUIRE_FALSE(time.has_value());
            CHECK(time.error().kind == Kind::misuse);
            CHECK(time.error().what == "\"" + text + "\" of --since is no time");
            CHECK_FALSE(time.error().remedy.empty());
        }
    }

    TEST_CASE("an option that was not given is no time") {
        const auto time = parse_when("--since", std::optional<std::string>());
        REQUIRE_GOOD(time);
        CHECK_FALSE(time->has_value());
    }

    TEST_CASE("sizes are told in the largest unit that leaves a whole number before the point") {
        struct Case {
            std::uint64_t bytes;
            std::string_view shown;
        };

        for (const Case& c :
             {Case{0, "0 B"},
              Case{1023, "1023 B"},
              Case{1024, "1.0 KiB"},
              Case{48'213, "47.1 KiB"},
              Case{1'048'575, "1.0 MiB"},
              Case{1'048'576, "1.0 MiB"},
              Case{5ULL << 30, "5.0 GiB"},
              Case{3ULL << 50, "3072.0 TiB"}}) {
            CAPTURE(c.bytes);
            CHECK(readable_size(c.bytes) == c.shown);
        }
    }

    TEST_CASE("a period is a month of the years that documents belong to") {
        const Time now = *parse_rfc3339("2026-11-21T12:00:00Z");
        const auto answer = [&](const char* text) {
            const auto period = parse_period(text, {}, now);
            if (period) return period->text();
            return std::string(period.error().kind == Kind::misuse ? "misuse" : "refused");
        };
        CHECK(answer("2000-01") == "2000-01");
        CHECK(answer("1999-12") == "refused");
        CHECK(answer("2027-12") == "2027-12");
        CHECK(answer("2028-01") == "refused");
        CHECK(answer("2026-13") == "misuse");
        CHECK(answer("11/2026") == "misuse");
    }

    TEST_CASE("a file name is cleaned, and something has to be left") {
        CHECK(parse_filename("/tmp/a\nb.pdf").value() == "a b.pdf");
        CHECK(parse_filename("..").error().kind == Kind::misuse);
    }
}

} // namespace kwit::cli
