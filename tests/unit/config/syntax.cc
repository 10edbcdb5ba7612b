#include "core/config/syntax.hh"

#include "core/config/nearest.hh"

#include <doctest/doctest.h>

using namespace kwit;
using namespace std::chrono_literals;

TEST_SUITE("config/syntax") {

    TEST_CASE("sizes are bytes or binary units") {
        struct Case {
            std::string_view text;
            std::optional<std::uint64_t> bytes;
        };

        for (const Case& c : {
                 Case{"0", 0},
                 Case{"512B", 512},
                 Case{"256KiB", 262'144},
                 Case{"20MiB", 20'971'520},
                 Case{"1GiB", 1'073'741'824},
                 Case{"4TiB", 4'398'046'511'104},
                 Case{"1048576", 1'048'576},
                 Case{"16777215TiB", 16'777'215ULL << 40},
                 Case{"16777216TiB", std::nullopt}, // 2^64
                 Case{"18446744073709551615", UINT64_MAX},
                 Case{"18446744073709551616", std::nullopt},
                 Case{"", std::nullopt},
                 Case{"MiB", std::nullopt},
                 Case{"1GB", std::nullopt},
                 Case{"1gib", std::nullopt},
                 Case{"1 GiB", std::nullopt},
                 Case{"-1GiB", std::nullopt},
                 Case{"1.5GiB", std::nullopt},
             }) {
            CAPTURE(c.text);
            CHECK(syntax::size(c.text) == c.bytes);
        }
        CHECK(syntax::size_text(1ULL << 30) == "1GiB");
        CHECK(syntax::size_text((1ULL << 30) + 1) == "1073741825B");
        CHECK(syntax::size_text(0) == "0B");
    }

    TEST_CASE("durations have one unit, a least and a most") {
        struct Case {
            std::string_view text;
            std::optional<std::chrono::seconds> duration;
        };

        for (const Case& c : {
                 Case{"90d", 2160h},
                 Case{"12h", 12h},
                 Case{"30m", 30min},
                 Case{"45s", 45s},
                 Case{"1s", 1s},
                 Case{"0s", std::nullopt},
                 Case{"36500d", 24h * 36500},
                 Case{"36501d", std::nullopt},
                 Case{"99999999999999999999d", std::nullopt},
                 Case{"18446744073709551615d", std::nullopt},
                 Case{"", std::nullopt},
                 Case{"d", std::nullopt},
                 Case{"90", std::nullopt},
                 Case{"90 d", std::nullopt},
                 Case{"90D", std::nullopt},
                 Case{"1h30m", std::nullopt},
                 Case{"forever", std::nullopt},
             }) {
            CAPTURE(c.text);
            CHECK(syntax::duration(c.text) == c.duration);
        }
    }

    TEST_CASE("a socket mode is three octal digits after a nought") {
        CHECK(syntax::mode("0660") == 0660U);
        CHECK(syntax::mode("0777") == 0777U);
        for (const std::string_view text : {"", "660", "00660", "0668", "1660", "0o66", "rw-r"}) {
            CAPTURE(text);
            CHECK_FALSE(syntax::mode(text));
        }
    }

    TEST_CASE("a unix socket has an absolute path that fits into its address") {
        const std::string prefix = "unix:/";
        const std::string longest(syntax::max_socket_path - 1, 'a');
        const auto socket = syntax::socket(prefix + longest);
        REQUIRE(socket.has_value());
        CHECK(socket->path == "/" + longest);
        CHECK(socket->path.size() == 107);
        CHECK_FALSE(syntax::socket(prefix + longest + "a"));
        for (const std::string_view text :
             {"",
              "unix:",
              "unix:kwit.sock",
              "/run/kwit.sock",
              "local:/run/kwit.sock",
              "unix:/a\nb"}) {
            CAPTURE(text);
            CHECK_FALSE(syntax::socket(text));
        }
    }

    TEST_CASE("an inet socket has a port and a host") {
        const auto socket = syntax::socket("inet:8893@127.0.0.1");
        REQUIRE(socket.has_value());
        CHECK(socket->host == "127.0.0.1");
        CHECK(socket->port == 8893);
        CHECK(syntax::socket("inet:1@localhost"));
        CHECK(syntax::socket("inet:65535@mail.example.com"));
        for (const std::string_view text :
             {"inet:0@localhost",
              "inet:65536@localhost",
              "inet:8893",
              "inet:8893@",
              "inet:@localhost",
              "inet:127.0.0.1:8893",
              "inet:88x@localhost",
              "inet:8893@a b"}) {
            CAPTURE(text);
            CHECK_FALSE(syntax::socket(text));
        }
    }

    TEST_CASE("loopback is this machine and nothing that only looks like it") {
        CHECK(syntax::is_loopback("127.0.0.1"));
        CHECK(syntax::is_loopback("127.1.2.3"));
        CHECK(syntax::is_loopback("LocalHost"));
        CHECK_FALSE(syntax::is_loopback("127.0.0.1.example.com"));
        CHECK_FALSE(syntax::is_loopback("128.0.0.1"));
        CHECK_FALSE(syntax::is_loopback("0.0.0.0"));
        CHECK_FALSE(syntax::is_loopback("localhost.example.com"));
    }

    TEST_CASE("a submission URL has host and port and nothing else") {
        for (const std::string_view text :
             {"smtp://127.0.0.1:10025", "smtp://localhost:25", "smtp://[::1]:10025"}) {
            CAPTURE(text);
            CHECK(syntax::is_smtp_url(text));
        }
        for (const std::string_view text :
             {"",
              "smtp://",
              "smtp://localhost",
              "smtp://localhost:0",
              "smtp://localhost:65536",
              "smtp://:25",
              "smtp://user@localhost:25",
              "smtp://localhost:25/",
              "smtp://::1:25",
              "smtp://[::g]:25",
              "smtps://localhost:465",
              "localhost:25"}) {
            CAPTURE(text);
            CHECK_FALSE(syntax::is_smtp_url(text));
        }
    }

    TEST_CASE("an authserv-id is a token") {
        CHECK(syntax::is_token("mx.example.com"));
        CHECK(syntax::is_token(std::string(255, 'a')));
        CHECK_FALSE(syntax::is_token(std::string(256, 'a')));
        for (const std::string_view text : {"", "a b", "a;b", "\"a\"", "a(b)", "ä"}) {
            CAPTURE(text);
            CHECK_FALSE(syntax::is_token(text));
        }
    }

    TEST_CASE("the base of tagged addresses is a plain local part that kwit does not use itself") {
        CHECK(syntax::is_local_base("faktury"));
        CHECK(syntax::is_local_base("a.b-c_d9"));
        CHECK(syntax::is_local_base(std::string(syntax::max_base, 'a')));
        CHECK_FALSE(syntax::is_local_base(std::string(syntax::max_base + 1, 'a')));
        for (const std::string_view text :
             {"", "Faktury", "a+b", ".a", "a.", "a..b", "a@b", "postmaster", "bounce", "fąktury"}) {
            CAPTURE(text);
            CHECK_FALSE(syntax::is_local_base(text));
        }
    }

    TEST_CASE("a mailbox is kept in one form") {
        struct Case {
            std::string_view text;
            std::optional<std::string> kept;
        };

        for (const Case& c : {
                 Case{"Biuro <noreply@in.example.com>", "Biuro <noreply@in.example.com>"},
                 Case{"\"Biuro, Example\" <a@example.com>", "Biuro, Example <a@example.com>"},
                 Case{" Büro  <a@EXAMPLE.com> ", "Büro <a@example.com>"},
                 Case{"a@example.com", "a@example.com"},
                 Case{"<a@example.com>", "a@example.com"},
                 Case{"Biuro", std::nullopt},
                 Case{"", std::nullopt},
                 Case{"Biuro <a@example.com", std::nullopt},
                 Case{"Biuro <a>", std::nullopt},
                 Case{"a@example.com, b@example.com", std::nullopt},
                 Case{"A <a@example.com>, B <b@example.com>", std::nullopt},
                 Case{"A\nB <a@example.com>", std::nullopt},
                 Case{"A \"B\" <a@example.com>", std::nullopt},
             }) {
            CAPTURE(c.text);
            CHECK(syntax::mailbox(c.text) == c.kept);
        }
    }

    TEST_CASE("the distance counts letters added, left out, changed and swapped") {
        CHECK(edit_distance("socket", "socket") == 0);
        CHECK(edit_distance("sokcet", "socket") == 1);
        CHECK(edit_distance("sockt", "socket") == 1);
        CHECK(edit_distance("soccet", "socket") == 1);
        CHECK(edit_distance("", "abc") == 3);
        CHECK(edit_distance("level", "sink") == 5);
    }

    TEST_CASE("the nearest word is at most a third of the letters away") {
        const std::vector<std::string> words = {"socket", "socket_mode", "user"};
        CHECK(nearest_word("sokcet", words) == "socket");
        CHECK(nearest_word("Socket_Mod", words) == "socket_mode");
        CHECK(nearest_word("sockxx", words) == "socket"); // two of six
        CHECK_FALSE(nearest_word("socxxx", words));       // three of six
        CHECK_FALSE(nearest_word("", words));
        CHECK_FALSE(nearest_word("x", {"y"}));
        CHECK_FALSE(nearest_word(std::string(100'000, 's'), words));
    }
}
