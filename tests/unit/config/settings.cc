// Every key but those of policies: what it may be, its bounds, and what is told beyond them.
#include "core/config/syntax.hh"
#include "tests/unit/config/parse.hh"
#include "tests/unit/temp_dir.hh"

#include <fmt/format.h>

#include <fstream>

using namespace kwit;
using namespace std::chrono_literals;
using test::good;
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

TEST_SUITE("config/settings") {

    TEST_CASE("a domain is enough, all else has its default") {
        const Settings settings = good("");
        CHECK(settings.milter.socket == "unix:/var/spool/postfix/kwit/kwit.sock");
        CHECK(settings.milter.socket_mode == 0660);
        CHECK(settings.milter.socket_group.empty());
        CHECK(settings.milter.user.empty());
        CHECK_FALSE(settings.milter.allow_remote);
        CHECK(settings.milter.when_empty == MilterSettings::WhenEmpty::discard);
        CHECK(settings.archive.path == "/var/lib/kwit");
        CHECK(settings.archive.min_free == 1ULL << 30);
        CHECK(settings.archive.keep_originals == 90 * 24h);
        CHECK(settings.archive.map_size == 64ULL << 30);
        CHECK(settings.outbox.submit == "smtp://127.0.0.1:10025");
        CHECK(settings.outbox.retry_for == 5 * 24h);
        CHECK(settings.outbox.forward_max == 20ULL << 20);
        CHECK(settings.inspector.program.empty());
        CHECK(settings.inspector.timeout == 5s);
        CHECK(settings.inspector.cpu == 2s);
        CHECK(settings.inspector.memory == 512ULL << 20);
        CHECK(settings.inspector.children == 4);
        CHECK(settings.texts.path.empty());
        CHECK(settings.log.sink == "stderr");
        CHECK(settings.log.level == LogSettings::Level::info);
        CHECK(settings.trust.authserv_ids.empty());
        CHECK(settings.trust.hops == 0);
        CHECK(settings.trust.arc_sealers.empty());
        CHECK(
            settings.trust.signed_headers ==
            std::vector<std::string>{"from", "subject", "date", "content-type"}
        );
        CHECK(settings.domains.front().alignment == Alignment::relaxed);
        CHECK(settings.limits.message == 50ULL << 20);
        CHECK(settings.limits.parts == 1000);
        CHECK(settings.limits.depth == 20);
        CHECK(settings.limits.documents == 100);
        CHECK(settings.limits.headers == 1000);
        CHECK(settings.limits.header_bytes == 256ULL << 10);
        CHECK(settings.limits.recipients == 100);
        CHECK(settings.limits.ends_at_once == 16);
        CHECK(settings.limits.min_memory == 64ULL << 20);
        CHECK(
            settings.limits.rates.address ==
            RateLimit{.mails_per_day = 500, .bytes_per_day = 2ULL << 30}
        );
        CHECK(settings.limits.rates.sender == RateLimit{});
        CHECK(settings.limits.rates.client == RateLimit{});
        REQUIRE(settings.domains.size() == 1);
        const DomainSettings& domain = settings.domains.front();
        CHECK(domain.name == "in.example.com");
        CHECK(domain.locale == "en");
        CHECK(domain.timezone == "UTC");
        CHECK(domain.from == "postmaster@in.example.com");
        CHECK(domain.reply_to.empty());
        CHECK(domain.base == "docs");
        CHECK(settings.policies.size() == 2);
    }

    TEST_CASE("what is written is what is set") {
        const test::TempDir dir;
        const std::string path = dir.path().string();
        const Settings settings = good(fmt::format(
            R"(
[milter]
socket = "inet:8893@mail.example.com"
socket_mode = "0600"
socket_group = "postfix"
user = "kwit"
allow_remote = true
when_empty = "delrcpt"
[archive]
path = "/srv/kwit"
min_free = "2GiB"
keep_originals = "forever"
map_size = 1073741824
[outbox]
submit = "sendmail:/bin/sh"
retry_for = "12h"
forward_max = "5MiB"
[inspector]
program = "/bin/sh"
timeout = "20s"
cpu = "7s"
memory = "1GiB"
children = 2
[texts]
path = "{}"
[log]
sink = "file:/var/log/kwit.log"
level = "debug"
[trust]
authserv_ids = ["MX.example.com", "mx2.example.com"]
hops = 2
arc_sealers = ["Lists.example.com", "büro.example"]
signed_headers = ["from", "to"]
[limits]
message = "10MiB"
parts = 10
depth = 5
documents = 7
headers = 50
header_bytes = "16KiB"
recipients = 3
ends_at_once = 2
min_memory = "128MiB"
[limits.address]
mails_per_hour = 10
mails_per_day = 0
bytes_per_hour = "20MiB"
bytes_per_day = "30MiB"
[limits.sender]
mails_per_day = 40
[limits.client]
bytes_per_day = "5GiB"
[[domain]]
name = "Büro.Example"
locale = "de"
timezone = "Europe/Vienna"
from = "Büro <buero@example.com>"
reply_to = "office@example.com"
base = "belege"
alignment = "strict"
)",
            path
        ));
        CHECK(settings.milter.socket == "inet:8893@mail.example.com");
        CHECK(settings.milter.socket_mode == 0600);
        CHECK(settings.milter.socket_group == "postfix");
        CHECK(settings.milter.user == "kwit");
        CHECK(settings.milter.allow_remote);
        CHECK(settings.milter.when_empty == MilterSettings::WhenEmpty::delrcpt);
        CHECK(settings.archive.path == "/srv/kwit");
        CHECK(settings.archive.min_free == 2ULL << 30);
        CHECK_FALSE(settings.archive.keep_originals.has_value());
        CHECK(settings.archive.map_size == 1ULL << 30);
        CHECK(settings.outbox.submit == "sendmail:/bin/sh");
        CHECK(settings.outbox.retry_for == 12h);
        CHECK(settings.outbox.forward_max == 5ULL << 20);
        CHECK(settings.inspector.program == "/bin/sh");
        CHECK(settings.inspector.timeout == 20s);
        CHECK(settings.inspector.cpu == 7s);
        CHECK(settings.inspector.memory == 1ULL << 30);
        CHECK(settings.inspector.children == 2);
        CHECK(settings.texts.path == path);
        CHECK(settings.log.sink == "file:/var/log/kwit.log");
        CHECK(settings.log.level == LogSettings::Level::debug);
        CHECK(
            settings.trust.authserv_ids ==
            std::vector<std::string>{"mx.example.com", "mx2.example.com"}
        );
        CHECK(settings.trust.hops == 2);
        CHECK(
            settings.trust.arc_sealers ==
            std::vector<std::string>{"lists.example.com", "xn--bro-hoa.example"}
        );
        CHECK(settings.trust.signed_headers == std::vector<std::string>{"from", "to"});
        CHECK(settings.limits.message == 10ULL << 20);
        CHECK(settings.limits.parts == 10);
        CHECK(settings.limits.depth == 5);
        CHECK(settings.limits.documents == 7);
        CHECK(settings.limits.headers == 50);
        CHECK(settings.limits.header_bytes == 16ULL << 10);
        CHECK(settings.limits.recipients == 3);
        CHECK(settings.limits.ends_at_once == 2);
        CHECK(settings.limits.min_memory == 128ULL << 20);
        const RateSettings& rates = settings.limits.rates;
        CHECK(rates.address == RateLimit{10, 0, 20ULL << 20, 30ULL << 20});
        CHECK(rates.sender == RateLimit{0, 40, 0, 0});
        CHECK(rates.client == RateLimit{0, 0, 0, 5ULL << 30});
        REQUIRE(settings.domains.size() == 2);
        const DomainSettings& domain = settings.domains.front();
        CHECK(domain.name == "xn--bro-hoa.example");
        CHECK(domain.locale == "de");
        CHECK(domain.timezone == "Europe/Vienna");
        CHECK(domain.from == "Büro <buero@example.com>");
        CHECK(domain.reply_to == "office@example.com");
        CHECK(domain.base == "belege");
        CHECK(domain.alignment == Alignment::strict);
        CHECK(settings.domain("xn--bro-hoa.example") == &settings.domains.front());
    }

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
                 Case{"inspector", "memory = \"64MiB\"", ""},
                 Case{
                     "inspector",
                     "memory = 67108863",
                     R"(a size of 64MiB to 64GiB, like "20MiB" or a number of bytes, found the number 67108863)"},
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

    TEST_CASE("[[domain]]: each key within its bounds, and beyond them what was expected") {
        struct DomainCase {
            std::string_view line;
            std::string_view told; ///< after "expected "
        };

        for (const DomainCase& c : {
                 DomainCase{"locale = \"pl\"", ""},
                 DomainCase{"locale = \"fr\"", "one of de, en, pl, found the text \"fr\""},
                 DomainCase{"timezone = \"Europe/Warsaw\"", ""},
                 DomainCase{
                     "timezone = \"Europe/Warszawa\"",
                     R"(a time zone of the IANA database like "Europe/Warsaw", found the text "Europe/Warszawa")"},
                 DomainCase{
                     "timezone = 1",
                     R"(a time zone of the IANA database like "Europe/Warsaw", found the number 1)"},
                 DomainCase{
                     "from = \"Biuro\"",
                     R"(a sender like "Office <office@example.com>", found the text "Biuro")"},
                 DomainCase{
                     "reply_to = \"biuro\"",
                     R"(an e-mail address like "office@example.com", found the text "biuro")"},
                 DomainCase{
                     "base = \"bounce\"",
                     "the local part of tagged addresses: at most 40 of a-z, 0-9, dot, hyphen and "
                     "underscore, neither postmaster nor bounce, found the text \"bounce\""},
             }) {
            CAPTURE(c.line);
            const std::string key(c.line.substr(0, c.line.find(' ')));
            const std::string told =
                mistakes(fmt::format("[[domain]]\nname = \"a.example\"\n{}", c.line));
            if (c.told.empty()) {
                CHECK(told.empty());
            } else {
                CHECK(told == fmt::format("kwit.toml:3: domain.{}: expected {}", key, c.told));
            }
        }
    }

    TEST_CASE("there is at least one domain, each with a name and none twice") {
        struct DomainCase {
            std::string_view toml;
            std::string_view told;
        };

        const std::string label(63, 'a');
        const std::string good_label = "[[domain]]\nname = \"" + label + ".example\"";
        const std::string long_label = "[[domain]]\nname = \"" + label + "a.example\"";
        const std::string told_label = fmt::format(
            "kwit.toml:2: domain.name: expected a domain name like \"in.example.com\", found the "
            "text "
            "\"{}...\"",
            std::string(60, 'a')
        );
        for (const DomainCase& c : {
                 DomainCase{good_label, ""},
                 DomainCase{long_label, told_label},
                 DomainCase{
                     "",
                     "kwit.toml:1: domain: expected at least one [[domain]] with a name, found "
                     "none"},
                 DomainCase{
                     "domain = []",
                     "kwit.toml:1: domain: expected at least one [[domain]] with a name, found an "
                     "empty list"},
                 DomainCase{
                     "\n[domain]\nname = \"a.example\"",
                     "kwit.toml:2: domain: expected at least one [[domain]] with a name, found a "
                     "table"},
                 DomainCase{
                     "domain = [\"a.example\"]",
                     "kwit.toml:1: domain: expected a table, [[domain]], found the text "
                     "\"a.example\""},
                 DomainCase{
                     "[[domain]]\nlocale = \"pl\"",
                     "kwit.toml:1: domain.name: expected a domain name like \"in.example.com\", "
                     "found "
                     "nothing"},
                 DomainCase{
                     "[[domain]]\nname = \"a b\"",
                     "kwit.toml:2: domain.name: expected a domain name like \"in.example.com\", "
                     "found "
                     "the text \"a b\""},
                 DomainCase{
                     "[[domain]]\nname = \"a.example\"\n[[domain]]\nname = "
                     "\"b.example\"\n[[domain]]\n"
                     "name = \"A.Example\"",
                     "kwit.toml:6: domain.name: expected each domain once, found a.example again"},
             }) {
            CAPTURE(c.toml);
            const auto settings = parse_settings(c.toml, "kwit.toml");
            CHECK(settings.has_value() == c.told.empty());
            if (!settings.has_value()) CHECK(settings.error().what == c.told);
        }
    }

    TEST_CASE("a file is read whole, and one that cannot be read says so") {
        const test::TempDir dir;
        const auto path = dir.path() / "kwit.toml";
        std::ofstream(path) << "[[domain]]\nname = \"in.example.com\"\nlocal = \"pl\"\n";
        const auto wrong = load_settings(path);
        REQUIRE_FALSE(wrong.has_value());
        CHECK(
            wrong.error().what ==
            path.string() + ":3: domain.local: unknown key; did you mean \"locale\"?"
        );
        std::ofstream(path) << "[[domain]]\nname = \"in.example.com\"\n";
        REQUIRE_GOOD(load_settings(path));
        const auto away = load_settings(dir.path() / "away.toml");
        REQUIRE_FALSE(away.has_value());
        CHECK(away.error().kind == Kind::misuse);
        CHECK(away.error().what.find("No such file or directory") != std::string::npos);
        CHECK(
            away.error().remedy == "name the configuration with --config FILE or in $KWIT_CONFIG"
        );
    }

    TEST_CASE("a file over a mebibyte is none of ours") {
        const test::TempDir dir;
        const auto path = dir.path() / "kwit.toml";
        std::string text = "[[domain]]\nname = \"in.example.com\"\n";
        text.resize(1U << 20, '\n');
        std::ofstream(path) << text;
        REQUIRE_GOOD(load_settings(path));
        std::ofstream(path) << text << '\n';
        CHECK_FALSE(load_settings(path).has_value());
    }
}
