// The keys of [milter] to [limits]: what each may be, its bounds, and what is told beyond them.
#include "core/config/syntax.hh"
#include "tests/unit/config/parse.hh"

#include <fmt/format.h>

using namespace kwit;
using test::mistakes;

namespace {

struct Case {
    std::string_view section;
    std::string_view line; ///< "key = value"
    std::string_view
        expected; ///< what the message says was expected and found; empty: the line is good
};

/// The line's key stands in the message with its section and the second line of the file.
void check(const Case& c) {
    CAPTURE(c.section);
    CAPTURE(c.line);
    const std::string key(c.line.substr(0, c.line.find(' ')));
    const std::string told = mistakes(fmt::format("[{}]\n{}", c.section, c.line));
    if (c.expected.empty()) {
        CHECK(told.empty());
    } else {
        CHECK(told == fmt::format("kwit.toml:2: {}.{}: expected {}", c.section, key, c.expected));
    }
}

} // namespace

TEST_SUITE("config/sections") {
    TEST_CASE("[milter]: each key within its bounds, and beyond them what was expected") {
        constexpr std::string_view socket_words =
            R"("unix:/PATH" with a path of at most 107 bytes, or "inet:PORT@HOST", found )";
        const std::string longest = "socket = \"unix:/" + std::string(106, 'a') + "\"";
        const std::string too_long = "socket = \"unix:/" + std::string(107, 'a') + "\"";
        const std::string told_long =
            fmt::format("{}the text \"unix:/{}...\"", socket_words, std::string(54, 'a'));
        for (const Case& c : {
                 Case{"milter", longest, ""},
                 Case{"milter", too_long, told_long},
                 Case{"milter", "socket = \"inet:8893@127.0.0.1\"", ""},
                 Case{
                     "milter",
                     "socket = \"inet:8893@mail.example.com\"",
                     "a host of this machine (127.0.0.1 or localhost), found \"mail.example.com\": "
                     "who "
                     "can connect can forge logins; set allow_remote = true if a firewall keeps "
                     "all "
                     "others out"},
                 Case{"milter", "socket_mode = \"0777\"", ""},
                 Case{
                     "milter",
                     "socket_mode = \"0778\"",
                     "an octal mode in quotes like \"0660\", found the text \"0778\""},
                 Case{
                     "milter",
                     "socket_mode = 660",
                     "an octal mode in quotes like \"0660\", found the number 660"},
                 Case{"milter", "socket_group = \"\"", "the name of a group, found the text \"\""},
                 Case{"milter", "user = [\"kwit\"]", "the name of a user, found a list"},
                 Case{"milter", "user = {}", "the name of a user, found a table"},
                 Case{"milter", "allow_remote = \"yes\"", "true or false, found the text \"yes\""},
                 Case{"milter", "when_empty = \"delrcpt\"", ""},
                 Case{
                     "milter",
                     "when_empty = \"discrad\"",
                     "one of discard, delrcpt, found the text \"discrad\"; did you mean "
                     "\"discard\"?"},
                 Case{"milter", "when_empty = true", "one of discard, delrcpt, found true"},
             })
            check(c);
        CHECK(
            mistakes("[milter]\nsocket = 8893") ==
            fmt::format("kwit.toml:2: milter.socket: expected {}the number 8893", socket_words)
        );
    }

    TEST_CASE("[archive]: each key within its bounds, and beyond them what was expected") {
        for (const Case& c : {
                 Case{"archive", "path = \"/srv/kwit\"", ""},
                 Case{"archive", "path = \"kwit\"", "an absolute path, found the text \"kwit\""},
                 Case{"archive", "path = 1.5", "an absolute path, found a number with a fraction"},
                 Case{"archive", "min_free = \"1MiB\"", ""},
                 Case{"archive", "min_free = 1048576", ""},
                 Case{
                     "archive",
                     "min_free = 1048575",
                     R"(a size of 1MiB to 1024TiB, like "20MiB" or a number of bytes, found the number 1048575)"},
                 Case{
                     "archive",
                     "min_free = \"1GB\"",
                     R"(a size of 1MiB to 1024TiB, like "20MiB" or a number of bytes, found the text "1GB")"},
                 Case{
                     "archive",
                     "min_free = -1",
                     R"(a size of 1MiB to 1024TiB, like "20MiB" or a number of bytes, found the number -1)"},
                 Case{"archive", "keep_originals = \"1s\"", ""},
                 Case{"archive", "keep_originals = \"36500d\"", ""},
                 Case{
                     "archive",
                     "keep_originals = \"0d\"",
                     R"(a duration like "90d", "12h", "30m" or "45s", at most 36500d, or "forever", found the text "0d")"},
                 Case{
                     "archive",
                     "keep_originals = 90",
                     R"(a duration like "90d", "12h", "30m" or "45s", at most 36500d, or "forever", found the number 90)"},
                 Case{"archive", "map_size = \"64TiB\"", ""},
                 Case{
                     "archive",
                     "map_size = \"65TiB\"",
                     R"(a size of 1MiB to 64TiB, like "20MiB" or a number of bytes, found the text "65TiB")"},
             })
            check(c);
    }

    TEST_CASE("[outbox], [inspector], [texts], [log] and [trust] likewise") {
        for (const Case& c : {
                 Case{"outbox", "submit = \"smtp://localhost:25\"", ""},
                 Case{"outbox", "submit = \"sendmail:/bin/sh\"", ""},
                 Case{
                     "outbox",
                     "submit = \"sendmail:/no/such/sendmail\"",
                     R"("smtp://HOST:PORT", or "sendmail:/PATH" of a program that exists, found the text "sendmail:/no/such/sendmail")"},
                 Case{
                     "outbox",
                     "submit = \"127.0.0.1:25\"",
                     R"("smtp://HOST:PORT", or "sendmail:/PATH" of a program that exists, found the text "127.0.0.1:25")"},
                 Case{
                     "outbox",
                     "retry_for = \"forever\"",
                     R"(a duration like "90d", "12h", "30m" or "45s", at most 36500d, found the text "forever")"},
                 Case{"outbox", "forward_max = \"1KiB\"", ""},
                 Case{"outbox", "forward_max = \"1GiB\"", ""},
                 Case{
                     "outbox",
                     "forward_max = 1023",
                     R"(a size of 1KiB to 1GiB, like "20MiB" or a number of bytes, found the number 1023)"},
                 Case{
                     "outbox",
                     "forward_max = 1073741825",
                     R"(a size of 1KiB to 1GiB, like "20MiB" or a number of bytes, found the number 1073741825)"},
                 Case{
                     "inspector",
                     "program = \"/no/such/inspector\"",
                     R"(the absolute path of a program that exists, found the text "/no/such/inspector")"},
                 Case{
                     "inspector",
                     "program = \"/\"",
                     R"(the absolute path of a program that exists, found the text "/")"},
                 Case{"inspector", "timeout = \"60s\"", ""},
                 Case{
                     "inspector",
                     "timeout = \"61s\"",
                     R"(a duration like "90d", "12h", "30m" or "45s", at most 60s, found the text "61s")"},
                 Case{"inspector", "timeout = \"1s\"", ""}, // cpu is no more then, either
                 Case{"inspector", "cpu = \"5s\"", ""},
                 Case{"inspector", "cpu = \"6s\"", "at most timeout, which is 5s, found 6s"},
                 Case{"inspector", "memory = \"96MiB\"", ""},
                 Case{
                     "inspector",
                     "memory = 100663295",
                     R"(a size of 96MiB to 64GiB, like "20MiB" or a number of bytes, found the number 100663295)"},
                 Case{"inspector", "children = 64", ""},
                 Case{"inspector", "children = 65", "a number from 1 to 64, found the number 65"},
                 Case{
                     "texts",
                     "path = \"/no/such/texts\"",
                     R"(the absolute path of a directory that exists, found the text "/no/such/texts")"},
                 Case{"log", "sink = \"syslog\"", ""},
                 Case{
                     "log",
                     "sink = \"file:kwit.log\"",
                     R"(stderr, syslog or file:PATH with an absolute path, found the text "file:kwit.log")"},
                 Case{
                     "log",
                     "sink = \"file:/var/log/\"",
                     R"(stderr, syslog or file:PATH with an absolute path, found the text "file:/var/log/")"},
                 Case{
                     "log",
                     "sink = \"journal\"",
                     R"(stderr, syslog or file:PATH with an absolute path, found the text "journal")"},
                 Case{"log", "level = \"error\"", ""},
                 Case{
                     "log",
                     "level = \"warn\"",
                     R"(one of debug, info, warning, error, found the text "warn")"},
                 Case{
                     "log",
                     "level = \"eror\"",
                     R"(one of debug, info, warning, error, found the text "eror"; did you mean "error"?)"},
                 Case{"trust", "authserv_ids = []", ""},
                 Case{
                     "trust",
                     "authserv_ids = \"mx.example.com\"",
                     R"(a list, each the name of an authentication service like "mx.example.com", found the text "mx.example.com")"},
                 Case{
                     "trust",
                     "authserv_ids = [\"a b\"]",
                     R"(the name of an authentication service like "mx.example.com", found the text "a b")"},
                 Case{
                     "trust",
                     "authserv_ids = [\"mx.example.com\", \"MX.example.com\"]",
                     R"(each only once, found the text "MX.example.com")"},
                 Case{"trust", "hops = 20", ""},
                 Case{"trust", "hops = 21", "a number from 0 to 20, found the number 21"},
                 Case{"trust", "hops = -1", "a number from 0 to 20, found the number -1"},
                 Case{"trust", "arc_sealers = []", ""},
                 Case{
                     "trust",
                     "arc_sealers = [\"co.uk\"]",
                     R"(the domain of an ARC sealer like "lists.example.com", found the text "co.uk")"},
                 Case{
                     "trust",
                     "arc_sealers = [\"a b\"]",
                     R"(the domain of an ARC sealer like "lists.example.com", found the text "a b")"},
                 Case{"trust", "signed_headers = [\"from\"]", ""},
                 Case{
                     "trust",
                     "signed_headers = [\"subject\"]",
                     R"("from" among them, found it missing)"},
                 Case{
                     "trust",
                     "signed_headers = [\"from\", \"sender\"]",
                     "one of from, subject, date, content-type, to, message-id, mime-version, "
                     R"(content-transfer-encoding, found the text "sender")"},
             })
            check(c);
    }

    TEST_CASE("[limits]: the edges are taken, one past them is not") {
        struct Bounds {
            std::string_view key;
            std::uint64_t least;
            std::uint64_t most;
            bool size;
        };

        for (const Bounds& b : {
                 Bounds{"message", 1024, 1ULL << 30, true},
                 Bounds{"parts", 1, 100'000, false},
                 Bounds{"depth", 1, 100, false},
                 Bounds{"documents", 1, 10'000, false},
                 Bounds{"members", 1, 100'000, false},
                 Bounds{"ratio", 1, 100'000, false},
                 Bounds{"headers", 10, 100'000, false},
                 Bounds{"header_bytes", 1024, 16ULL << 20, true},
                 Bounds{"recipients", 1, 10'000, false},
                 Bounds{"ends_at_once", 1, 1000, false},
                 Bounds{"min_memory", 1ULL << 20, 1ULL << 50, true},
             }) {
            const std::string expected =
                b.size ? fmt::format(
                             R"(a size of {} to {}, like "20MiB" or a number of bytes)",
                             syntax::size_text(b.least),
                             syntax::size_text(b.most)
                         )
                       : fmt::format("a number from {} to {}", b.least, b.most);
            for (const std::uint64_t value : {b.least, b.most})
                check({"limits", fmt::format("{} = {}", b.key, value), ""});
            for (const std::uint64_t value : {std::uint64_t{0}, b.least - 1, b.most + 1})
                check(
                    {"limits",
                     fmt::format("{} = {}", b.key, value),
                     fmt::format("{}, found the number {}", expected, value)}
                );
            check(
                {"limits",
                 fmt::format("{} = \"many\"", b.key),
                 fmt::format("{}, found the text \"many\"", expected)}
            );
        }
    }

    TEST_CASE("limits on use: 0 is none, and a limit of bytes has room for one mail") {
        for (const std::string_view section : {"limits.address", "limits.sender", "limits.client"})
            for (const std::string_view span : {"hour", "day"}) {
                for (const unsigned mails : {0U, 1U, 10'000'000U})
                    check({section, fmt::format("mails_per_{} = {}", span, mails), ""});
                check(
                    {section,
                     fmt::format("mails_per_{} = 10000001", span),
                     "a number from 0 to 10000000, found the number 10000001"}
                );
                for (const std::string_view size : {"0", "\"50MiB\"", "\"1024TiB\""})
                    check({section, fmt::format("bytes_per_{} = {}", span, size), ""});
                check(
                    {section,
                     fmt::format("bytes_per_{} = {}", span, (50ULL << 20) - 1),
                     "0 (no limit) or at least [limits] message: a mail of that size would be put "
                     "off for ever"}
                );
            }
        CHECK(
            mistakes("[limits.address]\nmails_per_week = 1\n").find("mails_per_week") !=
            std::string::npos
        );
    }
}
