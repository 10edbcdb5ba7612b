#include "cli/doctor/checks.hh"
#include "cli/doctor/process.hh"
#include "cli/doctor/read.hh"
#include "core/config/config.hh"
#include "tests/unit/result.hh"

#include <algorithm>

namespace kwit::cli::doctor {

namespace {

Settings settings() {
    auto read = parse_settings(
        "[milter]\nsocket = \"unix:/var/spool/postfix/kwit/kwit.sock\"\n"
        "[trust]\nauthserv_ids = [\"mx.example.com\"]\n"
        "[[domain]]\nname = \"in.example.com\"\nbase = \"faktury\"\n",
        "kwit.toml"
    );
    REQUIRE_GOOD(read);
    return *std::move(read);
}

std::string names_of(const Findings& findings) {
    std::string names;
    for (const Finding& finding : findings)
        names += (names.empty() ? "" : " ") + finding.name;
    return names;
}

/// A Postfix on which nothing is wrong, to be broken by a test.
struct World {
    Settings ours = settings();
    Facts facts{.settings = ours};
    std::map<std::string, std::map<std::string, std::string>> tables{
        {"t:transport", {{"in.example.com", "kwit-missed:[127.0.0.1]:10026"}}},
        {"t:virtual", {{"postmaster@in.example.com", "boss@example.com"}}},
        {"t:recipients", {}}};
    bool strip = true;

    World() {
        facts.postfix.main = {
            {"queue_directory", "/var/spool/postfix"},
            {"smtpd_milters",
             "unix:/opendkim/opendkim.sock, { unix:/kwit/kwit.sock, "
             "{ default_action = tempfail } }"},
            {"milter_default_action", "accept"},
            {"milter_protocol", "6"},
            {"milter_end_of_data_macros", "i"},
            {"smtpd_forbid_bare_newline", "normalize"},
            {"header_checks", "t:header_checks"},
            {"cleanup_service_name", "cleanup"},
            {"relay_domains", "in.example.com"},
            {"transport_maps", "t:transport"},
            {"virtual_alias_maps", "t:virtual"},
            {"message_size_limit", "62914560"},
            {"in_flow_delay", "0"},
            {"enable_original_recipient", "yes"}};
        facts.postfix.services = {
            {.name = "smtp", .type = "inet", .chroot = true, .command = "smtpd"},
            {.name = "kwit-missed", .type = "unix", .chroot = true, .command = "smtp"},
            {.name = "127.0.0.1:10025",
             .type = "inet",
             .chroot = true,
             .command = "smtpd",
             .options = {{"smtpd_milters", ""}}},
            {.name = "127.0.0.1:10026",
             .type = "inet",
             .chroot = true,
             .command = "smtpd",
             .options = {
                 {"smtpd_milters", "{unix:/kwit/kwit.sock,default_action=tempfail}"},
                 {"milter_macro_daemon_name", "kwit-reentry"},
                 {"soft_bounce", "yes"},
                 {"receive_override_options", "no_header_body_checks"}}}};
        facts.postfix.owner = {.name = "postfix", .uid = 101, .groups = {102}};
        facts.postfix.way = {
            {.path = "/var/spool/postfix", .mode = 0755},
            {.path = "/var/spool/postfix/kwit", .mode = 02750, .uid = 103, .gid = 102},
            {.path = "/var/spool/postfix/kwit/kwit.sock", .mode = 0660, .uid = 103, .gid = 102}};
        facts.postfix.lookup = [this](const std::string& table, const std::string& key) {
            return look_up(table, key);
        };
    }

    std::optional<std::string> look_up(const std::string& table, const std::string& key) const {
        if (table == "t:header_checks")
            return strip ? std::optional<std::string>("IGNORE") : std::nullopt;
        const auto known = tables.find(table);
        if (known == tables.end()) return std::nullopt;
        const auto row = known->second.find(key);
        return row == known->second.end() ? std::nullopt : std::optional(row->second);
    }

    /// The names of what is found, with a blank between them.
    [[nodiscard]] std::string names() const { return names_of(examine(facts)); }

    [[nodiscard]] Finding only() const {
        const Findings found = examine(facts);
        REQUIRE(found.size() == 1);
        return found.front();
    }

