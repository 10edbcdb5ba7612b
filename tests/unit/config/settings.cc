// A whole configuration: what is set when nothing is written, and when all is; files.
#include "tests/unit/config/parse.hh"
#include "tests/unit/temp_dir.hh"

#include <fmt/format.h>

#include <fstream>

using namespace kwit;
using namespace std::chrono_literals;
using test::good;

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
        CHECK(settings.inspector.memory == 128ULL << 20);
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
        CHECK(settings.limits.members == 1000);
        CHECK(settings.limits.unpacked == 200ULL << 20);
        CHECK(settings.limits.ratio == 100);
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
members = 70
unpacked = "3MiB"
ratio = 12
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
        CHECK(settings.limits.members == 70);
        CHECK(settings.limits.unpacked == 3ULL << 20);
        CHECK(settings.limits.ratio == 12);
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