    Service& service(const std::string& name) {
        const auto found = std::find_if(
            facts.postfix.services.begin(),
            facts.postfix.services.end(),
            [&](const Service& one) { return one.name == name; }
        );
        REQUIRE(found != facts.postfix.services.end());
        return *found;
    }
};

} // namespace

TEST_SUITE("cli/doctor") {
    TEST_CASE("a Postfix that is set as the example says has nothing wrong with it") {
        CHECK(World().names() == "");
    }

    TEST_CASE("a list of Postfix is split at commas and blanks, and braces keep together") {
        CHECK(elements("").empty());
        CHECK(
            elements(" a,b\tc { unix:/x, y={ z = 1 } },d") ==
            std::vector<std::string>{"a", "b", "c", "{ unix:/x, y={ z = 1 } }", "d"}
        );
        const auto milters =
            parse_milters("inet:a:1, { unix:/x, { default_action = tempfail },b=c }");
        REQUIRE(milters.size() == 2);
        CHECK(milters[0].endpoint == "inet:a:1");
        CHECK(milters[1].endpoint == "unix:/x");
        CHECK(milters[1].options == Values{{"default_action", "tempfail"}, {"b", "c"}});
    }

    TEST_CASE("a socket is where the service sees it: in its chroot, or on the machine") {
        const World world;
        Service service{.name = "smtp", .type = "inet", .chroot = true, .command = "smtpd"};
        const auto place = [&](const std::string& endpoint) {
            return place_of(parse_milters(endpoint).front(), service, world.facts.postfix);
        };
        CHECK(place("unix:/kwit/k") == "unix:/var/spool/postfix/kwit/k");
        CHECK(place("unix:kwit/k") == "unix:/var/spool/postfix/kwit/k");
        service.chroot = false;
        CHECK(place("unix:/kwit/k") == "unix:/kwit/k");
        CHECK(place("unix:kwit/k") == "unix:/var/spool/postfix/kwit/k");
        CHECK(place("inet:localhost:8893") == "inet:127.0.0.1:8893");
    }

    TEST_CASE("behind postscreen the listener is called pass, and kwit has to be there, too") {
        World world;
        world.facts.postfix.services.front() = {
            .name = "smtp", .type = "inet", .chroot = true, .command = "postscreen"};
        world.facts.postfix.services.push_back(
            {.name = "smtpd", .type = "pass", .chroot = true, .command = "smtpd"}
        );
        CHECK(world.names() == "");
        world.service("smtpd").options["smtpd_milters"] = "unix:/opendkim/opendkim.sock";
        const Finding finding = world.only();
        CHECK(finding.name == "kwit-not-in-milters");
        CHECK(
            finding.remedy == "postconf -P 'smtpd/pass/smtpd_milters=unix:/opendkim/opendkim.sock,"
                              "{unix:/kwit/kwit.sock,default_action=tempfail,command_timeout=60s,"
                              "content_timeout=300s}'"
        );
    }

    TEST_CASE("a listener on loopback that is not kwit's, such as a content filter's, is left alone"
    ) {
        World world;
        world.facts.postfix.services.push_back(
            {.name = "127.0.0.1:10030",
             .type = "inet",
             .command = "smtpd",
             .options =
                 {{"smtpd_milters", ""}, {"receive_override_options", "no_header_body_checks"}}}
        );
        CHECK(world.names() == "");
    }

    TEST_CASE("milters behind kwit are put before it by the remedy") {
        World world;
        world.facts.postfix.main["smtpd_milters"] =
            "{ unix:/kwit/kwit.sock, default_action=tempfail } unix:/opendkim/opendkim.sock";
        const Finding finding = world.only();
        CHECK(finding.name == "kwit-not-last-milter");
        CHECK(
            finding.remedy ==
            "postconf -e 'smtpd_milters = unix:/opendkim/opendkim.sock, { unix:/kwit/kwit.sock, "
            "default_action=tempfail, command_timeout=60s, content_timeout=300s }'"
        );
    }

    TEST_CASE("each way to the socket that Postfix may not go is named") {
        struct Case {
            const char* label;
            std::size_t step;
            mode_t mode;
            bool open;
        };

        for (const Case& c :
             {Case{"directory, group may search", 1, 02710, true},
              Case{"directory, group may only read", 1, 02740, false},
              Case{"socket, group may write", 2, 0620, true},
              Case{"socket, group may only read", 2, 0640, false},
              Case{"socket, everybody but the group", 2, 0606, false}}) {
            CAPTURE(c.label);
            World world;
            world.facts.postfix.way[c.step].mode = c.mode;
            CHECK(world.names() == (c.open ? "" : "socket-rights"));
        }
    }

    TEST_CASE("sizes are enough at the limit and not one byte below") {
        struct Case {
            const char* label;
            const char* parameter;
            std::uint64_t enough;
            const char* name;
        };

        // 50 MiB; 20 MiB in base64 with its line ends, and room for the notice
        for (const Case& c :
             {Case{"mail", "message_size_limit", 52428800, "message-size-limit"},
              Case{"forward", "", 28763452, "forward-size-limit"}}) {
            CAPTURE(c.label);
            World world;
            const bool whole = *c.parameter != '\0';
            auto& place =
                whole ? world.facts.postfix.main : world.service("127.0.0.1:10025").options;
            place["message_size_limit"] = std::to_string(c.enough);
            CHECK(world.names() == "");
            place["message_size_limit"] = std::to_string(c.enough - 1);
            CHECK(world.names() == c.name);
            place["message_size_limit"] = "0"; // no limit
            CHECK(world.names() == "");
        }
    }

    TEST_CASE("what mends one size does not break the other") {
        World world;
        world.ours.outbox.forward_max = world.ours.limits.message;
        world.facts.postfix.main["message_size_limit"] = "10240000";
        const Findings found = examine(world.facts);
        REQUIRE(names_of(found) == "message-size-limit forward-size-limit");
        CHECK(found[0].remedy == found[1].remedy);
        CHECK(found[0].remedy == "postconf -e 'message_size_limit = 71810248'");
    }

    TEST_CASE("a subdomain of a relay domain is taken, one of another class is not") {
        World world;
        world.facts.postfix.main["relay_domains"] = "example.net example.com";
        CHECK(world.names() == "");
        world.facts.postfix.main["mydestination"] = "example.com";
        world.facts.postfix.main["relay_domains"] = "example.net";
        CHECK(world.names() == "domain-not-taken");
    }

    TEST_CASE("who Postfix knows decides: all of the domain, and the bounces of our notices") {
        World world;
        world.facts.postfix.main["relay_recipient_maps"] = "t:recipients";
        CHECK(world.names() == "recipients-refused");
        world.tables["t:recipients"]["@in.example.com"] = "x";
        CHECK(world.names() == "");
        world.tables["t:recipients"] = {
            {"faktury@in.example.com", "x"}, {"aaaaaaaaaa-doctor@in.example.com", "x"}};
        CHECK(world.only().why.find("bounces of our notices are lost") != std::string::npos);
    }

    TEST_CASE("without ids that are believed, nothing has to be stripped") {
        World world;
        world.strip = false;
        CHECK(world.names() == "results-not-stripped");
        world.ours.trust.authserv_ids.clear();
        CHECK(world.names() == "");
    }

    TEST_CASE("copies that Postfix adds live when recipients are taken out one by one") {
        World world;
        world.facts.postfix.main["always_bcc"] = "copy@example.com";
        CHECK(world.names() == "copies-discarded");
        world.ours.milter.when_empty = MilterSettings::WhenEmpty::delrcpt;
        CHECK(world.names() == "");
    }

    TEST_CASE("room on the disk: an error below the limit, a warning near it") {
        const World world;
        const std::uint64_t least = world.ours.archive.min_free;

        struct Case {
            std::uint64_t free;
            const char* names;
        };

        for (const Case& c :
             {Case{least - 1, "disk-full"}, Case{least, "disk-nearly-full"}, Case{2 * least, ""}}) {
            CAPTURE(c.free);
            Facts facts = world.facts;
            facts.own.free = c.free;
            Findings found;
            about_ourselves(facts, found);
            std::erase_if(found, [](const Finding& one) { return one.name == "configuration"; });
            CHECK(names_of(found) == c.names);
        }
    }

    TEST_CASE("a flaw that mails can do without is an error to who asks") {
        World world;
        world.ours.flaws = {{Kind::misuse, "kwit.toml:3: domain.logo: it is away", "put it there"}};
        Findings found;
        about_ourselves(world.facts, found);
        std::erase_if(found, [](const Finding& one) { return one.name == "configuration"; });
        REQUIRE(names_of(found) == "configuration-flaw");
        CHECK(found.back().severity == Severity::error);
        CHECK(found.back().why == "kwit.toml:3: domain.logo: it is away");
        CHECK(found.back().remedy == "put it there");
    }

    TEST_CASE("what postconf says becomes services with their own settings") {
        const auto services = parse_services(
            "smtp       inet  n       -       y       -       -       smtpd\n"
            "old        unix  -       -       -       -       -       smtp -o a=b\n",
            "smtp/inet/smtpd_milters = { unix:/a/b = c }\nold/unix/x =\n",
            true
        );
        REQUIRE(services.size() == 2);
        CHECK(services[0].label() == "smtp/inet");
        CHECK(services[0].options == Values{{"smtpd_milters", "{ unix:/a/b = c }"}});
        CHECK(services[1].chroot);
        CHECK(services[1].command == "smtp");
        CHECK(services[1].options == Values{{"x", ""}});
        CHECK(parse_services("", "", false).empty());
    }

    TEST_CASE("a program is told by what it says, and one that does not end is ended") {
        const auto said = run_program({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
        REQUIRE_GOOD(said);
        CHECK(said->code == 3);
        CHECK(said->out == "out\n");
        CHECK(said->err == "err\n");
        const auto endless = run_program({"/bin/sleep", "60"}, std::chrono::milliseconds(50));
        REQUIRE_FALSE(endless.has_value());
        CHECK(endless.error().what == "/bin/sleep does not end");
        CHECK(run_program({"no-such-program"}).error().kind == Kind::misuse);
    }

    TEST_CASE("a program may say this much and not a byte more") {
        const auto say = [](std::size_t bytes) {
            return run_program({"/usr/bin/head", "-c", std::to_string(bytes), "/dev/zero"});
        };
        REQUIRE_GOOD(say(max_said));
        CHECK_FALSE(say(max_said + 1).has_value());
    }
}

} // namespace kwit::cli::doctor
